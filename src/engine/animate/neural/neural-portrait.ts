/**
 * The neural back end: LivePortrait paints each face anew and it is put back into the photograph. Experimental: tested with
 * stand-in networks of the same inputs and outputs, never with the published weights (`docs/neural-back-end.md`). Nothing
 * chooses it by itself.
 */
import { LumiereError } from '../../errors.ts';
import type { SessionPool, Tensor } from '../../model/session.ts';
import { loadCanonicalFace } from '../face/canonical.ts';
import type { Crop } from '../face/crop.ts';
import { meshPoints, type Face } from '../face/face.ts';
import { headAtRest, type MotionFrame } from '../motion/track.ts';
import type { Picture } from '../picture.ts';
import type { MotionLimit, Portrait, PortraitOptions, RenderedFrame } from '../render/portrait.ts';
import { deform } from '../rig/deform.ts';
import { makeExpressions, type Expressions } from '../rig/expression.ts';
import { buildRig, type Rig } from '../rig/rig.ts';
import { alignToFfhq } from './alignment.ts';
import { expressionChange } from './expression-map.ts';
import { openingsOf, readAction, type FaceAction } from './face-action.ts';
import { openLivePortrait, type LivePortraitNetworks } from './live-portrait-networks.ts';
import { motionPoints, moveHead, type MotionInfo } from './motion-points.ts';
import { startPasteWorker, type PasteWorker } from './paste-worker.ts';

export interface NeuralPortraitOptions extends Pick<PortraitOptions, 'seed'> {
  readonly pool: SessionPool;
  /** The weights cache. */
  readonly modelsDir: string;
}

/** Share of the chest's rise that the head takes part in, as in the mesh renderer. */
const headRise = 0.75;
/** Openings that differ by less are the same: the retargeters are not asked. */
const sameOpening = 0.005;

/** A face of the photograph, read once. */
interface NeuralFace {
  readonly crop: Crop;
  readonly rig: Rig;
  readonly expressions: Expressions;
  readonly rest: Pick<FaceAction, 'eyes' | 'lips'>;
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

async function moveFace(
  face: NeuralFace,
  networks: LivePortraitNetworks,
  motion: MotionFrame,
  signal: AbortSignal | undefined,
): Promise<MovedFace> {
  const { crop, rig, expressions, rest, features, info, still } = face;
  const { displacements, gaze } = expressions.of(motion);
  const action = readAction(rig.head, displacements, gaze);
  const breath = motion.breath ?? 0;
  const wanted = motion.head ?? headAtRest;
  const turned = moveHead(
    { ...info, expression: sum(info.expression, expressionChange(action, rest, networks.retargets)) },
    { ...wanted, y: wanted.y - headRise * breath },
    { unit: crop.size / 2, scale: rig.pose.scale, angle: crop.angle },
  );
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
  const stitched = await networks.stitch(sum(motionPoints(turned.info), ...changes), still, signal);
  const painted = await networks.paint(features, stitched, still, signal);
  const head = { ...turned.head, y: wanted.y };
  const mesh = deform(rig, displacements, { head, loose: head, breath }, new Float64Array(rig.rest.length));
  return { painted, mesh: mesh.slice(0, 3 * meshPoints), limits: turned.limits };
}

/**
 * Reads the faces with the operator's networks. At rest (`undefined`) a face keeps the photograph's pixels; any motion, even
 * none, has it painted. `seed` changes nothing: the networks draw nothing by chance. `folds` is 0 and `stretch` 1: nothing is
 * stretched. Rejects with LumiereError `model.not-installed` or `model.hash-unknown` where the networks are not installed,
 * `model.signature` for files that are other networks, and what `SessionPool.open` rejects with; `render` with `job.cancelled`.
 */
export async function openNeuralPortrait(
  photo: Picture,
  faces: readonly Face[],
  { pool, modelsDir }: NeuralPortraitOptions,
): Promise<Portrait> {
  const networks = await openLivePortrait(pool, modelsDir);
  const shared: Picture = { ...photo, data: new Uint8Array(new SharedArrayBuffer(photo.data.length)) };
  shared.data.set(photo.data);
  const crops = faces.map(({ points }) => alignToFfhq(points));
  const worker = startPasteWorker({ photo: shared, crops });
  const close = async (): Promise<void> => {
    await Promise.all([worker.close(), networks.close()]);
  };
  try {
    const canonical = await loadCanonicalFace(modelsDir);
    const read: NeuralFace[] = [];
    for (const [index, face] of faces.entries()) {
      const seen = await worker.cut(index);
      const info = await networks.readMotion(seen);
      const rig = buildRig(canonical, face, photo);
      read.push({
        crop: crops[index]!,
        rig,
        expressions: makeExpressions(canonical, rig.head),
        rest: openingsOf(rig.head),
        features: await networks.readFeatures(seen),
        info,
        still: motionPoints(info),
      });
    }
    return portraitOf(photo, faces, read, networks, worker, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function portraitOf(
  photo: Picture,
  faces: readonly Face[],
  read: readonly NeuralFace[],
  networks: LivePortraitNetworks,
  worker: PasteWorker,
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
        moved.push(motion === undefined ? undefined : await moveFace(face, networks, motion, signal));
      }
      const painted = moved.flatMap((face, index) => (face ? [{ index, painted: face.painted }] : []));
      const data = await worker.paste(painted);
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
