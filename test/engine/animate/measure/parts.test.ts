/** The arithmetic of the measures, against what can be worked out by hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';

import { createContactSheet } from '../../../../src/engine/animate/measure/contact-sheet.ts';
import { largestDifference, runsOf } from '../../../../src/engine/animate/measure/difference.ts';
import { lipSync } from '../../../../src/engine/animate/measure/lip-sync.ts';
import { planLooks } from '../../../../src/engine/animate/measure/look-plan.ts';
import { measureLoopSteps } from '../../../../src/engine/animate/measure/loop-step.ts';
import { measure, measureNames, wanted, type Measure } from '../../../../src/engine/animate/measure/measures.ts';
import { fillPolygon } from '../../../../src/engine/animate/measure/polygon.ts';
import { realismOf } from '../../../../src/engine/animate/measure/realism.ts';
import type { MotionFrame } from '../../../../src/engine/animate/motion/track.ts';
import type { Picture } from '../../../../src/engine/picture.ts';

describe('realism', () => {
  const asWanted = (): Measure[] =>
    measureNames.map((name) => measure(name, wanted[name].atLeast ?? wanted[name].atMost ?? 0));

  test('is 100 where everything is as wanted, and says nothing', () => {
    expect(realismOf(asWanted())).toEqual({ score: 100, band: 'lifelike', parts: [] });
  });

  test.each(measureNames)('falls when %s is missed, and says so first', (name) => {
    const { atLeast, atMost } = wanted[name];
    const missed = atMost === undefined ? atLeast! * 0.5 : atMost + Math.max(0.5, atMost);
    const { score, parts } = realismOf(asWanted().map((row) => (row.name === name ? measure(name, missed) : row)));
    expect(score).toBeLessThan(100);
    expect(parts.map((part) => part.name)).toEqual([name === 'sharpness' ? 'sharpness-above' : name]);
  });

  test('says of a soft face and of one harder than its photograph what each is', () => {
    const missed = (value: number) =>
      realismOf(asWanted().map((row) => (row.name === 'sharpness' ? measure('sharpness', value) : row))).parts;
    expect(missed(0.5)).toMatchObject([{ name: 'sharpness' }]);
    expect(missed(1.252)).toMatchObject([{ name: 'sharpness-above' }]);
  });

  test('does not take a picture for alive that follows no motion, or is somebody else', () => {
    for (const [name, value] of [
      ['motion-followed', 1],
      ['identity-mean', 0.4],
    ] as const) {
      const rows = asWanted().map((row) => (row.name === name ? measure(name, value) : row));
      expect(realismOf(rows).score).toBeLessThanOrEqual(50);
    }
  });

  test('does not count what could not be measured', () => {
    const rows = asWanted().map((row) => (row.name === 'blink' ? measure('blink', 'no-blink') : row));
    expect(realismOf(rows).score).toBe(100);
  });

  test.each([NaN, Infinity, -Infinity])('takes %d for no value, and refuses a row that has it', (value) => {
    expect(measure('stretch', value)).toMatchObject({ missing: 'no-number' });
    const rows = asWanted().map((row) => (row.name === 'stretch' ? { ...row, value, passed: false } : row));
    expect(() => realismOf(rows)).toThrow(RangeError);
  });

  test('is 0 and artificial where all is as bad as can be', () => {
    const rows = measureNames.map((name) => measure(name, wanted[name].atMost === undefined ? -1 : 1e6));
    expect(realismOf(rows)).toMatchObject({ score: 0, band: 'artificial' });
  });
});

describe('lips and voice', () => {
  const wave = (late: number): number[] =>
    Array.from({ length: 100 }, (_, i) => Math.sin((i - late) * 0.5) * Math.sin((i - late) * 0.11));

  test.each([-5, 0, 3, 7.5])('%d frames apart', (late) => {
    const { correlation, lag } = lipSync(wave(late), wave(0), 25)!;
    expect(correlation).toBeGreaterThan(0.95);
    expect(lag / 40).toBeCloseTo(late, 1);
  });

  test('with a mouth that does not move, or frames in which it was not seen', () => {
    expect(lipSync(Array<number>(100).fill(0.1), wave(0), 25)!.correlation).toBe(0);
    const unseen = wave(2).map((value, i) => (i % 17 === 0 ? NaN : value));
    expect(lipSync(unseen, wave(0), 25)!.lag).toBeCloseTo(80, -1);
    expect(lipSync(wave(0).slice(0, 10), wave(0), 25)).toBeUndefined();
    const hardlySeen = wave(0).map((value, i) => (i % 5 === 0 ? value : NaN));
    expect(lipSync(hardlySeen, wave(0), 25)).toBeUndefined();
  });
});

describe('the plan of looks', () => {
  const lids = (right: number, left = right): MotionFrame => ({
    blendshapes: { eyeBlinkRight: right, eyeBlinkLeft: left },
  });

  test('looks at shut eyes once a blink, never closely within one, and at the farthest turn', () => {
    const frames = Array.from({ length: 50 }, (_, i) => {
      const weight = i >= 20 && i <= 22 ? 1 : i === 19 || i === 23 ? 0.5 : 0;
      const head = { yaw: i === 41 ? -9 : i / 10, pitch: 0, roll: 0, x: 0, y: 0, z: 0 };
      return { ...lids(weight, i === 20 ? 0.4 : weight), head };
    });
    const plan = planLooks(frames, 25);
    expect([...plan.shut]).toEqual([[20, [true, false]]]);
    expect([...plan.close].some((index) => index >= 19 && index <= 23)).toBe(false);
    expect(plan.close.has(41)).toBe(true);
    expect([18, 19, 23, 24].map((index) => plan.blinksIn(index))).toEqual([false, true, true, false]);
  });

  test.each([0.65, 0.8, 0.93])('a blink that only reaches %d is one, at its peak', (peak) => {
    const frames = [0, 0.3, 0.62, peak, 0.61, 0.2, 0, 0].map((weight) => lids(weight));
    expect([...planLooks(frames, 25).shut]).toEqual([[3, [true, true]]]);
  });

  test('lowered lids are no blink, nor is one that only twitches; eyes shut for long are shut', () => {
    const held = (weight: number): MotionFrame[] => Array.from({ length: 50 }, (_, i) => lids(i < 5 ? 0 : weight));
    expect(planLooks(held(0.7), 25).shut.size).toBe(0);
    expect(
      planLooks(
        [0, 0.5, 0].map((weight) => lids(weight)),
        25,
      ).shut.size,
    ).toBe(0);
    expect([...planLooks(held(1), 25).shut.keys()]).toEqual([5]);
  });

  test('detail is looked at where the face moves the most', () => {
    const turning = (yaw: number): MotionFrame => ({ head: { yaw, pitch: 0, roll: 0, x: 0, y: 0, z: 0 } });
    const frames = Array.from({ length: 60 }, (_, i) => turning(i >= 30 && i < 50 ? i - 20 : 0));
    const { moved } = planLooks(frames, 25);
    expect(moved.size).toBeGreaterThan(4);
    expect([...moved].filter((index) => index >= 30 && index < 50).length).toBeGreaterThanOrEqual(5);
    expect(moved.has(49)).toBe(true);
  });
});

describe('the step at the loop', () => {
  const size = 80;
  /** Stripes that slide by `x`, and a patch that is `light` lighter. */
  const drawn = (x: number, light = 0): Picture => {
    const data = new Uint8Array(size * size * 3);
    for (let i = 0; i < size * size; i += 1) {
      const [column, row] = [i % size, Math.floor(i / size)];
      const isPatch = column > 60 && row > 60;
      data.fill(isPatch ? 100 + light : column < 40 ? 128 + 100 * Math.sin((column + x) / 4) : 50, 3 * i, 3 * i + 3);
    }
    return { width: size, height: size, data };
  };
  const ratio = async (pictures: readonly Picture[]): Promise<number | undefined> => {
    const steps = measureLoopSteps({ x: 0, y: 0, width: size, height: size }, 4);
    for (const picture of pictures) await steps.add(picture, true);
    return steps.ratio();
  };
  const round = Array.from({ length: 24 }, (_, i) => drawn(8 * Math.sin((i / 24) * 2 * Math.PI)));

  test('is no larger than the others where the loop closes, wherever it begins', async () => {
    for (const from of [0, 5, 6, 17]) {
      expect(await ratio([...round.slice(from), ...round.slice(0, from)])).toBeLessThan(1.3);
    }
  });

  test('is seen where the loop is cut, and where one small place jumps while much else moves', async () => {
    expect(await ratio(round.slice(0, 8))).toBeGreaterThan(2);
    const drifting = Array.from({ length: 24 }, (_, i) => drawn(8 * Math.sin((i / 24) * 2 * Math.PI), 2 * i));
    expect(await ratio(drifting)).toBeGreaterThan(5);
  });

  test('is not asked for where nothing moves', async () => {
    expect(await ratio([drawn(0), drawn(0), drawn(0)])).toBeUndefined();
  });
});

