/** One drawing thread as an object with promises. */
import { startThread } from '../../thread.ts';
import type { RenderAnswer, RenderRequest, RenderResult, RenderTask } from './render-protocol.ts';

export interface RenderWorker {
  /** Tasks that have not been answered. */
  readonly pending: number;
  /** Rejects with a plain Error, which is a fault of ours, when the thread fails or is closed. */
  run<Kind extends RenderTask['kind']>(
    task: Extract<RenderTask, { kind: Kind }>,
    /** Handed over rather than copied. */
    moved?: readonly ArrayBuffer[],
  ): Promise<Extract<RenderResult, { kind: Kind }>>;
  close(): Promise<void>;
}

export function startRenderWorker(): RenderWorker {
  const thread = startThread(new URL('./render-thread.ts', import.meta.url));
  const waiting = new Map<number, { resolve: (result: RenderResult) => void; reject: (error: Error) => void }>();
  let next = 0;
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  thread.on('message', (answer: RenderAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('fault' in answer) asked?.reject(new Error(`drawing failed: ${answer.fault}`));
    else asked?.resolve(answer.result);
  });
  thread.on('error', fail);
  thread.on('exit', (code) => {
    fail(new Error(`the drawing thread ended with ${code}`));
  });
  return {
    get pending() {
      return waiting.size;
    },
    run: (task, moved = []) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        const id = next++;
        waiting.set(id, { resolve: resolve as (result: RenderResult) => void, reject });
        thread.postMessage({ id, task } satisfies RenderRequest, [...moved]);
      }),
    async close() {
      await thread.terminate();
    },
  };
}
