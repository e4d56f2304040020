/** How sure a share of successes is. */

/** 95 % interval of a share, from successes among trials (Wilson 1927): right for shares near 1 as well. */
export function wilsonInterval(successes: number, trials: number): { readonly from: number; readonly to: number } {
  const z = 1.959964;
  const share = successes / trials;
  const middle = share + z ** 2 / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  const whole = 1 + z ** 2 / trials;
  return { from: Math.max(0, (middle - half) / whole), to: Math.min(1, (middle + half) / whole) };
}

/** The tail of values: `share` of them lie beyond `from`, by `mean` on average. */
export interface Tail {
  readonly from: number;
  readonly share: number;
  readonly mean: number;
}

/** The tail of the uppermost third: what falls exponentially from there on, whatever the smaller values are spread like. */
export function fitTail(values: readonly number[]): Tail {
  const sorted = values.toSorted((a, b) => a - b);
  const place = Math.floor((sorted.length * 2) / 3);
  const from = sorted[place]!;
  const beyond = sorted.slice(place + 1);
  const mean = beyond.reduce((sum, value) => sum + value - from, 0) / beyond.length;
  return { from, share: beyond.length / sorted.length, mean };
}

/** Numbers from 0 up to 1, the same each time (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const draws = 2000;

/**
 * Bootstrap (Efron 1979): `statistic` of so many of `values` as there are, drawn with replacement, again and again; its 2.5 % and
 * 97.5 % quantiles.
 */
export function bootstrapInterval<T>(
  values: readonly T[],
  statistic: (drawn: readonly T[]) => number,
): { readonly from: number; readonly to: number } {
  const next = sequence(values.length);
  const results = Array.from({ length: draws }, () =>
    statistic(values.map(() => values[Math.floor(next() * values.length)]!)),
  ).toSorted((a, b) => a - b);
  return { from: results[Math.floor(0.025 * draws)]!, to: results[Math.ceil(0.975 * draws) - 1]! };
}
