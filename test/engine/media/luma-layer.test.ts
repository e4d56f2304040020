/** A pattern goes to ffmpeg beside the frames, on a pipe of its own, and is added to them alone. */
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';

import type { Frame } from '../../../src/engine/frame.ts';
import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { encodeTo } from '../../../src/engine/media/encode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { multiply, rational } from '../../../src/engine/rational.ts';
import { scratchFolder } from '../../clips.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

it('is enlarged and added to the luma of the frames that it serves, under what is laid over it', async () => {
  const [width, height, count, every] = [95, 64, 14, 3];
  const rate = rational(25);
  const frames = async function* (): AsyncGenerator<Frame> {
    for (let i = 0; i < count; i++) {
      const data = new Uint8Array(width * height * 3).fill(100);
      yield await Promise.resolve({
        format: 'rgb24',
        data,
        width,
        height,
        time: multiply(rational(i), rational(1, 25)),
      });
    }
  };
  // Nothing in the left half, 12 levels more in the right one, in every second pattern.
  const patterns = [0, 1].map((on) =>
    Uint8Array.from({ length: 48 * 32 }, (_, i) => 128 + (on === 1 && i % 48 >= 24 ? 12 : 0)),
  );
  let asked = 0;
  const luma = {
    width: 48,
    height: 32,
    every,
    next: () => {
      const index = asked++;
      return Promise.resolve(index % every === 0 ? patterns[(index / every) % 2] : undefined);
    },
  };
  const png = join(scratch.path, 'overlay.png');
  await sharp({ create: { width: 20, height: 20, channels: 3, background: '#646464' } })
    .png()
    .toFile(png);
  const path = join(scratch.path, 'added.mp4');
  await encodeTo(path, frames(), {
    path,
    rate,
    width,
    height,
    quality: { crf: 1 },
    luma,
    overlay: { png, x: 70, y: 0 },
  });
  expect(asked).toBe(count);
  let index = 0;
  for await (const { data } of decodeFrames(await probe(path))) {
    const level = (x: number, y: number): number => data[(y * 96 + x) * 3 + 1]!;
    const added = Math.floor(index / every) % 2 === 1 ? Math.round((12 * 255) / 219) : 0;
    expect(Math.abs(level(20, 40) - 100)).toBeLessThanOrEqual(2);
    expect(Math.abs(level(70, 40) - 100 - added)).toBeLessThanOrEqual(2);
    expect(Math.abs(level(80, 10) - 100)).toBeLessThanOrEqual(2);
    index += 1;
  }
  expect(index).toBe(count);
});
