/** Opens what draws the frames: the mesh renderer, a neural one where it is asked for, a still picture where no face moves. */
import type { SessionPool } from '../model/session.ts';
import type { Machine } from '../restore/plan/machine.ts';
import type { Face } from './face/face.ts';
import type { FaceNetworks } from './face/networks.ts';
import { personMask } from './face/segmentation.ts';
import type { MotionTrack } from './motion/track.ts';
import type { Picture } from '../picture.ts';
import { openNeuralPortrait } from './neural/neural-portrait.ts';
import type { Lender } from './render/face-layer.ts';
import { openMeshPortrait } from './render/mesh-portrait.ts';
import type { Portrait } from './render/portrait.ts';
import type { AnimateRequest } from './request.ts';
import { stillPortrait } from './work-still.ts';

export interface OpenPortraitOptions {
  readonly photo: Picture;
  readonly faces: readonly Face[];
  readonly chosen: readonly Face[];
  readonly tracks: readonly MotionTrack[];
  readonly lenders: readonly Lender[];
  readonly request: AnimateRequest;
  readonly machine: Machine;
  readonly networks: FaceNetworks;
  readonly pool: SessionPool;
  readonly signal: AbortSignal;
}

/** Rejects as `openMeshPortrait` and `openNeuralPortrait` do. */
export async function openPortrait(options: OpenPortraitOptions): Promise<Portrait> {
  const { photo, faces, chosen, tracks, lenders, request, machine, networks, pool, signal } = options;
  const [first] = chosen;
  if (tracks.length === 0 || first === undefined) return stillPortrait(photo);
  const { seed } = request;
  if (request.backEnd === 'live-portrait') {
    return await openNeuralPortrait(photo, chosen, { pool, modelsDir: machine.modelsDir, seed, signal });
  }
  const { threads } = machine;
  return await openMeshPortrait(photo, chosen, {
    canonical: networks.canonical,
    seed,
    lenders,
    others: faces.filter((face) => !chosen.includes(face)),
    mask: (box) => personMask(photo, box, networks, { signal }),
    ...(threads !== undefined && { threads }),
  });
}
