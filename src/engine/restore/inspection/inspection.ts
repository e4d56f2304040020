/**
 * What looking at a clip found out about its pictures, as plain data. The plan is a pure function over it; `inspect.ts`
 * measures it.
 */
import type { Rational } from '../../rational.ts';

/** Held (duplicate) frames: an old transfer repeats each drawing to fill a faster rate. */
export interface HeldFrames {
  /** Share of frames that repeat the one before, 0..1. */
  readonly share: number;
  /** Present when the repeats are regular enough that dropping them gives back the true motion. */
  readonly cadence?: Cadence;
}

export interface Cadence {
  /** How many source frames each drawing lasts on average: 2 for 12 fps doubled to 24, 5/4 for 24 in 30. Above 1. */
  readonly framesPerDrawing: Rational;
  /** Drawings per second. */
  readonly rate: Rational;
  /**
   * `even`: drawings were taken at even steps and only shown unevenly (pulldown), so they are re-timed evenly.
   * `as-shown`: what moves has moved farther after a longer hold (frames were lost), so that the times shown are right.
   */
  readonly timing: 'even' | 'as-shown';
}

/** How a picture's two fields were taken. */
export type FieldOrder = 'progressive' | 'top-first' | 'bottom-first';

/** Everything is measured on decoded pictures, before any repair; levels are 8-bit (0..255). */
export interface ClipInspection {
  /** How many frames the figures rest on. */
  readonly framesSeen: number;
  /**
   * True resolution over pixel count, along one axis: 1 when detail reaches the finest pixels, 0.5 when the picture could
   * be stored at half its width and height without loss. 1 when nothing in the clip tells.
   */
  readonly effectiveScale: number;
  /** Standard deviation of noise or grain, in levels: under 1 clean, 3 visible, 8 heavy. */
  readonly noise: number;
  /** Strength of the 8x8 coding grid: 0 none, 0.3 visible, 1 strong. */
  readonly blockiness: number;
  /** Standard deviation of brightness changes that motion and cuts do not explain, in levels: under 0.5 steady, 3 strong. */
  readonly flicker: number;
  /** What the pictures themselves show, whatever the container says. */
  readonly fields: FieldOrder;
  readonly held: HeldFrames;
  /** Gate weave or hand shake: standard deviation of the whole picture's jitter, in percent of the picture's width. */
  readonly weave: number;
  readonly cutsPerMinute: number;
}
