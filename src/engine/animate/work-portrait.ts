/** Opens what draws the frames: the mesh renderer, or a still picture where no face moves. */
import type { Machine } from '../restore/plan/machine.ts';
import type { Face } from './face/face.ts';
import type { FaceNetworks } from './face/networks.ts';
import { personMask } from './face/segmentation.ts';
import type { MotionTrack } from './motion/track.ts';
import type { Picture } from './picture.ts';
import { openMeshPortrait } from './render/mesh-portrait.ts';
import type { Portrait } from './render/portrait.ts';
import type { AnimateRequest } from './request.ts';
import { stillPortrait } from './work-still.ts';

export interface OpenPortraitOptions {
  readonly photo: Picture;
  readonly faces: readonly Face[];
  readonly chosen: readonly Face[];
  readonly tracks: readonly MotionTrack[];
  readonly request: AnimateRequest;
  readonly machine: Machine;
  readonly networks: FaceNetworks;
  readonly signal: AbortSignal;
}

/** Rejects as `openMeshPortrait` does. */
export async function openPortrait(options: OpenPortraitOptions): Promise<Portrait> {
  const { photo, faces, chosen, tracks, request, machine, networks, signal } = options;
  if (tracks.length === 0) return stillPortrait(photo);
  const { threads } = machine;
  return await openMeshPortrait(photo, chosen, {
    canonical: networks.canonical,
    seed: request.seed,
    others: faces.filter((face) => !chosen.includes(face)),
    mask: (box) => personMask(photo, box, networks, { signal }),
    ...(threads !== undefined && { threads }),
  });
}
