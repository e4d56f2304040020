/** Control values that change once a quantum: wandering randomness, random moments, and ramps that leave no steps. */
import { quantum, quantumSeconds, sampleRate, type Stereo } from './block.ts';
import { exponential, type Random } from './noise.ts';

/** Value noise: random points `hz` times a second, joined smoothly (cubic Hermite). Within -1..1, mean 0. */
export function wander(random: Random, hz: number): () => number {
  let along = random();
  const point = (): number => 2 * random() - 1;
  let [a, b, c, d] = [point(), point(), point(), point()];
  return () => {
    along += hz * quantumSeconds;
    while (along >= 1) {
      along -= 1;
      [a, b, c, d] = [b, c, d, point()];
    }
    // Catmull-Rom through b and c, held inside the range its overshoot could leave.
    const x = along;
    const value =
      0.5 * (2 * b + (c - a) * x + (2 * a - 5 * b + 4 * c - d) * x * x + (3 * b - a - 3 * c + d) * x * x * x);
    return Math.max(-1, Math.min(1, value));
  };
}

/** Calls `happen` with the sample offset (0..127) of each event of a Poisson process of `hz` events a second. */
export function poisson(random: Random): (hz: number, happen: (offset: number) => void) => void {
  // Time is counted in expected events, so that the rate may change at any moment without a bias.
  let next = exponential(random, 1);
  return (hz, happen) => {
    const expected = hz * quantumSeconds;
    let passed = 0;
    while (next < expected - passed) {
      passed += next;
      happen(Math.min(quantum - 1, Math.floor((passed / expected) * quantum)));
      next = exponential(random, 1);
    }
    next -= expected - passed;
  };
}

/** Calls `happen` with the sample offset of each whole turn of a wheel turning `hz` times a second. */
export function clock(startPhase = 0): (hz: number, happen: (offset: number) => void) => void {
  let phase = startPhase;
  return (hz, happen) => {
    const step = hz * quantumSeconds;
    const end = phase + step;
    for (let turn = Math.floor(phase) + 1; turn <= end; turn++) {
      happen(Math.min(quantum - 1, Math.floor(((turn - phase) / step) * quantum)));
    }
    phase = end - Math.floor(end);
  };
}

/** A value that follows its target with a time constant in seconds, one step a quantum. */
export function follower(start: number, riseSeconds: number, fallSeconds = riseSeconds): (target: number) => number {
  let value = start;
  const rise = 1 - Math.exp(-quantumSeconds / riseSeconds);
  const fall = 1 - Math.exp(-quantumSeconds / fallSeconds);
  return (target) => (value += (target - value) * (target > value ? rise : fall));
}

/** Adds `source` to `out`, its gain going in a straight line from `from` to `to`. */
export function addRamped(out: Float32Array, source: Float32Array, from: number, to: number): void {
  const step = (to - from) / source.length;
  for (let i = 0; i < source.length; i++) out[i]! += source[i]! * (from + step * i);
}

/** Adds mono `source` to `out` at a place (`pan` -1 left .. 1 right, constant power) and gain, ramped from where it last was. */
export function placed(): (out: Stereo, source: Float32Array, gain: number, pan: number) => void {
  let [left, right] = [0, 0];
  let started = false;
  return (out, source, gain, pan) => {
    const [l, r] = panGains(pan);
    const [toLeft, toRight] = [gain * l, gain * r];
    if (!started) [left, right, started] = [toLeft, toRight, true];
    addRamped(out.left, source, left, toLeft);
    addRamped(out.right, source, right, toRight);
    [left, right] = [toLeft, toRight];
  };
}

/** Constant-power gains for a place between -1 (left) and 1 (right); both are sqrt(1/2) in the middle. */
export function panGains(pan: number): readonly [left: number, right: number] {
  const theta = ((Math.max(-1, Math.min(1, pan)) + 1) * Math.PI) / 4;
  return [Math.cos(theta), Math.sin(theta)];
}

export function fromDb(db: number): number {
  return 10 ** (db / 20);
}

/** Samples in so many seconds, at least one. */
export function samples(seconds: number): number {
  return Math.max(1, Math.round(seconds * sampleRate));
}
