/** Tells held (duplicate) frames from new drawings, and finds the cadence in which an old transfer holds them. Pure. */
import { divide, rational, type Rational } from '../../rational.ts';
import type { Cadence, HeldFrames } from './inspection.ts';
import type { GreyPicture } from './thumbnail.ts';

/** Frames on either side against which a change is judged: a drawing held three times has two quiet steps beside a loud one. */
export const heldReach = 3;
/** Held frames that coding and grain made differ stay under a fifth of the change around them; the share is 0.15 on real films. */
const heldShare = 0.2;
/** In levels. Held frames of coarse coding differ by up to 12 in the worst places, seen at 192x144. */
const heldLimit = 16;
const blockSide = 8;
const blocksAveraged = 4;

/**
 * How much changed between two thumbnails of one size: mean difference in levels of the four 8x8 blocks that changed most,
 * so that a single moving mouth counts as motion.
 */
export function changeBetween(a: GreyPicture, b: GreyPicture): number {
  const most = new Float64Array(blocksAveraged);
  for (let top = 0; top < a.height; top += blockSide) {
    for (let left = 0; left < a.width; left += blockSide) {
      const [bottom, right] = [Math.min(a.height, top + blockSide), Math.min(a.width, left + blockSide)];
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let at = y * a.width + left; at < y * a.width + right; at++) sum += Math.abs(a.data[at]! - b.data[at]!);
      }
      const change = sum / ((bottom - top) * (right - left));
      if (change > most[0]!) {
        most[0] = change;
        most.sort();
      }
    }
  }
  return most.reduce((sum, change) => sum + change, 0) / blocksAveraged;
}

/** Whether the step `changes[at]` leads to a held frame, judged against the steps around it. */
export function isHeld(changes: ArrayLike<number>, at: number): boolean {
  let loudest = 0;
  for (let i = Math.max(0, at - heldReach); i <= Math.min(changes.length - 1, at + heldReach); i++) {
    loudest = Math.max(loudest, changes[i]!);
  }
  return changes[at]! < heldLimit && changes[at]! < heldShare * loudest;
}

/** Drawings in one window over which a cadence must hold. */
const windowDrawings = 8;
/** A regular cadence starts each drawing within one source frame of an even grid; half a frame more for uneven patterns (1 1 2 2). */
const gridSpread = 1.55;
/** Of frames per drawing, when it is written as a simple fraction. */
const leastTolerance = 0.004;
/** Frames per drawing may differ this much from window to window. */
const cadenceWander = 0.35;
const fewestWindows = 4;
/** Share of windows that must be regular before anything is dropped. */
const regularShare = 0.75;
/** Where a longer hold is followed by more motion, by this factor, the frames between were lost rather than held. */
const lostFactor = 1.2;
const fewestPairs = 6;

/**
 * Reads the pattern from the changes between consecutive frames of one or more stretches. `rate` is the source's frames a
 * second. Held frames without a regular cadence are reported by their share alone.
 */
export function findHeldFrames(stretches: readonly ArrayLike<number>[], rate: Rational): HeldFrames {
  const runs = stretches.map((changes) => drawingStarts(changes));
  const steps = stretches.reduce((sum, changes) => sum + changes.length, 0);
  const drawings = runs.reduce((sum, starts) => sum + starts.length - 1, 0);
  const share = steps === 0 ? 0 : (steps - drawings) / steps;
  if (share < 0.04) return { share };
  const lengths: number[] = [];
  let windows = 0;
  for (const starts of runs) {
    for (let k = 0; k + windowDrawings < starts.length; k++) {
      const window = starts.slice(k, k + windowDrawings + 1);
      const length = (window[windowDrawings]! - window[0]!) / windowDrawings;
      // Shots without holds say nothing about the cadence of the others.
      if (length === 1) continue;
      windows++;
      if (spreadFromGrid(window) <= gridSpread) lengths.push(length);
    }
  }
  const middle = lengths.sort((a, b) => a - b)[lengths.length >> 1] ?? 1;
  const alike = lengths.filter((length) => Math.abs(length - middle) <= cadenceWander);
  if (windows < fewestWindows || alike.length < regularShare * windows) return { share };
  // A pattern that fits the window shows its exact length in most of them; else their mean is the best there is.
  const exact = lengths.filter((length) => length === middle).length * 2 > windows;
  const framesPerDrawing = exact
    ? simplestWithin(middle, 1 / (2 * windowDrawings ** 2))
    : simplestWithin(mean(alike), Math.max(leastTolerance, 1 / (windows + windowDrawings)));
  if (framesPerDrawing.num <= framesPerDrawing.den) return { share };
  const timing = changeAfterHolds(stretches, runs) > lostFactor ? 'as-shown' : 'even';
  const cadence: Cadence = { framesPerDrawing, rate: divide(rate, framesPerDrawing), timing };
  return { share, cadence };
}

/** Indices of the frames that begin a drawing; `changes[i]` lies between frames i and i + 1. */
function drawingStarts(changes: ArrayLike<number>): number[] {
  const starts = [0];
  for (let i = 0; i < changes.length; i++) if (!isHeld(changes, i)) starts.push(i + 1);
  return starts;
}

/** How far the starts lie from the even grid through the first and last of them: highest less lowest, in source frames. */
function spreadFromGrid(starts: readonly number[]): number {
  const step = (starts.at(-1)! - starts[0]!) / (starts.length - 1);
  const offsets = starts.map((start, k) => start - k * step);
  return Math.max(...offsets) - Math.min(...offsets);
}

/** Mean ratio, at the least, of the change after a longer hold to the change after its shorter neighbour; 1 when motion is even. */
function changeAfterHolds(stretches: readonly ArrayLike<number>[], runs: readonly number[][]): number {
  const logs: number[] = [];
  for (const [index, starts] of runs.entries()) {
    const changes = stretches[index]!;
    const hold = (k: number) => starts[k]! - starts[k - 1]!;
    const change = (k: number) => Math.max(0.1, changes[starts[k]! - 1]!);
    for (let k = 2; k < starts.length; k++) {
      if (hold(k) === hold(k - 1)) continue;
      const ratio = Math.log(change(k) / change(k - 1));
      logs.push(hold(k) > hold(k - 1) ? ratio : -ratio);
    }
  }
  if (logs.length < fewestPairs) return 1;
  // What two standard errors leave of it: motion itself comes and goes.
  const middle = mean(logs);
  const error = Math.sqrt(mean(logs.map((log) => (log - middle) ** 2)) / logs.length);
  return Math.exp(Math.max(0, middle - 2 * error));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The fraction with the smallest denominator within `tolerance` of `value`. */
function simplestWithin(value: number, tolerance: number): Rational {
  for (let den = 1; ; den++) {
    const num = Math.round(value * den);
    if (Math.abs(num / den - value) <= tolerance) return rational(num, den);
  }
}
