/** Worker thread of the stabiliser: measures the shift between frames and moves them. */
import { parentPort } from 'node:worker_threads';

import { globalShift, type Shift } from '../inspection/global-motion.ts';
import { greyOf, type RgbPicture } from '../inspection/grey.ts';
import { movePicture } from './steady-kernel.ts';
import type { GreyPicture } from '../inspection/thumbnail.ts';

export type SteadyTask =
  /** Shift of `picture` against the one measured before it; none (undefined) when `first`. */
  | { readonly kind: 'measure'; readonly picture: RgbPicture; readonly first: boolean }
  | { readonly kind: 'move'; readonly picture: RgbPicture; readonly dx: number; readonly dy: number };

export type SteadyReply =
  | { readonly kind: 'measured'; readonly shift: Shift | undefined }
  | { readonly kind: 'moved'; readonly data: Uint8Array };

/** Finer than thumbnails: a fiftieth of its pixel is a tenth of a pixel at 1600 across. */
const measuredAcross = 320;

const port = parentPort;
if (port === null) throw new Error('steady-thread runs as a worker thread only');

let before: GreyPicture | undefined;

function measure(picture: RgbPicture, first: boolean): Shift | undefined {
  const grey = greyOf(picture, measuredAcross);
  const shift = first || !before ? undefined : globalShift(before, grey);
  before = grey;
  const scale = picture.width / grey.width;
  return shift && { ...shift, dx: shift.dx * scale, dy: shift.dy * scale };
}

port.on('message', (task: SteadyTask) => {
  if (task.kind === 'measure') {
    port.postMessage({ kind: 'measured', shift: measure(task.picture, task.first) } satisfies SteadyReply);
    return;
  }
  const data = movePicture(task.picture, task.dx, task.dy);
  port.postMessage({ kind: 'moved', data } satisfies SteadyReply, [data.buffer as ArrayBuffer]);
});
