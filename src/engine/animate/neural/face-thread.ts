/**
 * A thread that cuts faces out of the photograph, poses their meshes and puts painted faces back: a frame's pixels, and a rig
 * when it is built, would hold the main thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { cutCrop } from '../face/crop.ts';
import { meshPoints } from '../face/face.ts';
import { deform } from '../rig/deform.ts';
import { makeExpressions, type Expressions } from '../rig/expression.ts';
import { buildRig, type Rig } from '../rig/rig.ts';
import { openingsOf, readAction } from './face-action.ts';
import type { FaceAnswer, FaceRequest, FaceResults, FaceSetting, FaceTask, PosedFace } from './face-protocol.ts';
import { pasteBack } from './paste-back.ts';
import { seenSide } from './signature.ts';

const { photo, canonical, faces, crops } = workerData as FaceSetting;

interface Rigged {
  readonly rig: Rig;
  readonly expressions: Expressions;
}

const rigged = new Map<number, Rigged>();

function rigOf(index: number): Rigged {
  const known = rigged.get(index);
  if (known) return known;
  const rig = buildRig(canonical, faces[index]!, photo);
  const made = { rig, expressions: makeExpressions(canonical, rig.head) };
  rigged.set(index, made);
  return made;
}

/** Rows x columns x RGB to RGB x rows x columns. */
function planes(pixels: Float32Array): Float32Array<ArrayBuffer> {
  const area = pixels.length / 3;
  const out = new Float32Array(pixels.length);
  for (let i = 0; i < area; i += 1) for (let k = 0; k < 3; k += 1) out[k * area + i] = pixels[3 * i + k]!;
  return out;
}

function pose({ index, motion, head }: Extract<FaceTask, { kind: 'pose' }>): PosedFace {
  const { rig, expressions } = rigOf(index);
  const { displacements, gaze } = expressions.of(motion);
  const body = { head, loose: head, breath: motion.breath ?? 0 };
  return {
    action: readAction(rig.head, displacements, gaze),
    rest: openingsOf(rig.head),
    mesh: deform(rig, displacements, body, new Float64Array(rig.rest.length)).slice(0, 3 * meshPoints),
  };
}

function carryOut(task: FaceTask): FaceResults[keyof FaceResults] {
  if (task.kind === 'cut') return planes(cutCrop(photo, crops[task.index]!, seenSide));
  if (task.kind === 'pose') return pose(task);
  const data = new Uint8Array(photo.data.length);
  data.set(photo.data);
  for (const { index, painted } of task.faces) pasteBack({ ...photo, data }, crops[index]!, painted);
  return data;
}

parentPort!.on('message', ({ id, task }: FaceRequest) => {
  try {
    const result = carryOut(task);
    const { buffer } = 'mesh' in result ? result.mesh : result;
    parentPort!.postMessage({ id, result } satisfies FaceAnswer, [buffer]);
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parentPort!.postMessage({ id, fault } satisfies FaceAnswer);
  }
});
