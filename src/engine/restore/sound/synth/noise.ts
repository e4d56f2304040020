/**
 * Seeded randomness and the three noises. Every component of a voice draws from its own named stream, so that changing
 * one part of a voice leaves the others as they were.
 */

/** Uniform in [0, 1). */
export type Random = () => number;

/** Fills a buffer, continuing where the last call ended. */
export type Source = (out: Float32Array) => void;

/** One step of splitmix32, the usual way to spread a small seed over a larger state. */
function splitMix(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/**
 * The stream called `name` of `seed`: xoshiro128** (Blackman and Vigna, 2018), period 2^128 - 1, the same on every
 * machine. `seed` is a 32-bit integer.
 */
export function randomStream(seed: number, name: string): Random {
  const fill = splitMix(seed ^ hash(name));
  const s = Uint32Array.from([fill(), fill(), fill(), fill() | 1]);
  return () => {
    const product = Math.imul(s[1]!, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result / 4294967296;
  };
}

export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** Log-uniform: right for frequencies and sizes, where ratios matter. */
export function betweenRatios(random: Random, low: number, high: number): number {
  return low * (high / low) ** random();
}

/** Waiting time of a Poisson process with this mean. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Pareto-distributed, 1 and up, cut off at `ceiling`: many small, few large, as drops and crackles are. */
export function pareto(random: Random, shape: number, ceiling: number): number {
  return Math.min(ceiling, (1 - random()) ** (-1 / shape));
}

/** White, uniform in -1..1. */
export function whiteNoise(random: Random): Source {
  return (out) => {
    for (let i = 0; i < out.length; i++) out[i] = 2 * random() - 1;
  };
}

/** Pink, -3 dB an octave within 0.05 dB above 9 Hz: Paul Kellet's refined filter (musicdsp.org, 1999). About 0.25 RMS. */
export function pinkNoise(random: Random): Source {
  const b = new Float64Array(7);
  return (out) => {
    for (let i = 0; i < out.length; i++) {
      const white = 2 * random() - 1;
      b[0] = 0.99886 * b[0]! + white * 0.0555179;
      b[1] = 0.99332 * b[1]! + white * 0.0750759;
      b[2] = 0.969 * b[2]! + white * 0.153852;
      b[3] = 0.8665 * b[3]! + white * 0.3104856;
      b[4] = 0.55 * b[4]! + white * 0.5329522;
      b[5] = -0.7616 * b[5]! - white * 0.016898;
      out[i] = 0.2 * (b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + b[6]! + white * 0.5362);
      b[6] = white * 0.115926;
    }
  };
}

/** Brown, -6 dB an octave above about 15 Hz (leaky, so that it does not wander off). About 0.25 RMS. */
export function brownNoise(random: Random): Source {
  const state = new Float64Array(1);
  return (out) => {
    let y = state[0]!;
    for (let i = 0; i < out.length; i++) {
      y = 0.998 * y + 0.0275 * (2 * random() - 1);
      out[i] = y;
    }
    state[0] = y;
  };
}
