/** The thread that handles a portrait's pixels, as an object with promises. */
import { startThread } from '../../thread.ts';
import type {
  PaintedFace,
  PasteAnswer,
  PasteRequest,
  PasteResults,
  PasteSetting,
  PasteTask,
} from './paste-protocol.ts';

export interface PasteWorker {
  /** Crop `index` as the extractors see it: 3 x 256 x 256, RGB in 0..1. */
  cut(index: number): Promise<PasteResults['cut']>;
  /** The photograph with these faces over it, in order. The painted faces are given away. */
  paste(faces: readonly PaintedFace[]): Promise<PasteResults['paste']>;
  close(): Promise<void>;
}

/** Its promises reject with a plain Error, which is a fault of ours, when the thread fails or is closed. */
export function startPasteWorker(setting: PasteSetting): PasteWorker {
  const thread = startThread(new URL('./paste-thread.ts', import.meta.url), { workerData: setting });
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let next = 0;
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  thread.on('message', (answer: PasteAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('fault' in answer) asked?.reject(new Error(`pasting failed: ${answer.fault}`));
    else asked?.resolve(answer.result as never);
  });
  thread.on('error', fail);
  thread.on('exit', () => {
    fail(new Error('the portrait is closed'));
  });
  function run<Result>(task: PasteTask, transfer: ArrayBuffer[] = []): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      const id = next;
      next += 1;
      waiting.set(id, { resolve, reject });
      thread.postMessage({ id, task } satisfies PasteRequest, transfer);
    });
  }
  return {
    cut: (index) => run({ kind: 'cut', index }),
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
