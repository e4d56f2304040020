/** What flows through the pipeline: decoded pictures with exact times, and the shape of a stage that transforms them. */
import type { Rational } from './rational.ts';

/**
 * One decoded picture. `data` holds `width * height * 3` bytes, rows top to bottom, pixels R G B, full range.
 * A frame is immutable once yielded: a stage that changes pixels makes a new one.
 */
export interface Frame {
  readonly format: 'rgb24';
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Presentation time in seconds from the start of the clip. */
  readonly time: Rational;
  /** True on the first frame of a shot, once cuts have been looked for: nothing may be mixed across it. */
  readonly startsShot?: boolean;
}

/** What every stage is given besides its frames. */
export interface StageContext {
  /** Aborted when the job is cancelled; a stage stops within one frame and releases what it holds. */
  readonly signal: AbortSignal;
}

/**
 * A step of the pipeline. Back-pressure is the iterator's: a stage pulls a frame only when the next one asks, and holds
 * at most a small, fixed number of frames, so that memory does not grow with the length of the clip.
 */
export type Stage = (frames: AsyncIterable<Frame>, context: StageContext) => AsyncIterable<Frame>;
