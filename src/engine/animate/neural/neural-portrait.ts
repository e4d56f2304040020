/**
 * The neural back end: LivePortrait paints each face anew and it is put back into the photograph. Experimental: tested with
 * stand-in networks of the same inputs and outputs, never with the published weights (`docs/neural-back-end.md`). Nothing
 * chooses it by itself.
 */
import { LumiereError } from '../../errors.ts';
import type { SessionPool, Tensor } from '../../model/session.ts';
import { type CalledThread, callThread } from '../../thread-calls.ts';
import { loadCanonicalFace } from '../face/canonical.ts';
import type { Crop } from '../face/crop.ts';
import type { Face } from '../face/face.ts';
import { headAtRest, type MotionFrame } from '../motion/track.ts';
import type { Picture } from '../../picture.ts';
import { headRise } from '../motion/head-on-neck.ts';
import { sharedPicture } from '../shared-bytes.ts';
import type { MotionLimit } from '../motion/motion-limit.ts';
import type { Portrait, PortraitOptions, RenderedFrame } from '../render/portrait.ts';
import { alignToFfhq } from './alignment.ts';
import { expressionChange } from './expression-map.ts';
import type { FaceCalls, FaceSetting } from './face-calls.ts';
import { openLivePortrait, type LivePortraitNetworks } from './live-portrait-networks.ts';
import { motionPoints, moveHead, type MotionInfo } from './motion-points.ts';

export interface NeuralPortraitOptions extends Pick<PortraitOptions, 'seed'> {
  readonly pool: SessionPool;
  /** The weights cache. */
  readonly modelsDir: string;
  readonly signal?: AbortSignal;
}

/** Openings that differ by less are the same: the retargeters are not asked. */
const sameOpening = 0.005;

/** A face of the photograph, read once. */
interface NeuralFace {
  readonly index: number;
  readonly crop: Crop;
  /** Pixels a centimetre. */
  readonly scale: number;
  readonly features: Tensor;
  readonly info: MotionInfo;
  /** The photograph's own points. */
  readonly still: Float32Array;
}

interface MovedFace {
  readonly painted: Float32Array;
  readonly mesh: Float64Array;
  readonly limits: readonly MotionLimit[];
}

function sum(...all: readonly Float32Array[]): Float32Array {
  return all[0]!.map((_, index) => all.reduce((total, values) => total + values[index]!, 0));
}

interface Means {
  readonly networks: LivePortraitNetworks;
  readonly worker: CalledThread<FaceCalls>;
}

async function moveFace(
  { index, crop, scale, features, info, still }: NeuralFace,
  { networks, worker }: Means,
  motion: MotionFrame,
  signal: AbortSignal | undefined,
): Promise<MovedFace> {
  const wanted = motion.head ?? headAtRest;
  const lift = headRise * (motion.breath ?? 0);
  const lifted = { ...wanted, y: wanted.y - lift };
  const turned = moveHead(info, lifted, { unit: crop.size / 2, scale, angle: crop.angle });
  const { action, rest, mesh } = await worker.call('pose', {
    index,
    motion,
    head: { ...turned.head, y: turned.head.y + lift },
  });
  const expression = sum(info.expression, expressionChange(action, rest, networks.retargets));
  const changes: Float32Array[] = [];
  if (networks.retargets) {
    const eyes = (action.eyes[0] + action.eyes[1]) / 2;
    if (Math.abs(eyes - (rest.eyes[0] + rest.eyes[1]) / 2) > sameOpening) {
      changes.push(await networks.retargetEyes(still, rest.eyes, eyes, signal));
    }
    if (Math.abs(action.lips - rest.lips) > sameOpening) {
      changes.push(await networks.retargetLips(still, rest.lips, action.lips, signal));
    }
  }
  const moved = sum(motionPoints({ ...turned.info, expression }), ...changes);
  const stitched = await networks.stitch(moved, still, signal);
  return { painted: await networks.paint(features, stitched, still, signal), mesh, limits: turned.limits };
}

/**
 * Reads the faces with the operator's networks. At rest (`undefined`) a face keeps the photograph's pixels; any motion, even
 * none, has it painted. `seed` changes nothing: the networks draw nothing by chance. `folds` is 0 and `stretch` 1: nothing is
 * stretched. Rejects with LumiereError `model.not-installed` or `model.hash-unknown` where the networks are not installed,
 * `model.signature` for files that are other networks, and what `SessionPool.open` rejects with; both this and `render` with `job.cancelled`.
 */
export async function openNeuralPortrait(
  photo: Picture,
  faces: readonly Face[],
  { pool, modelsDir, signal }: NeuralPortraitOptions,
): Promise<Portrait> {
  const checkCancelled = (): void => {
    if (signal?.aborted === true) throw new LumiereError('job.cancelled');
  };
  const canonical = await loadCanonicalFace(modelsDir);
  const crops = faces.map(({ points }) => alignToFfhq(points));
  const shared = sharedPicture(photo);
  checkCancelled();
  const networks = await openLivePortrait(pool, modelsDir);
  let worker: CalledThread<FaceCalls> | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([worker?.close(), networks.close()]);
  };
  try {
    worker = callThread<FaceCalls>(new URL('./face-thread.ts', import.meta.url), {
      name: 'the faces of a portrait',
      workerData: { photo: shared, canonical, faces, crops } satisfies FaceSetting,
    });
    const read: NeuralFace[] = [];
    for (const [index, face] of faces.entries()) {
      checkCancelled();
      const seen = await worker.call('cut', { index });
      const info = await networks.readMotion(seen, signal);
      read.push({
        index,
        crop: crops[index]!,
        scale: face.pose.scale,
        features: await networks.readFeatures(seen, signal),
        info,
        still: motionPoints(info),
      });
    }
    return portraitOf(photo, faces, read, { networks, worker }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function portraitOf(
  photo: Picture,
  faces: readonly Face[],
  read: readonly NeuralFace[],
  means: Means,
  close: () => Promise<void>,
): Portrait {
  const checkCancelled = (signal: AbortSignal | undefined): void => {
    if (signal?.aborted === true) throw new LumiereError('job.cancelled');
  };
  return {
    photo,
    faces,
    // One frame is painted while another is put back.
    parallel: 2,
    async render(motions, signal): Promise<RenderedFrame> {
      checkCancelled(signal);
      const moved: (MovedFace | undefined)[] = [];
      for (const [index, face] of read.entries()) {
        const motion = motions[index];
        moved.push(motion === undefined ? undefined : await moveFace(face, means, motion, signal));
      }
      const painted = moved.flatMap((face, index) => (face ? [{ index, painted: face.painted }] : []));
      const data = await means.worker.call(
        'paste',
        { faces: painted },
        painted.map((one) => one.painted.buffer as ArrayBuffer),
      );
      checkCancelled(signal);
      return {
        picture: { ...photo, data },
        meshes: moved.map((face, index) => face?.mesh ?? faces[index]!.points),
        limits: moved.flatMap((face) => face?.limits ?? []),
        folds: 0,
        stretch: 1,
      };
    },
    close,
  };
}
