/** Worker thread that packs and warps bands of rows; all its memory is shared, so nothing is copied to or from it. */
import { answerCalls } from '../../thread-answers.ts';
import { packRows, type PackedPicture, warpRows, type WarpJob } from './warp-kernel.ts';

/** Rows `from` up to `to`. */
interface Band {
  readonly from: number;
  readonly to: number;
}

/** Every typed array lies in shared memory; a result is the milliseconds spent on the rows. */
export interface WarpCalls {
  readonly pack: {
    readonly task: Band & { readonly bytes: Uint8Array; readonly packed: PackedPicture; readonly width: number };
    readonly result: number;
  };
  readonly warp: { readonly task: Band & { readonly job: WarpJob; readonly out: Uint8Array }; readonly result: number };
}

const timed = (work: () => void): { readonly result: number } => {
  const began = performance.now();
  work();
  return { result: performance.now() - began };
};

answerCalls<WarpCalls>({
  pack: ({ bytes, packed, width, from, to }) =>
    timed(() => {
      packRows(bytes, packed, width, from, to);
    }),
  warp: ({ job, out, from, to }) =>
    timed(() => {
      warpRows(job, out, from, to);
    }),
});
