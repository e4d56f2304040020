/**
 * A thread that cuts faces out of the photograph, poses their meshes and puts painted faces back: a frame's pixels, and a rig
 * when it is built, would hold the main thread.
 */
import { workerData } from 'node:worker_threads';

import { answerCalls } from '../../thread-answers.ts';
import { cutCrop } from '../face/crop.ts';
import { meshPoints } from '../face/face.ts';
import { deform } from '../rig/deform.ts';
import { makeExpressions, type Expressions } from '../rig/expression.ts';
import { buildRig, type Rig } from '../rig/rig.ts';
import { openingsOf, readAction } from './face-action.ts';
import type { FaceCalls, FaceSetting, PosedFace } from './face-calls.ts';
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

function pose({ index, motion, head }: FaceCalls['pose']['task']): PosedFace {
  const { rig, expressions } = rigOf(index);
  const { displacements, gaze } = expressions.of(motion);
  const body = { head, loose: head, breath: motion.breath ?? 0 };
  return {
    action: readAction(rig.head, displacements, gaze),
    rest: openingsOf(rig.head),
    mesh: deform(rig, displacements, body, new Float64Array(rig.rest.length)).slice(0, 3 * meshPoints),
  };
}

function paste({ faces: painted }: FaceCalls['paste']['task']): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(photo.data.length);
  data.set(photo.data);
  for (const one of painted) pasteBack({ ...photo, data }, crops[one.index]!, one.painted);
  return data;
}

answerCalls<FaceCalls>({
  cut: ({ index }) => {
    const result = planes(cutCrop(photo, crops[index]!, seenSide));
    return { result, moved: [result.buffer] };
  },
  pose: (task) => {
    const result = pose(task);
    return { result, moved: [result.mesh.buffer] };
  },
  paste: (task) => {
    const result = paste(task);
    return { result, moved: [result.buffer] };
  },
});
