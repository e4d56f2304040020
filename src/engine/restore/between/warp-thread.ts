/** Worker thread that packs and warps bands of rows; all its memory is shared, so nothing is copied to or from it. */
import { parentPort } from 'node:worker_threads';
import { packRows, type PackedPicture, warpRows, type WarpJob } from './warp-kernel.ts';

/** Work on rows `from` up to `to`. Every typed array lies in shared memory. */
export type WarpTask = { readonly id: number; readonly from: number; readonly to: number } & (
  | { readonly kind: 'pack'; readonly bytes: Uint8Array; readonly packed: PackedPicture; readonly width: number }
  | { readonly kind: 'warp'; readonly job: WarpJob; readonly out: Uint8Array }
);

export interface WarpDone {
  readonly id: number;
  /** Milliseconds spent on the rows. */
  readonly ms: number;
}

const port = parentPort;
if (port === null) throw new Error('warp-thread runs as a worker thread only');

port.on('message', (task: WarpTask) => {
  const began = performance.now();
  if (task.kind === 'pack') packRows(task.bytes, task.packed, task.width, task.from, task.to);
  else warpRows(task.job, task.out, task.from, task.to);
  port.postMessage({ id: task.id, ms: performance.now() - began } satisfies WarpDone);
});
