/** A thread that cuts faces out of the photograph and puts painted ones back: a frame's pixels would hold the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { cutCrop } from '../face/crop.ts';
import { pasteBack } from './paste-back.ts';
import type { PasteAnswer, PasteRequest, PasteResults, PasteSetting, PasteTask } from './paste-protocol.ts';
import { seenSide } from './signature.ts';

const { photo, crops } = workerData as PasteSetting;

/** Rows x columns x RGB to RGB x rows x columns. */
function planes(pixels: Float32Array): Float32Array<ArrayBuffer> {
  const area = pixels.length / 3;
  const out = new Float32Array(pixels.length);
  for (let i = 0; i < area; i += 1) for (let k = 0; k < 3; k += 1) out[k * area + i] = pixels[3 * i + k]!;
  return out;
}

function carryOut(task: PasteTask): PasteResults[keyof PasteResults] {
  if (task.kind === 'cut') return planes(cutCrop(photo, crops[task.index]!, seenSide));
  const data = new Uint8Array(photo.data.length);
  data.set(photo.data);
  for (const { index, painted } of task.faces) pasteBack({ ...photo, data }, crops[index]!, painted);
  return data;
}

parentPort!.on('message', ({ id, task }: PasteRequest) => {
  try {
    const result = carryOut(task);
    parentPort!.postMessage({ id, result } satisfies PasteAnswer, [result.buffer]);
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    parentPort!.postMessage({ id, fault } satisfies PasteAnswer);
  }
});
