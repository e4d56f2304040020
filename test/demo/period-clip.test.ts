/** The clip the demonstration makes has the faults it claims, measured, and is the same each time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createDrift, createFilmDamage, createRandom, normal } from '../../src/demo/film-damage.ts';
import { makePeriodClip } from '../../src/demo/period-clip.ts';
import { probe } from '../../src/engine/media/probe.ts';
import { toNumber } from '../../src/engine/rational.ts';
import { scratchFolder } from '../clips.ts';

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: ArrayLike<number>): number => {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)));
};

describe('randomness', () => {
  it('is normal, seeded, and drifts with the deviation asked for', () => {
    const random = createRandom(3);
    const values = Array.from({ length: 20_000 }, () => normal(random));
    expect(mean(values)).toBeCloseTo(0, 1);
    expect(deviation(values)).toBeCloseTo(1, 1);
    const drift = createDrift(createRandom(4), 5, 0.6);
    expect(deviation(Array.from({ length: 20_000 }, drift))).toBeCloseTo(5, 0);
    expect(createRandom(3)()).toBe(createRandom(3)());
    expect(createRandom(3)()).not.toBe(createRandom(4)());
  });
});

describe('film damage', () => {
  const [width, height] = [214, 160];
  const grey = new Uint8Array(width * height).fill(128);
  const damage = createFilmDamage(width, height, createRandom(9));
  const frames = Array.from({ length: 60 }, () => damage(grey));
  const centre = (frame: Uint8Array): number[] => {
    const values: number[] = [];
    for (let y = 70; y < 90; y += 1) for (let x = 97; x < 117; x += 1) values.push(frame[y * width + x]!);
    return values;
  };

  it('flickers, and every frame has grain of its own', () => {
    const light = frames.map((frame) => mean(centre(frame)));
    expect(deviation(light)).toBeGreaterThan(3);
    expect(deviation(light)).toBeLessThan(20);
    expect(deviation(centre(frames[0]!))).toBeGreaterThan(3);
    expect(frames[0]).not.toEqual(frames[1]);
  });

  it('darkens the corners', () => {
    const corner = frames.map((frame) => mean([frame[0]!, frame[width - 1]!, frame[width * height - 1]!]));
    expect(mean(corner)).toBeLessThan(mean(frames.map((frame) => mean(centre(frame)))) - 10);
  });

  it('draws scratches: columns brighter than their neighbours from top to bottom', () => {
    const scratched = frames.filter((frame) => {
      const columns = Array.from({ length: width }, (_, x) =>
        mean(Array.from({ length: height }, (_, y) => frame[y * width + x]!)),
      );
      return columns.some(
        (value, x) => x > 0 && x < width - 1 && value > Math.max(columns[x - 1]!, columns[x + 1]!) + 15,
      );
    });
    expect(scratched.length).toBeGreaterThan(5);
    expect(scratched.length).toBeLessThan(60);
  });
});

describe('the period clip', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  beforeAll(async () => {
    folder = await scratchFolder();
  });
  afterAll(() => folder.remove());

  it('has 160 lines at 12 frames a second, lasts as long as asked, and comes out the same again', async () => {
    const photograph = join(folder.path, 'photograph.png');
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    await sharp({ create: { width: 800, height: 640, channels: 3, background: '#777', noise } })
      .png()
      .toFile(photograph);
    const [once, again] = [join(folder.path, 'once.mp4'), join(folder.path, 'again.mp4')];
    for (const path of [once, again]) await makePeriodClip(photograph, path, { seconds: 2.5, seed: 1865 });
    const { video } = await probe(once);
    expect([video.width, video.height, video.rate, video.frameCount.count]).toEqual([
      214,
      160,
      { num: 12, den: 1 },
      30,
    ]);
    expect(toNumber(video.duration)).toBe(2.5);
    expect((await readFile(once)).equals(await readFile(again))).toBe(true);
  });
});
