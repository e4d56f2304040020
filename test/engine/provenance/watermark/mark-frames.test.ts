/** What is added to frames: where, how much, and that it cannot be had by averaging. */
import { expect, it } from 'vitest';

import type { Frame } from '../../../../src/engine/frame.ts';
import { watermarkLayer } from '../../../../src/engine/provenance/watermark/mark-frames.ts';
import { detailOf, smallLuma, strengthOf } from '../../../../src/engine/provenance/watermark/strength.ts';
import { rational } from '../../../../src/engine/rational.ts';

const size = { width: 320, height: 240 };
const watermark = { key: Buffer.alloc(32, 9), payload: '0123456789ab' };

/** A frame whose pixels are grey, of the level that `level` says. */
function frameOf(level: (x: number, y: number) => number, startsShot = false): Frame {
  const data = new Uint8Array(size.width * size.height * 3);
  for (let y = 0, at = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, at += 3) data.fill(level(x, y), at, at + 3);
  }
  return { format: 'rgb24', data, ...size, time: rational(0), ...(startsShot && { startsShot }) };
}

/** Blocks of 6 by 6 pixels whose levels have nothing to do with each other. */
const busy = (x: number, y: number): number => 60 + ((Math.floor(x / 6) * 7919 + Math.floor(y / 6) * 104_729) % 131);

function strengths(frame: Frame): (x: number, y: number) => number {
  const luma = smallLuma(frame);
  const { data, width, height } = strengthOf(luma, detailOf(luma));
  return (x, y) => data[Math.floor((y * height) / size.height) * width + Math.floor((x * width) / size.width)]!;
}

const deviation = (pattern: ArrayLike<number>): number =>
  Math.sqrt(Array.from(pattern).reduce((sum, value) => sum + (value - 128) ** 2, 0) / pattern.length);

it.each([
  [8, 0.12],
  [128, 0.4],
  [250, 0.56],
])('a flat picture of level %i is marked with a deviation of %f at most', (level, most) => {
  const flat = strengths(frameOf(() => level));
  expect(flat(160, 120)).toBeLessThanOrEqual(most);
  expect(flat(160, 120)).toBeGreaterThan(0);
});

it('a busy picture is marked strongly, and what is flat beside it is not', () => {
  const half = strengths(frameOf((x, y) => (x < 160 ? busy(x, y) : 128)));
  expect(half(60, 120)).toBeGreaterThan(2);
  expect(half(163, 120)).toBeLessThan(0.45);
  expect(half(260, 120)).toBeLessThan(0.45);
});

it('the same bytes serve while the picture stands still, others once it is another', async () => {
  const layer = watermarkLayer(watermark, size, rational(10));
  const [still, moved] = [frameOf(busy), frameOf((x, y) => busy(x + 90, y + 40))];
  const patterns: Uint8Array[] = [];
  for (let i = 0; i < 24; i++) {
    const pattern = await layer.next(i < 16 ? still : moved);
    expect(pattern !== undefined).toBe(i % layer.every === 0);
    if (pattern !== undefined) patterns.push(pattern);
  }
  expect(new Set(patterns.slice(0, 16 / layer.every)).size).toBe(1);
  expect(patterns.at(-1)).not.toBe(patterns[0]);
  expect(deviation(patterns[0]!)).toBeGreaterThan(1.5);
});

it('each shot is moved otherwise, so that the mean of shots shows no tile', async () => {
  const layer = watermarkLayer(watermark, size, rational(5));
  const shots = 16;
  const frame = frameOf(busy);
  const sum = new Float64Array(size.width * size.height);
  let one = 0;
  for (let shot = 0; shot < shots; shot++) {
    const pattern = (await layer.next({ ...frame, startsShot: shot > 0 }))!;
    one = deviation(pattern);
    for (const [i, value] of pattern.entries()) sum[i]! += value;
  }
  const left = deviation(sum.map((value) => value / shots));
  expect(left).toBeLessThan(one / 3);
});

it('a shot that begins between two patterns has its own from the next one on', async () => {
  const layer = watermarkLayer(watermark, size, rational(25));
  const frame = frameOf(busy);
  const patterns: (Uint8Array | undefined)[] = [];
  for (let i = 0; i < 7; i++) patterns.push(await layer.next({ ...frame, startsShot: i === 4 }));
  expect(layer.every).toBe(3);
  expect(patterns[3]).toBe(patterns[0]);
  expect(patterns[6]).not.toBe(patterns[0]);
});

it.each([
  { key: Buffer.alloc(31), payload: '0123456789ab' },
  { key: Buffer.alloc(32), payload: '0123456789AB' },
  { key: Buffer.alloc(32), payload: '0123' },
])('takes no mark of the wrong form (%#)', (wrong) => {
  expect(() => watermarkLayer(wrong, size, rational(25))).toThrow(RangeError);
});
