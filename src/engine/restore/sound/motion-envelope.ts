/**
 * The motion of a picture as sound follows it: smoothed within shots and never across a cut. Pure functions over a
 * motion track.
 */
import type { MotionReading, MotionTrack } from './motion-track.ts';

/** What sound knows about the picture at one moment. */
export interface MotionSample {
  /** How much moves, 0 (nothing) .. 1 (everything, fast). */
  readonly amount: number;
  /** -1 going away .. 1 coming near, now. */
  readonly approach: number;
  /** How near things have come since the shot began, fading over some seconds: -1 .. 1. */
  readonly nearness: number;
  /** Where it moves, -1 left .. 1 right. */
  readonly pan: number;
  /** Share of the picture's width a second, to the right. */
  readonly flow: number;
}

export interface MotionEnvelope {
  /** Linear between frames, held before the first and after the last; jumps at cuts. */
  at(seconds: number): MotionSample;
  /** Times of the first frames of all shots but the first. */
  readonly cuts: readonly number[];
}

export interface Cadence {
  /** Repetitions a second. */
  readonly hz: number;
  /** A moment, in seconds, at which the motion is least: a foot comes down. */
  readonly phaseSeconds: number;
  /** Autocorrelation at one period, 0..1. */
  readonly strength: number;
}

const rest: MotionSample = { amount: 0, approach: 0, nearness: 0, pan: 0, flow: 0 };

/** Standard deviations in seconds of the smoothing within a shot: of how much moves, and of whither, which is noisier. */
const smoothing = 0.16;
const directionSmoothing = 0.32;
/** Root mean square speed, in widths a second, that counts as 63 % of "everything moves". */
const fast = 0.12;
/** Growth a second that counts as clearly coming near. */
const looming = 0.4;
/** Seconds over which nearness fades. */
const memory = 2.5;

interface Series {
  readonly times: readonly number[];
  readonly samples: readonly MotionSample[];
}

/** Gaussian means over time of one figure of the readings `from` to `to` (exclusive), weighted by `weight`. */
function smoothed(
  shot: MotionTrack,
  value: (reading: MotionReading) => number,
  sigma = smoothing,
  weight: (reading: MotionReading) => number = () => 1,
): number[] {
  let first = 0;
  return shot.map(({ time }) => {
    while (shot[first]!.time < time - 3 * sigma) first++;
    let [sum, total] = [0, 1e-9];
    for (let i = first; i < shot.length && shot[i]!.time <= time + 3 * sigma; i++) {
      const reading = shot[i]!;
      const share = Math.exp(-0.5 * ((reading.time - time) / sigma) ** 2) * weight(reading);
      sum += share * value(reading);
      total += share;
    }
    return sum / total;
  });
}

function shotSeries(shot: MotionTrack): Series {
  // The first reading of a shot has nothing before it to move from: it takes the second's motion.
  const second = shot[1];
  const first = shot[0]!;
  const readings = second === undefined ? shot : [{ ...second, time: first.time, cut: first.cut }, ...shot.slice(1)];
  const byMotion = (reading: MotionReading): number => reading.speed;
  const speed = smoothed(readings, (reading) => reading.speed);
  const moving = smoothed(readings, (reading) => reading.moving, directionSmoothing);
  const centre = smoothed(readings, (reading) => reading.centre, directionSmoothing, byMotion);
  const flow = smoothed(readings, (reading) => reading.flow, directionSmoothing);
  const expansion = smoothed(readings, (reading) => reading.expansion, directionSmoothing);
  let nearness = 0;
  const samples = readings.map(({ time }, i): MotionSample => {
    const amount = 1 - Math.exp(-speed[i]! / fast);
    const elapsed = i === 0 ? 0 : time - readings[i - 1]!.time;
    // What comes near covers more of the picture (area grows with the square of size) and its parts drift apart.
    const growth = elapsed > 0 ? Math.log((moving[i]! + 0.02) / (moving[i - 1]! + 0.02)) / elapsed : 0;
    const approach = Math.tanh((0.5 * expansion[i]! + 0.25 * growth) / looming);
    nearness = Math.max(-1, Math.min(1, nearness * Math.exp(-elapsed / memory) + approach * elapsed));
    // Nothing to point at when next to nothing moves.
    const pan = centre[i]! * Math.min(1, amount / 0.02);
    return { amount, approach, nearness, pan, flow: flow[i]! };
  });
  return { times: readings.map(({ time }) => time), samples };
}

/** Splits a track at its cuts. */
function shotsOf(track: MotionTrack): MotionTrack[] {
  const starts = track.flatMap((reading, i) => (i === 0 || reading.cut ? [i] : []));
  return starts.map((start, i) => track.slice(start, starts[i + 1]));
}