describe('pixels', () => {
  test('a polygon covers the pixels whose middle it holds, either way round', () => {
    const triangle = [
      [1, 1],
      [6, 1],
      [1, 6],
    ] as const;
    const [one, other] = [new Uint8Array(64), new Uint8Array(64)];
    fillPolygon(one, 8, 8, triangle, 1);
    fillPolygon(other, 8, 8, triangle.toReversed(), 1);
    expect(one).toEqual(other);
    expect(one.reduce((sum, value) => sum + value)).toBe(6 + 5 + 4 + 3 + 2);
  });

  test('runs hold the pixels of a mask and no others', async () => {
    const mask = Uint8Array.of(1, 1, 0, 1, 0, 0, 1, 1, 1);
    expect(await runsOf(mask, 3)).toEqual([
      { start: 0, length: 2 },
      { start: 3, length: 1 },
      { start: 6, length: 3 },
    ]);
  });

  test('the largest difference is found in whichever row it is', async () => {
    const [a, b] = [new Uint8Array(30), new Uint8Array(30)];
    expect(await largestDifference(a, b, 10)).toBe(0);
    b[27] = 200;
    a[3] = 4;
    expect(await largestDifference(a, b, 10)).toBe(200);
  });
});

test('a contact sheet shows frames from left to right and down in time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-sheet-'));
  try {
    const sheet = createContactSheet({ columns: 3, rows: 2, frames: 12, cell: 16 });
    for (let i = 0; i < 12; i += 1) {
      const picture: Picture = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3).fill(20 * i) };
      await sheet.see(i, picture);
    }
    const path = join(folder, 'sheet.png');
    await sheet.write(path);
    const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    const at = (column: number, row: number): number =>
      data[((row * 16 + 8) * info.width + column * 16 + 8) * info.channels]!;
    expect([info.width, info.height]).toEqual([48, 32]);
    expect([0, 1].map((row) => [0, 1, 2].map((column) => at(column, row)))).toEqual([
      [0, 40, 80],
      [120, 160, 200],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
