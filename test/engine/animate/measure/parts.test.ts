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
import { measure, measureNames, wanted, type Measure } from '../../../../src/engine/animate/measure/measures.ts';
import { fillPolygon } from '../../../../src/engine/animate/measure/polygon.ts';
import { realismOf } from '../../../../src/engine/animate/measure/realism.ts';
import type { Picture } from '../../../../src/engine/animate/picture.ts';

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
    expect(parts.map((part) => part.name)).toEqual([name]);
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
  });
});

describe('the plan of looks', () => {
  test('looks at shut eyes once a blink, never closely within one, and at the farthest turn', () => {
    const frames = Array.from({ length: 50 }, (_, i) => {
      const weight = i >= 20 && i <= 22 ? 1 : i === 19 || i === 23 ? 0.5 : 0;
      const head = { yaw: i === 41 ? -9 : i / 10, pitch: 0, roll: 0, x: 0, y: 0, z: 0 };
      return { blendshapes: { eyeBlinkRight: weight, eyeBlinkLeft: i === 20 ? 0.9 : weight }, head };
    });
    const plan = planLooks(frames);
    expect([...plan.shut]).toEqual([[20, [true, false]]]);
    expect([...plan.close].some((index) => index >= 19 && index <= 23)).toBe(false);
    expect(plan.close.has(41)).toBe(true);
    expect([18, 19, 23, 24].map((index) => plan.blinksIn(index))).toEqual([false, true, true, false]);
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

  test('runs hold the pixels of a mask and no others', () => {
    const mask = Uint8Array.of(1, 1, 0, 1, 0, 0, 1, 1, 1);
    expect(runsOf(mask, 3)).toEqual([
      { start: 0, length: 2 },
      { start: 3, length: 1 },
      { start: 6, length: 3 },
    ]);
  });

  test('the largest difference is found in whichever row it is', () => {
    const [a, b] = [new Uint8Array(30), new Uint8Array(30)];
    expect(largestDifference(a, b, 10)).toBe(0);
    b[27] = 200;
    a[3] = 4;
    expect(largestDifference(a, b, 10)).toBe(200);
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
