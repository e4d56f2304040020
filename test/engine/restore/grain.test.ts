import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { grainFilter } from '../../../src/engine/restore/grain.ts';

const run = promisify(execFile);

/** Three grey frames of one level, full range, through the filter: deviation of each and their bytes. */
async function grained(
  level: number,
  filter: string,
  height: number,
): Promise<{ deviation: number; mean: number; frames: Buffer[] }> {
  const width = 320;
  const coded = Math.round(16 + (level * 219) / 255);
  const source = `color=gray:s=${width}x${height}:r=25:d=0.12,format=yuv420p,lutyuv=y=${coded}:u=128:v=128`;
  const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-vf', `${filter},scale=out_range=pc`];
  const { stdout } = await run('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'], {
    encoding: 'buffer',
    maxBuffer: 2 ** 28,
  });
  const size = (width * height * 3) / 2;
  const frames = [0, 1, 2].map((i) => stdout.subarray(i * size, i * size + width * height));
  const mean = frames[0]!.reduce((sum, value) => sum + value, 0) / frames[0]!.length;
  const power = frames[0]!.reduce((sum, value) => sum + (value - mean) ** 2, 0) / frames[0]!.length;
  return { deviation: Math.sqrt(power), mean, frames };
}

describe('grain', () => {
  it.each([
    [3, 480],
    [6, 1080],
    [6, 2160],
  ])('of %s levels comes out so on a picture %s lines high', async (strength, height) => {
    const { deviation, mean } = await grained(116, grainFilter({ strength, seed: 7 }, height)!, height);
    expect(deviation / strength).toBeGreaterThan(0.8);
    expect(deviation / strength).toBeLessThan(1.2);
    expect(Math.abs(mean - 116)).toBeLessThan(1.5);
  });

  it('is weaker in the dark and in the light', async () => {
    const filter = grainFilter({ strength: 6, seed: 7 }, 480)!;
    const [dark, middle, bright] = await Promise.all([12, 116, 244].map((level) => grained(level, filter, 480)));
    expect(dark!.deviation).toBeLessThan(middle!.deviation * 0.6);
    expect(bright!.deviation).toBeLessThan(middle!.deviation * 0.6);
  });

  it('differs from frame to frame and seed to seed, and is the same for the same seed', async () => {
    const of = async (seed: number) => (await grained(116, grainFilter({ strength: 6, seed }, 240)!, 240)).frames;
    const [first, again, other] = await Promise.all([of(7), of(7), of(8)]);
    expect(first[0]!.equals(first[1]!)).toBe(false);
    expect(first[0]!.equals(again[0]!)).toBe(true);
    expect(first[0]!.equals(other[0]!)).toBe(false);
  });

  it('is no filter when there is none, and refuses what makes no sense', () => {
    expect(grainFilter({ strength: 0, seed: 1 }, 480)).toBeUndefined();
    expect(() => grainFilter({ strength: -1, seed: 1 }, 480)).toThrow(
      'expected a strength of 0 or more but received -1',
    );
    expect(() => grainFilter({ strength: 3, seed: 0.5 }, 480)).toThrow('received 0.5');
  });
});
