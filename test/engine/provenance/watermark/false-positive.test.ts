/** The estimate that is told with a reading. */
import { expect, it } from 'vitest';

import { falsePositiveOf } from '../../../../src/engine/provenance/watermark/false-positive.ts';

it('is under one in a million for the weakest reading that is believed', () => {
  expect(falsePositiveOf({ sync: 6, correlation: 8 })).toBeLessThan(1e-6);
});

it('is that of 21 chances at the check bits where a file shows nothing, and falls from there', () => {
  expect(falsePositiveOf({ sync: -50, correlation: -50 })).toBeCloseTo(21 / 65_536, 12);
  const falling = [4, 5, 6, 7].map((sync) => falsePositiveOf({ sync, correlation: 8 }));
  expect(falling.toSorted((a, b) => b - a)).toEqual(falling);
  expect(falsePositiveOf({ sync: 6, correlation: 9 })).toBeLessThan(falling[2]!);
  expect(falsePositiveOf({ sync: 20, correlation: 20 })).toBe(1e-12);
});
