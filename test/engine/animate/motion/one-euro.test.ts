/** The One-Euro filter: calm where little happens, never late over a whole clip. */
import { describe, expect, it } from 'vitest';

import { oneEuro, smoothCurves } from '../../../../src/engine/animate/motion/one-euro.ts';
import { randomStream } from '../../../../src/engine/restore/sound/synth/noise.ts';

const rate = 30;
const options = { rate, minCutoff: 1.2, beta: 0.04 };
const wave = (k: number): number => 10 * Math.sin((2 * Math.PI * 0.7 * k) / rate);
const random = randomStream(3, 'one-euro');
const noise = Array.from({ length: 300 }, () => random() - 0.5);

/** Shift in frames at which `a` is most like `wave`. */
function lagOf(a: ArrayLike<number>): number {
  let best = { shift: 0, sum: -Infinity };
  for (let shift = -6; shift <= 6; shift += 0.25) {
    let sum = 0;
    for (let k = 20; k < 280; k++) sum += a[k]! * wave(k - shift);
    if (sum > best.sum) best = { shift, sum };
  }
  return best.shift;
}

describe('the One-Euro filter', () => {
  it('keeps what stands still and comes to what it jumped to', () => {
    const next = oneEuro(options);
    expect([next(4), next(4), next(4)]).toEqual([4, 4, 4]);
    let value = 4;
    for (let k = 0; k < 90; k++) value = next(9);
    expect(value).toBeCloseTo(9, 2);
  });

  it('comes late by itself, and not at all over a whole clip', async () => {
    const next = oneEuro(options);
    expect(lagOf(Array.from({ length: 300 }, (_, k) => next(wave(k))))).toBeGreaterThan(0.9);
    const curve = Float64Array.from({ length: 300 }, (_, k) => wave(k));
    await smoothCurves(curve, 1, options, [0, 300]);
    expect(Math.abs(lagOf(curve))).toBeLessThanOrEqual(0.25);
  });

  it('takes most of the tremor out of a head that hardly moves', async () => {
    const size = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values).slice(20, 280));
    const curve = Float64Array.from(noise);
    await smoothCurves(curve, 1, options, [0, 300]);
    expect(size(curve)).toBeLessThan(0.45 * size(noise));
  });

  it('smooths each column by itself and leaves what lies outside the span', async () => {
    const curves = Float64Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? 5 : noise[Math.floor(i / 2)]!));
    const before = Float64Array.from(curves);
    await smoothCurves(curves, 2, options, [100, 200]);
    expect(curves.filter((_, i) => i % 2 === 0).every((value) => value === 5)).toBe(true);
    expect(curves.slice(0, 200)).toEqual(before.slice(0, 200));
    expect(curves.slice(400)).toEqual(before.slice(400));
    expect(curves[301]).not.toBe(before[301]);
  });
});
