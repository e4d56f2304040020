/** The estimate that is told with a reading, and by which it is believed. */
import { expect, it } from 'vitest';

import {
  falsePositiveOf,
  isBelieved,
  leastAgreement,
} from '../../../../src/engine/provenance/watermark/false-positive.ts';

it('is one in two million for the weakest reading that is believed', () => {
  expect(falsePositiveOf({ sync: 6, correlation: leastAgreement - 6 })).toBeCloseTo(5e-7, 12);
});

it('a reading is believed by both agreements together, and only with check bits that fit', () => {
  const enough = { sync: 7, correlation: leastAgreement - 6.9 };
  expect(isBelieved({ ...enough, valid: true })).toBe(true);
  expect(isBelieved({ ...enough, valid: false })).toBe(false);
  expect(isBelieved({ ...enough, sync: 6.8, valid: true })).toBe(false);
});

it('is that of 48 chances at the check bits where a file shows nothing, and falls from there', () => {
  expect(falsePositiveOf({ sync: -50, correlation: -50 })).toBeCloseTo(48 / 65_536, 12);
  const falling = [4, 5, 6, 7].map((sync) => falsePositiveOf({ sync, correlation: 8 }));
  expect(falling.toSorted((a, b) => b - a)).toEqual(falling);
  expect(falsePositiveOf({ sync: 6, correlation: 9 })).toBeLessThan(falling[2]!);
  expect(falsePositiveOf({ sync: 30, correlation: 30 })).toBe(1e-12);
});
