import { expect, test } from 'vitest';

import { followSoftly } from '../../../../src/engine/animate/motion/soft-follow.ts';
import { headAtRest, type MotionTrack } from '../../../../src/engine/animate/motion/track.ts';

const track = (loops: boolean, yaw: (frame: number) => number, length = 100): MotionTrack => ({
  relativeTo: 'photo',
  rate: { num: 25, den: 1 },
  loops,
  source: 'test',
  frames: Array.from({ length }, (_, i) => ({ head: { ...headAtRest, yaw: yaw(i) } })),
});

test('a sudden turn is followed within half a second, without swinging past it', () => {
  const { frames } = followSoftly(track(false, (i) => (i < 10 ? 0 : 10)));
  const late = frames.map(({ loose }) => loose!.yaw);
  expect(late[10]).toBeLessThan(3);
  expect(late[12]).toBeLessThan(8);
  expect(late[23]).toBeGreaterThan(9.5);
  expect(Math.max(...late)).toBeLessThanOrEqual(10);
});

test('what is loose lags a swing and comes round with it: the end of a loop meets its beginning', () => {
  const swing = (i: number): number => 8 * Math.sin((2 * Math.PI * i) / 100);
  const { frames } = followSoftly(track(true, swing));
  const late = frames.map(({ loose }) => loose!.yaw);
  const step = Math.max(...late.slice(1).map((value, i) => Math.abs(value - late[i]!)));
  expect(Math.abs(late[0]! - late.at(-1)!)).toBeLessThanOrEqual(step + 1e-3);
  const peak = late.indexOf(Math.max(...late));
  expect(peak).toBeGreaterThan(25);
  expect(peak).toBeLessThan(32);
});
