/** Worker thread of the stabiliser: measures the shift between frames and moves them. */
import { answerCalls } from '../../thread-answers.ts';
import { globalShift, type Shift } from '../inspection/global-motion.ts';
import { greyOf, type RgbPicture } from '../inspection/grey.ts';
import { movePicture } from './steady-kernel.ts';
import type { GreyPicture } from '../inspection/thumbnail.ts';

export interface SteadyCalls {
  /** Shift of `picture` against the one measured before it; none when `first`. */
  readonly measure: {
    readonly task: { readonly picture: RgbPicture; readonly first: boolean };
    readonly result: Shift | undefined;
  };
  readonly move: {
    readonly task: { readonly picture: RgbPicture; readonly dx: number; readonly dy: number };
    readonly result: Uint8Array<ArrayBuffer>;
  };
}

/** Finer than thumbnails: a fiftieth of its pixel is a tenth of a pixel at 1600 across. */
const measuredAcross = 320;

let before: GreyPicture | undefined;

function measure(picture: RgbPicture, first: boolean): Shift | undefined {
  const grey = greyOf(picture, measuredAcross);
  const shift = first || !before ? undefined : globalShift(before, grey);
  before = grey;
  const scale = picture.width / grey.width;
  return shift && { ...shift, dx: shift.dx * scale, dy: shift.dy * scale };
}

answerCalls<SteadyCalls>({
  measure: ({ picture, first }) => ({ result: measure(picture, first) }),
  move: ({ picture, dx, dy }) => {
    const result = movePicture(picture, dx, dy);
    return { result, moved: [result.buffer] };
  },
});
