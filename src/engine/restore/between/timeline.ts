/**
 * Which pictures an output at an exact rate is made of. Source frames are pushed in as they come, and the output frames
 * that they settle come back: one source frame of look-ahead is all it needs. Times are exact fractions throughout, so
 * that a clip's last frame falls where it should however long the clip is.
 */
import { add, compare, divide, multiply, type Rational, rational, subtract, toNumber } from '../../rational.ts';

export interface TimelineOptions {
  /** Output frames a second. */
  readonly rate: Rational;
  /** How many times longer the output lasts than the source: 2 is half-speed slow motion. 1 when left out. */
  readonly slowdown?: Rational;
  /**
   * A phase this close to 0 or 1 shows the real frame instead: 2 % of an interval is a displacement nobody sees, and
   * saves most of the work where the rates are nearly a multiple of each other (29.97 to 60).
   */
  readonly snap?: number;
  /**
   * Seconds. In a longer gap between two frames (a slide, a paused recording) the first is held, and moves to the second
   * only within the last of it, for as long as recent intervals lasted.
   */
  readonly longestInterval?: Rational;
}

/** One output frame: source frame `left` as it is (`right` is the same), or a frame between `left` and `right`. */
export interface TimelineStep {
  /** Output frame number, from 0. */
  readonly index: number;
  /** Output presentation time in seconds: `index / rate`, exactly. */
  readonly time: Rational;
  /** `real`: a source frame at its time. `between`: to be made. `held`: a source frame shown longer than its moment. */
  readonly kind: 'real' | 'between' | 'held';
  /** Numbers of the source frames in the order they were pushed, from 0. */
  readonly left: number;
  readonly right: number;
  /** Where between `left` (0) and `right` (1), strictly inside for `between`, 0 otherwise. */
  readonly phase: number;
}

export interface Timeline {
  /** Number of the last source frame that was not passed over; undefined before the first. */
  readonly last: number | undefined;
  /**
   * Takes the next source frame and returns the output frames that lie before it. A frame whose time is not after the
   * one before it is passed over (its number is never used).
   */
  push(time: Rational, startsShot: boolean): TimelineStep[];
  /**
   * Returns the output frames from the last source frame to the end.
   * @param duration of the source in seconds; the last frame's time plus the last interval when left out. The output has
   *   `round(duration * slowdown * rate)` frames, at least 1, and every source frame's moment is inside it.
   */
  end(duration?: Rational): TimelineStep[];
}

interface Source {
  readonly number: number;
  readonly time: Rational;
}

const one = rational(1);
const recentIntervals = 8;

/** Nearest integer to a fraction that is not negative, halves upwards. */
function roundRational(value: Rational): number {
  const doubled = BigInt(value.den) * 2n;
  return Number((BigInt(value.num) * 2n + BigInt(value.den)) / doubled);
}

/** Output frames for `duration` seconds of source: never fewer than one. */
export function outputFrameCount(duration: Rational, rate: Rational, slowdown: Rational = one): number {
  return Math.max(1, roundRational(multiply(multiply(duration, slowdown), rate)));
}

/** Starts a timeline. Throws a RangeError when the rate, the slowdown or the longest interval is not positive. */
export function createTimeline(options: TimelineOptions): Timeline {
  const { rate, slowdown = one, snap = 0.02, longestInterval = rational(1, 4) } = options;
  for (const [name, value] of Object.entries({ rate, slowdown, longestInterval })) {
    if (value.num <= 0) throw new RangeError(`expected ${name} above 0 but received ${toNumber(value)}`);
  }
  // Output frame `index` shows the source at `index / (rate * slowdown)`.
  const step = divide(one, multiply(rate, slowdown));
  let index = 0;
  let pushed = 0;
  let left: Source | undefined;
  let intervals: Rational[] = [];

  const sourceTime = (): Rational => multiply(rational(index), step);

  function emit(kind: TimelineStep['kind'], source: Source, right = source, phase = 0): TimelineStep {
    const time = divide(rational(index), rate);
    const made: TimelineStep = { index, time, kind, left: source.number, right: right.number, phase };
    index += 1;
    return made;
  }

  function shortest(values: readonly Rational[]): Rational | undefined {
    return values.reduce<Rational | undefined>(
      (least, value) => (least === undefined || compare(value, least) < 0 ? value : least),
      undefined,
    );
  }

  /** How the picture gets from `from` to `to`, at source time `at`. */
  function between(from: Source, to: Source, at: Rational): TimelineStep {
    const interval = subtract(to.time, from.time);
    const moves = compare(interval, longestInterval) <= 0 ? interval : (shortest(intervals) ?? longestInterval);
    const phase = 1 - toNumber(subtract(to.time, at)) / toNumber(moves);
    if (phase > 1 - snap) return emit('real', to);
    const elapsed = toNumber(subtract(at, from.time)) / toNumber(interval);
    if (phase < snap) return emit(Math.abs(elapsed) < snap ? 'real' : 'held', from);
    return emit('between', from, to, phase);
  }

  function push(time: Rational, startsShot: boolean): TimelineStep[] {
    const next: Source = { number: pushed, time };
    pushed += 1;
    if (left === undefined) {
      left = next;
      return [];
    }
    const from = left;
    if (compare(time, from.time) <= 0) return [];
    const steps: TimelineStep[] = [];
    for (let at = sourceTime(); compare(at, time) < 0; at = sourceTime()) {
      if (compare(at, from.time) < 0) steps.push(emit('held', from));
      else if (startsShot) steps.push(emit(compare(at, from.time) === 0 ? 'real' : 'held', from));
      else steps.push(between(from, next, at));
    }
    const interval = subtract(time, from.time);
    if (compare(interval, longestInterval) <= 0) intervals = [interval, ...intervals].slice(0, recentIntervals);
    left = next;
    return steps;
  }

  function end(duration?: Rational): TimelineStep[] {
    if (left === undefined) return [];
    const last = left;
    const lasts = duration ?? add(last.time, intervals[0] ?? step);
    const count = Math.max(outputFrameCount(lasts, rate, slowdown), index);
    const steps: TimelineStep[] = [];
    while (index < count || index === 0) {
      steps.push(emit(compare(sourceTime(), last.time) === 0 ? 'real' : 'held', last));
    }
    return steps;
  }

  return {
    get last() {
      return left?.number;
    },
    push,
    end,
  };
}
