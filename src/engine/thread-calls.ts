/**
 * Calls to a worker thread of our own, as promises: this side asks, `thread-answers.ts` in the thread answers. The thread keeps
 * the process alive only while something is asked of it.
 */
import { startThread } from './thread.ts';

/** For each kind of task that a thread takes: what it is given, and what it gives back. */
export type Calls<C> = { readonly [Kind in keyof C]: { readonly task: object; readonly result: unknown } };

export type TaskOf<C extends Calls<C>, Kind extends keyof C> = C[Kind]['task'];
export type ResultOf<C extends Calls<C>, Kind extends keyof C> = C[Kind]['result'];

export interface ThreadCall {
  readonly id: number;
  readonly kind: string;
  readonly task: object;
}

export type ThreadAnswer =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly fault: string };

export interface CalledThread<C extends Calls<C>> {
  /** Calls that have not been answered. */
  readonly pending: number;
  /**
   * The thread carries calls out one after another. Rejects with a plain Error, which is a fault of ours, when it cannot, or
   * with what the thread was closed with.
   * @param moved memory of the task that is handed over rather than copied.
   */
  call<Kind extends keyof C & string>(
    kind: Kind,
    task: TaskOf<C, Kind>,
    moved?: readonly ArrayBuffer[],
  ): Promise<ResultOf<C, Kind>>;
  /** Ends the thread at once; calls that have not been answered reject with `reason`. */
  close(reason?: Error): Promise<void>;
}

/**
 * @param module as `startThread` takes it.
 * @param name of what the thread does, for reports of faults.
 */
export function callThread<C extends Calls<C>>(
  module: URL,
  { name, workerData }: { readonly name: string; readonly workerData?: unknown },
): CalledThread<C> {
  const thread = startThread(module, { workerData });
  thread.unref();
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let last = 0;
  // A thread that died answers nothing any more: what is asked of it later must fail, too.
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  thread.on('message', (answer: ThreadAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) thread.unref();
    if ('fault' in answer) asked?.reject(new Error(`${name} failed: ${answer.fault}`));
    else asked?.resolve(answer.result as never);
  });
  thread.on('error', fail);
  thread.on('exit', (code) => {
    fail(new Error(`the thread of ${name} ended with ${code}`));
  });
  return {
    get pending() {
      return waiting.size;
    },
    call: (kind, task, moved = []) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          reject(failure);
          return;
        }
        last += 1;
        waiting.set(last, { resolve, reject });
        thread.ref();
        thread.postMessage({ id: last, kind, task } satisfies ThreadCall, [...moved]);
      }),
    close: async (reason = new Error(`the thread of ${name} is closed`)) => {
      fail(reason);
      await thread.terminate();
    },
  };
}