function lastAtOrBefore(times: readonly number[], seconds: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function between(a: MotionSample, b: MotionSample, along: number): MotionSample {
  const mix = (x: number, y: number): number => x + (y - x) * along;
  return {
    amount: mix(a.amount, b.amount),
    approach: mix(a.approach, b.approach),
    nearness: mix(a.nearness, b.nearness),
    pan: mix(a.pan, b.pan),
    flow: mix(a.flow, b.flow),
  };
}

/** The envelope of a track; an empty track is a picture at rest. */
export function motionEnvelope(track: MotionTrack): MotionEnvelope {
  const shots = shotsOf(track).map(shotSeries);
  const starts = shots.map(({ times }) => times[0]!);
  return {
    cuts: starts.slice(1),
    at(seconds) {
      const shot = shots[Math.max(0, lastAtOrBefore(starts, seconds))];
      if (shot === undefined) return rest;
      const { times, samples } = shot;
      const i = lastAtOrBefore(times, seconds);
      if (i < 0) return samples[0]!;
      if (i === times.length - 1) return samples[i]!;
      return between(samples[i]!, samples[i + 1]!, (seconds - times[i]!) / (times[i + 1]! - times[i]!));
    },
  };
}

/** Readings a second for the search for a cadence, and the band it is looked for in: strolling to running. */
const cadenceRate = 50;
/** How much the changes must swing about their mean to be steps and no artefact of sampling. */
const leastSwing = 0.12;
const slowest = 1.2;
const fastest = 3.2;

/**
 * The step rate of a picture whose motion repeats, from the autocorrelation of its changes in the longest shot; undefined
 * when the shot lasts less than 1.8 s, nothing repeats (strength under 0.35), or it hardly swings.
 */
export function motionCadence(track: MotionTrack): Cadence | undefined {
  const length = (shot: MotionTrack): number => shot.at(-1)!.time - shot[0]!.time;
  const shot = shotsOf(track).reduce<MotionTrack>((a, b) => (a.length > 0 && length(a) >= length(b) ? a : b), []);
  if (shot.length < 8 || length(shot) < 1.8) return undefined;
  const begin = shot[1]!.time;
  const count = Math.floor((shot.at(-1)!.time - begin) * cadenceRate);
  const times = shot.map(({ time }) => time);
  const raw = Float64Array.from({ length: count }, (_, n) => {
    const seconds = begin + n / cadenceRate;
    const i = Math.max(1, Math.min(times.length - 2, lastAtOrBefore(times, seconds)));
    const along = (seconds - times[i]!) / (times[i + 1]! - times[i]!);
    return shot[i]!.change + (shot[i + 1]!.change - shot[i]!.change) * along;
  });
  const signal = withoutTrend(raw, cadenceRate);
  const energy = signal.reduce((sum, value) => sum + value * value, 1e-12) / count;
  const usual = raw.reduce((sum, value) => sum + value, 0) / count;
  if (Math.sqrt(energy) < leastSwing * usual) return undefined;
  const correlation = (lag: number): number => {
    let sum = 0;
    for (let n = lag; n < count; n++) sum += signal[n]! * signal[n - lag]!;
    return sum / (count - lag) / energy;
  };
  let best = { lag: 0, strength: 0.35 };
  const lags = Array.from({ length: Math.floor(cadenceRate / slowest) + 2 }, (_, lag) =>
    lag < cadenceRate / fastest - 1 ? 0 : correlation(lag),
  );
  for (let lag = Math.ceil(cadenceRate / fastest); lag <= cadenceRate / slowest; lag++) {
    const here = lags[lag]!;
    const peak = here >= lags[lag - 1]! && here >= lags[lag + 1]!;
    if (peak && here > best.strength) best = { lag, strength: here };
  }
  if (best.lag === 0) return undefined;
  const hz = cadenceRate / best.lag;
  let [re, im] = [0, 0];
  signal.forEach((value, n) => {
    const turn = (2 * Math.PI * hz * n) / cadenceRate;
    re += value * Math.cos(turn);
    im += value * Math.sin(turn);
  });
  // The fundamental peaks at this phase; it is least half a period later.
  const peakSeconds = Math.atan2(im, re) / (2 * Math.PI * hz);
  return { hz, phaseSeconds: begin + peakSeconds + 0.5 / hz, strength: Math.min(1, best.strength) };
}

/** The signal less its own mean over about a second, and no larger than three times its usual size (flashes, splices). */
function withoutTrend(raw: Float64Array, window: number): Float64Array {
  const sums = new Float64Array(raw.length + 1);
  raw.forEach((value, n) => (sums[n + 1] = sums[n]! + value));
  const flat = raw.map((value, n) => {
    const [from, to] = [Math.max(0, n - window), Math.min(raw.length, n + window + 1)];
    return value - (sums[to]! - sums[from]!) / (to - from);
  });
  const usual = Math.sqrt(flat.reduce((sum, value) => sum + value * value, 0) / Math.max(1, flat.length));
  return flat.map((value) => Math.max(-3 * usual, Math.min(3 * usual, value)));
}
