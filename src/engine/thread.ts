/**
 * Starts a worker thread from one of our own modules, from `dist` (JavaScript) or from source (TypeScript, through tsx,
 * in development and tests). What asks a thread again and again stands in `thread-calls.ts`.
 */
import { existsSync } from 'node:fs';
import { Worker, type WorkerOptions } from 'node:worker_threads';

import { LumiereError } from './errors.ts';

/** `module` is the thread's entry file, given as `new URL('./name.ts', import.meta.url)`; what was built of it is taken where it is. */
export function startThread(module: URL, options: WorkerOptions = {}): Worker {
  const built = new URL(module.href.replace(/\.ts$/, '.js'));
  if (existsSync(built)) return new Worker(built, options);
  // `--import tsx` does not reach the entry file of a worker on Node 20, so a line of JavaScript loads it through tsx.
  const [loader, entry] = [import.meta.resolve('tsx/esm/api'), module.href].map((url) => JSON.stringify(url));
  return new Worker(`import(${loader}).then(({ tsImport }) => tsImport(${entry}, ${entry}))`, {
    ...options,
    eval: true,
  });
}

export interface ThreadRun<Message, Answer> {
  /** What the thread does, for reports of faults. */
  readonly name: string;
  readonly workerData: object;
  readonly signal?: AbortSignal | undefined;
  /** The answer in a message of the thread, or undefined where it says something else. What it throws ends the run. */
  readonly answerIn: (message: Message) => Answer | undefined;
}

/**
 * Runs a thread until it has answered. Rejects with what the thread threw, with a plain Error when it ends without an answer,
 * and at once with `job.cancelled`, which ends the thread.
 * @param module as `startThread` takes it.
 */
export async function runThread<Message, Answer>(
  module: URL,
  { name, workerData, signal, answerIn }: ThreadRun<Message, Answer>,
): Promise<Answer> {
  if (signal?.aborted === true) throw new LumiereError('job.cancelled');
  const thread = startThread(module, { workerData });
  let cancel: () => void = () => undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      cancel = () => {
        reject(new LumiereError('job.cancelled'));
      };
      signal?.addEventListener('abort', cancel, { once: true });
      thread.on('message', (message: Message) => {
        try {
          const answer = answerIn(message);
          if (answer !== undefined) resolve(answer);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      thread.on('error', reject);
      thread.on('exit', (code) => {
        reject(new Error(`the thread of ${name} ended with ${code} and no answer`));
      });
    });
  } finally {
    signal?.removeEventListener('abort', cancel);
    await thread.terminate();
  }
}
