/**
 * Drops the held (duplicate) frames of old transfers and gives the rest the times at which they were drawn, so that the
 * interpolator sees even motion instead of stutter. Long holds stay holds; the last frame is always kept.
 */
import { LumiereError } from '../../errors.ts';
import type { Frame, Stage } from '../../frame.ts';
import { add, compare, multiply, rational, subtract, toNumber, type Rational } from '../../rational.ts';
import { changeBetween, heldReach, isHeld } from '../inspection/held-pattern.ts';
import type { Cadence } from '../inspection/inspection.ts';
import { shareThumbnail, thumbnailOf } from '../inspection/thumbnail.ts';

/** Holds no more than seven frames. Frames must come from one clip at the rate the cadence was found at. */
export function dropHeldFrames(cadence: Cadence): Stage {
  return async function* (frames, { signal }) {
    const step = rational(cadence.rate.den, cadence.rate.num);
    const longest = Math.ceil(toNumber(cadence.framesPerDrawing)) + 1;
    /** Time given to the last drawing, the source time before the present frame, and the last repeat with how many went by. */
    let given: Rational | undefined;
    let previous: Rational | undefined;
    let repeat: Frame | undefined;
    let shown = 0;
    for await (const { frame, held } of judge(frames)) {
      if (signal.aborted) throw new LumiereError('job.cancelled');
      shown++;
      if (held) {
        repeat = frame;
        previous = frame.time;
        continue;
      }
      const time =
        given === undefined || previous === undefined || cadence.timing === 'as-shown'
          ? frame.time
          : within(add(given, step), previous, frame.time);
      if (given !== undefined && repeat !== undefined && shown > longest) {
        // A hold longer than the cadence is meant: what follows must not begin to move during it.
        const until = subtract(time, step);
        if (compare(until, given) > 0) yield retimed(repeat, until);
      }
      yield retimed(frame, time);
      given = time;
      previous = frame.time;
      repeat = undefined;
      shown = 0;
    }
    if (repeat !== undefined) yield repeat;
  };
}

/** A drawing began after the source frame before it and no later than the frame that first shows it: the even grid bends to that. */
function within(time: Rational, earliest: Rational, latest: Rational): Rational {
  if (compare(time, earliest) < 0) return earliest;
  return compare(time, latest) > 0 ? latest : time;
}

function retimed(frame: Frame, time: Rational): Frame {
  return compare(frame.time, time) === 0 ? frame : shareThumbnail(frame, { ...frame, time });
}

/** Tells of each frame, `heldReach` frames later, whether it repeats the one before. */
async function* judge(frames: AsyncIterable<Frame>): AsyncGenerator<{ frame: Frame; held: boolean }> {
  const waiting: Frame[] = [];
  /** Changes that lead to the frames seen of late, the first of them `known` frames before the first one waiting. */
  const changes: number[] = [];
  let known = 0;
  let last: Frame | undefined;
  const next = (): { frame: Frame; held: boolean } => {
    const judged = { frame: waiting.shift()!, held: isHeld(changes, known) };
    if (known === heldReach) changes.shift();
    else known++;
    return judged;
  };
  for await (const frame of frames) {
    // The first frame is new by itself; a loud step before it would hide held frames after it.
    if (last === undefined) {
      yield { frame, held: false };
    } else {
      waiting.push(frame);
      changes.push(changeBetween(thumbnailOf(last), thumbnailOf(frame)));
      if (waiting.length > heldReach) yield next();
    }
    last = frame;
  }
  while (waiting.length > 0) yield next();
}

/** Used by tests and the plan: how many drawings remain of `frames` frames in this cadence, about. */
export function drawingsOf(frames: number, cadence: Cadence): number {
  const { num, den } = multiply(rational(frames), rational(cadence.framesPerDrawing.den, cadence.framesPerDrawing.num));
  return Math.max(1, Math.round(num / den));
}
