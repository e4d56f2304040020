/** The other side of `thread-calls.ts`: what a worker thread does with what it is asked. */
import { parentPort } from 'node:worker_threads';

import type { Calls, ResultOf, TaskOf, ThreadAnswer, ThreadCall } from './thread-calls.ts';

export interface Answered<Result> {
  readonly result: Result;
  /** Memory of the result that is handed over rather than copied. */
  readonly moved?: readonly ArrayBuffer[];
}

type Answers<C extends Calls<C>> = {
  readonly [Kind in keyof C]: (
    task: TaskOf<C, Kind>,
  ) => Answered<ResultOf<C, Kind>> | Promise<Answered<ResultOf<C, Kind>>>;
};

/** Answers all that is asked of this thread, in the order in which it was asked. What is thrown is told as a fault. */
export function answerCalls<C extends Calls<C>>(answers: Answers<C>): void {
  const port = parentPort;
  if (port === null) throw new Error('this module runs as a worker thread only');
  const carryOut = answers as Readonly<
    Record<string, (task: object) => Answered<unknown> | Promise<Answered<unknown>>>
  >;
  let queue: Promise<unknown> = Promise.resolve();
  port.on('message', ({ id, kind, task }: ThreadCall) => {
    queue = queue.then(async () => {
      try {
        const { result, moved = [] } = await carryOut[kind]!(task);
        port.postMessage({ id, result } satisfies ThreadAnswer, [...moved]);
      } catch (error) {
        const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
        port.postMessage({ id, fault } satisfies ThreadAnswer);
      }
    });
  });
}
