/** GIF, WebP and what is laid over every frame, read back with decoders that are none of ours. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  fastestRate,
  type LoopingOptions,
  writeLooping,
} from '../../../../src/engine/animate/output/looping-picture.ts';
import { drawOverlay } from '../../../../src/engine/animate/output/overlay.ts';
import { leastReadableScale } from '../../../../src/engine/label-size.ts';
import { LumiereError } from '../../../../src/engine/errors.ts';
import type { Fitted } from '../../../../src/engine/media/fit.ts';
import type { Rational } from '../../../../src/engine/rational.ts';
import { scratchFolder } from '../../../clips.ts';
import { goingRound, size } from './made-frames.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

const slow = { num: 25, den: 1 };

async function write(
  format: 'gif' | 'webp',
  { rate = slow, count = 25, ...change }: { rate?: Rational; count?: number } & Partial<LoopingOptions> = {},
): Promise<Fitted> {
  const path = join(scratch.path, `${String(Math.random()).slice(2)}.${format}`);
  const options = { path, rate, ...size, format, folder: scratch.path, ...change };
  return await writeLooping(goingRound(count, rate), options);
}

/** Every frame as RGB, and how long each is shown, in milliseconds. */
async function readBack(path: string) {
  const { pages = 1, delay = [], loop, width, pageHeight } = await sharp(path, { pages: -1 }).metadata();
  const frames: Buffer[] = [];
  for (let page = 0; page < pages; page += 1) frames.push(await sharp(path, { page }).removeAlpha().raw().toBuffer());
  return { frames, delay, loop, width, height: pageHeight };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const apart = (a: Uint8Array, b: Uint8Array): number => mean([...a].map((value, i) => Math.abs(value - b[i]!)));

describe.each(['gif', 'webp'] as const)('an animation as %s', (format) => {
  let made: Fitted;
  let read: Awaited<ReturnType<typeof readBack>>;
  beforeAll(async () => {
    made = await write(format);
    read = await readBack(made.path);
  });

  it('has the size, the frames and the length that it says, and loops for ever', () => {
    expect(read).toMatchObject({ ...size, loop: 0 });
    expect(made).toMatchObject({ ...size, frames: 25, rate: slow, duration: { num: 1, den: 1 }, givenUp: [] });
    expect(read.delay.reduce((sum, value) => sum + value, 0)).toBe(1000);
  });

  it('shows the frames that were given', async () => {
    const given: Uint8Array[] = [];
    for await (const { data } of goingRound(25, slow)) given.push(data);
    expect(read.frames).toHaveLength(25);
    read.frames.forEach((frame, i) => {
      expect(apart(frame, given[i]!)).toBeLessThan(7);
    });
    expect(apart(read.frames[12]!, given[0]!)).toBeGreaterThan(7.5);
  });

  it('has no jump where it begins again', () => {
    const steps = read.frames.map((frame, i) => apart(frame, read.frames[(i + 1) % 25]!));
    expect(steps.at(-1)).toBeLessThan(1.4 * Math.max(...steps.slice(0, -1)));
  });

  it('leaves what stands still as it is', () => {
    const corner = (frame: Buffer): Buffer =>
      Buffer.concat([90, 95, 100, 105].map((y) => frame.subarray(y * size.width * 3, (y * size.width + 15) * 3)));
    const still = read.frames.map((frame) => apart(corner(frame), corner(read.frames[1]!)));
    expect(Math.max(...still.slice(1))).toBeLessThan(format === 'gif' ? 0.5 : 3);
  });

  it('keeps within a limit and says what it cost', async () => {
    const maxBytes = Math.round(made.bytes * 0.6);
    const small = await write(format, { maxBytes });
    expect(small.bytes).toBeLessThanOrEqual(maxBytes);
    expect((await readFile(small.path)).length).toBe(small.bytes);
    expect(small.givenUp.length).toBeGreaterThan(0);
    const shown = await readBack(small.path);
    expect({ width: shown.width, height: shown.height }).toEqual({ width: small.width, height: small.height });
  });

  it('is made no smaller than its letters can be read in', async () => {
    const maxBytes = Math.round(made.bytes * (format === 'gif' ? 0.4 : 0.3));
    const free = await write(format, { maxBytes });
    expect(free.width).toBeLessThan(0.8 * size.width);
    const held = await write(format, { maxBytes, leastScale: 0.8 }).catch((error: unknown) => error);
    if (held instanceof LumiereError) expect(held.code).toBe('output.size-unreachable');
    else expect((held as Fitted).width).toBeGreaterThanOrEqual(0.8 * size.width - 1);
  });

  it('says so when no picture is small enough, and leaves nothing', async () => {
    await expect(write(format, { maxBytes: 300 })).rejects.toMatchObject({ code: 'output.size-unreachable' });
  });

  it('leaves frames out where viewers would slow it down', async () => {
    const fast = await write(format, { rate: { num: 100, den: 1 }, count: 50 });
    expect(fast.rate.num / fast.rate.den).toBeLessThanOrEqual(fastestRate[format]);
    const { delay } = await readBack(fast.path);
    expect(Math.min(...delay)).toBeGreaterThan(15);
    expect(delay.reduce((sum, value) => sum + value, 0)).toBe(500);
  });
});

describe('what is laid over every frame', () => {
  const pixelsOf = async (change: { above?: string; below?: string }, picture = { width: 640, height: 480 }) => {
    const { png, x, y } = await drawOverlay({ label: 'Animated with Lumière', ...change }, picture, scratch.path);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const rows = Array.from({ length: info.height }, (_, row) => row).filter((row) =>
      data.subarray(row * info.width * 4, (row + 1) * info.width * 4).some((value, i) => i % 4 === 3 && value > 0),
    );
    return { x, y, ...info, rows: rows.map((row) => row + y) };
  };

  it('is the label in the lower left corner', async () => {
    const { x, y, width, height } = await pixelsOf({});
    expect(x).toBeGreaterThan(0);
    expect(x + width).toBeLessThan(480);
    expect(y).toBeGreaterThan(420);
    expect(y + height).toBeLessThan(480);
  });

  it.each([
    [{ width: 320, height: 640 }, 12 / 16],
    // As wide as a phone's screen, its letters are as high as those of a square one.
    [{ width: 1600, height: 900 }, 12 / 60],
    [{ width: 3000, height: 600 }, 12 / 60],
    [{ width: 200, height: 160 }, 1],
  ])('stays readable in a picture of %o made smaller by %d', async (picture, scale) => {
    const drawn = await drawOverlay({ label: 'Animated with Lumière', above: 'words' }, picture, scratch.path);
    expect(leastReadableScale(drawn.labelHeight)).toBeCloseTo(scale, 6);
  });

  it('is never without it: no words, no overlay', async () => {
    await expect(drawOverlay({ label: ' ' }, { width: 64, height: 64 }, scratch.path)).rejects.toThrow(RangeError);
  });

  it('has captions above and below, which keep clear of the label', async () => {
    const { width, height, rows } = await pixelsOf({ above: 'top', below: 'bottom' });
    expect({ width, height }).toEqual({ width: 640, height: 480 });
    const gaps = rows.filter((row, i) => i > 0 && row - rows[i - 1]! > 1).length;
    expect(rows[0]).toBeLessThan(20);
    expect(gaps).toBe(2);
  });

  it.each([
    { width: 64, height: 64 },
    { width: 120, height: 900 },
    { width: 900, height: 90 },
  ])('lies within a picture of $width x $height', async (picture) => {
    for (const words of [{}, { above: 'a word above', below: 'and one below' }]) {
      const { x, y, width, height } = await pixelsOf(words, picture);
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(picture.width);
      expect(y + height).toBeLessThanOrEqual(picture.height);
    }
  });
});
