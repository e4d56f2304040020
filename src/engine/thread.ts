/**
 * Starts a worker thread from one of our own modules, from `dist` (JavaScript) or from source (TypeScript, through tsx,
 * in development and tests).
 */
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** `module` is the thread's entry file, given as `new URL('./name.ts', import.meta.url)`; the build rewrites its ending. */
export function startThread(module: URL, options: WorkerOptions = {}): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(module.href.replace(/\.ts$/, '.js')), options);
  }
  // `--import tsx` does not reach the entry file of a worker on Node 20, so a line of JavaScript loads it through tsx.
  const [loader, entry] = [import.meta.resolve('tsx/esm/api'), module.href].map((url) => JSON.stringify(url));
  return new Worker(`import(${loader}).then(({ tsImport }) => tsImport(${entry}, ${entry}))`, {
    ...options,
    eval: true,
  });
}
