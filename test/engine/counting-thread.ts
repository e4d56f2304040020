/** A thread that thread.test.ts runs: it counts up, one message a number, and ends as it is told. */
import { parentPort, workerData } from 'node:worker_threads';

export interface CountingWork {
  readonly to: number;
  readonly end: 'answer' | 'throw' | 'exit' | 'stay';
}

export type Counted = { readonly count: number } | { readonly sum: number };

const { to, end } = workerData as CountingWork;
const tell = (message: Counted): void => {
  parentPort!.postMessage(message);
};

let sum = 0;
for (let count = 1; count <= to; count += 1) {
  sum += count;
  tell({ count });
}
if (end === 'answer') tell({ sum });
if (end === 'throw') throw new Error('lost count');
if (end === 'stay') parentPort!.on('message', () => undefined);
