/** Frames between by the real interpolator, on pictures whose motion is known. */
import { afterAll, describe, expect, it } from 'vitest';

import type { Picture } from '../../../src/engine/picture.ts';
import { smoothed } from '../../../src/engine/animate/work-smooth.ts';
import { createSessionPool } from '../../../src/engine/model/session-pool.ts';
import { installForTest, testModelCache } from '../../models.ts';
import { centre, dot } from './camera/made-pictures.ts';

const pool = createSessionPool({ providers: ['cpu'] });
afterAll(() => pool.close());

const size = { width: 128, height: 96 };
const count = 8;
/** A dot that goes round: 6 pixels from frame to frame, and from the last to the first. */
const round = Array.from({ length: count }, (_, index): Picture => {
  const angle = (2 * Math.PI * index) / count;
  return dot(size.width, size.height, { x: 64 + 8 * Math.cos(angle), y: 48 + 8 * Math.sin(angle) }, 9);
});

async function make(loops: boolean): Promise<Picture[]> {
  await installForTest('rife-v4.6');
  const pictures: Picture[] = [];
  async function* given(): AsyncGenerator<Picture> {
    for (const picture of round) yield await Promise.resolve(picture);
  }
  const { signal } = new AbortController();
  const options = { size, factor: 2, loops, modelsDir: testModelCache, signal, onModelMs: () => undefined };
  for await (const picture of smoothed(given(), pool, options)) pictures.push(picture);
  return pictures;
}

describe('smoothed pictures', () => {
  it('keep every one that was drawn, with one on the way between two, also from the last to the first', async () => {
    const pictures = await make(true);
    expect(pictures).toHaveLength(2 * count);
    round.forEach((picture, i) => {
      expect(pictures[2 * i]!.data).toBe(picture.data);
      const [from, to] = [centre(picture), centre(round[(i + 1) % count]!)];
      const between = centre(pictures[2 * i + 1]!);
      expect(Math.hypot(between.x - (from.x + to.x) / 2, between.y - (from.y + to.y) / 2)).toBeLessThan(1.2);
    });
  });

  it('stand still after the last of what does not loop', async () => {
    const pictures = await make(false);
    expect(pictures).toHaveLength(2 * count);
    expect(pictures.at(-1)!.data).toEqual(round.at(-1)!.data);
    expect(pictures.at(-3)!.data).not.toEqual(pictures.at(-2)!.data);
  });
});
