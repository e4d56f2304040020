/** What a person asks of a restoration, with the defaults that suit most old clips. */
import type { Rational } from '../rational.ts';

/** Which networks enlarge the picture: `film` and `video` invent plausible detail, `faithful` adds none. */
export const looks = ['film', 'video', 'animation', 'faithful'] as const;
export type Look = (typeof looks)[number];

export const qualities = ['fast', 'balanced', 'best'] as const;
export type Quality = (typeof qualities)[number];

/** Enlarge by a factor, or to a height in lines. Neither goes above `maxOutputHeight`. */
export type TargetSize = { readonly scale: 1 | 2 | 4 } | { readonly height: number };

/**
 * A rate in frames per second, a multiple of the source's, or the source's own. With `atLeast` a faster source keeps its
 * own rate: frames that exist are not thrown away for a default.
 */
export type TargetRate = { readonly fps: Rational; readonly atLeast?: true } | { readonly multiply: number } | 'source';

/** Repairs that are made when the pictures need them (`auto`), always, or never. */
export type Repair = 'auto' | 'on' | 'off';

export interface RestoreRequest {
  readonly size: TargetSize;
  readonly rate: TargetRate;
  /** How many times slower the result runs: 1 as filmed, 2 half speed. At least 1, at most 16. */
  readonly slowMotion: number;
  readonly look: Look;
  readonly quality: Quality;
  /**
   * `warp` enlarges each real frame once and moves the enlarged pictures for the frames between; `interpolate` runs the
   * interpolation network on the enlarged pictures: slower by far, a little better on fast motion.
   */
  readonly between: 'warp' | 'interpolate';
  readonly deinterlace: Repair;
  readonly denoise: Repair;
  readonly deflicker: Repair;
  readonly stabilise: boolean;
  /** Drop repeated frames of old transfers and spread the drawings evenly in time. */
  readonly heldFrames: 'auto' | 'keep';
  /** Reduce a picture that is softer than its pixel count before it is enlarged. */
  readonly workingSize: 'auto' | 'full';
  /** Give back film grain, as much as the source had. */
  readonly grain: boolean;
  /** The result never has more bytes than this. */
  readonly maxBytes?: number;
  /** A line of text shown in a corner of every frame. */
  readonly label?: string;
}

export const defaultRequest: RestoreRequest = {
  size: { scale: 4 },
  rate: { fps: { num: 60, den: 1 }, atLeast: true },
  slowMotion: 1,
  look: 'film',
  quality: 'balanced',
  between: 'warp',
  deinterlace: 'auto',
  denoise: 'auto',
  deflicker: 'auto',
  stabilise: false,
  heldFrames: 'auto',
  workingSize: 'auto',
  grain: false,
};

/** Lines of the largest picture that is made: 4K. */
export const maxOutputHeight = 2160;
/** Columns of the largest picture that is made: 4K cinema. */
export const maxOutputWidth = 4096;
/** Lowest and highest rate of a result, in frames per second. */
export const rateRange = { min: 1, max: 240 } as const;
export const maxSlowMotion = 16;
