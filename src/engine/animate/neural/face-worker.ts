/** The thread that handles a portrait's faces, as an object with promises. */
import { startThread } from '../../thread.ts';
import type { HeadMotion, MotionFrame } from '../motion/track.ts';
import type { FaceAnswer, FaceRequest, FaceResults, FaceSetting, FaceTask, PaintedFace } from './face-protocol.ts';

export interface FaceWorker {
  /** Crop `index` as the extractors see it: 3 x 256 x 256, RGB in 0..1. */
  cut(index: number): Promise<FaceResults['cut']>;
  /** What face `index` is to do, its head moved by `head`. */
  pose(index: number, motion: MotionFrame, head: HeadMotion): Promise<FaceResults['pose']>;
  /** The photograph with these faces over it, in order. The painted faces are given away. */
  paste(faces: readonly PaintedFace[]): Promise<FaceResults['paste']>;
  close(): Promise<void>;
}

/** Its promises reject with a plain Error, which is a fault of ours, when the thread fails or is closed. */
export function startFaceWorker(setting: FaceSetting): FaceWorker {
  const thread = startThread(new URL('./face-thread.ts', import.meta.url), { workerData: setting });
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let next = 0;
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  thread.on('message', (answer: FaceAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('fault' in answer) asked?.reject(new Error(`the faces' thread failed: ${answer.fault}`));
    else asked?.resolve(answer.result as never);
  });
  thread.on('error', fail);
  thread.on('exit', () => {
    fail(new Error('the portrait is closed'));
  });
  function run<Result>(task: FaceTask, transfer: ArrayBuffer[] = []): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      const id = next;
      next += 1;
      waiting.set(id, { resolve, reject });
      thread.postMessage({ id, task } satisfies FaceRequest, transfer);
    });
  }
  return {
    cut: (index) => run({ kind: 'cut', index }),
    pose: (index, motion, head) => run({ kind: 'pose', index, motion, head }),
    paste: (faces) =>
      run(
        { kind: 'paste', faces },
        faces.map(({ painted }) => painted.buffer as ArrayBuffer),
      ),
    async close() {
      await thread.terminate();
    },
  };
}
