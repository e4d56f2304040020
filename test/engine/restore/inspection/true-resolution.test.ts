import { execFile } from 'node:child_process';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import type { GreyPicture } from '../../../../src/engine/restore/inspection/thumbnail.ts';
import { effectiveScaleOf, tileSpectra } from '../../../../src/engine/restore/inspection/true-resolution.ts';
import { sharedMedia } from '../../../media.ts';
import { grainy, leaves } from '../leaves.ts';

const estimate = (picture: GreyPicture): number => effectiveScaleOf(tileSpectra(picture));

async function resized(picture: GreyPicture, width: number, height: number, kernel: 'cubic' | 'linear') {
  const raw = { width: picture.width, height: picture.height, channels: 1 as const };
  const data = await sharp(picture.data, { raw })
    .resize(width, height, { kernel, fit: 'fill' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  return { data: new Uint8Array(data), width, height };
}

/** Made smaller by `scale`, and enlarged back to the size it had. */
async function softened(picture: GreyPicture, scale: number): Promise<GreyPicture> {
  const { width, height } = picture;
  const small = await resized(picture, Math.round(width * scale), Math.round(height * scale), 'cubic');
  return await resized(small, width, height, 'cubic');
}

function ffmpeg(args: string[], input: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', maxBuffer: 2 ** 28 } as const;
    const child = execFile('ffmpeg', ['-v', 'error', ...args], options, (error, output) => {
      if (error) reject(new Error('ffmpeg failed', { cause: error }));
      else resolve(output);
    });
    child.stdin!.end(input);
  });
}

async function coded(picture: GreyPicture, crf: number): Promise<GreyPicture> {
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${picture.width}x${picture.height}`];
  const options = ['-c:v', 'libx264', '-crf', String(crf), '-pix_fmt', 'yuv420p', '-f', 'matroska', '-'];
  const file = await ffmpeg([...raw, '-i', '-', ...options], picture.data);
  const data = await ffmpeg(['-i', '-', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'], file);
  return { ...picture, data: new Uint8Array(data) };
}

describe('true resolution', () => {
  const sharpPicture = leaves(384, 384, 3);

  it('is that of the pixels for a sharp picture, plain, grainy or coded', async () => {
    expect(estimate(sharpPicture)).toBeGreaterThan(0.9);
    expect(estimate(grainy(sharpPicture, 8, 1))).toBeGreaterThan(0.9);
    expect(estimate(await coded(sharpPicture, 28))).toBeGreaterThan(0.9);
  });

  it.each([0.75, 0.67, 0.5, 0.4, 0.33])('finds a picture enlarged from %s of its size', async (scale) => {
    const soft = await softened(sharpPicture, scale);
    const found = [estimate(soft), estimate(grainy(soft, 3, 1)), estimate(await coded(soft, 20))];
    for (const value of found) expect(value / scale).toSatisfy((ratio: number) => ratio > 0.8 && ratio < 1.2);
  });

  it('keeps the order of sizes', async () => {
    const scales = [0.85, 0.67, 0.5, 0.4, 0.3];
    const found = await Promise.all(scales.map(async (scale) => estimate(await softened(sharpPicture, scale))));
    expect(found).toEqual([...found].sort((a, b) => b - a));
  });

  it('is not misled by black bars', async () => {
    const soft = await softened(sharpPicture, 0.5);
    const data = new Uint8Array(384 * 640);
    data.set(soft.data, 384 * 128);
    expect(estimate({ data, width: 384, height: 640 })).toBeCloseTo(estimate(soft), 1);
  });

  it('claims nothing where nothing tells', () => {
    const flat = { data: new Uint8Array(256 * 256).fill(90), width: 256, height: 256 };
    expect(estimate(flat)).toBe(1);
    expect(estimate(grainy(flat, 6, 2))).toBe(1);
    expect(estimate({ data: new Uint8Array(40 * 40), width: 40, height: 40 })).toBe(1);
  });

  const photograph = sharedMedia('portraits/astronaut.png');
  it.skipIf(!photograph)('finds a photograph enlarged from half its size', async () => {
    const { data, info } = await sharp(photograph)
      .resize(256, 256, { kernel: 'lanczos3' })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const picture = { data: new Uint8Array(data), width: info.width, height: info.height };
    expect(estimate(picture)).toBeGreaterThan(0.9);
    expect(estimate(await softened(picture, 0.5))).toSatisfy((value: number) => value > 0.4 && value < 0.6);
  });
});

describe('tile spectra', () => {
  it('give white noise its variance in every bin', () => {
    const noise = grainy({ data: new Uint8Array(512 * 512).fill(128), width: 512, height: 512 }, 10, 5);
    const spectra = tileSpectra(noise);
    for (const bin of [4, 15, 30]) {
      const mean = spectra.reduce((sum, spectrum) => sum + spectrum[bin]!, 0) / spectra.length;
      expect(mean / 100).toBeCloseTo(1, 0);
    }
  });

  it('put a wave into its bin', () => {
    const data = Uint8Array.from(
      { length: 64 * 64 },
      (_, i) => 128 + Math.round(100 * Math.cos((2 * Math.PI * 10 * i) / 64)),
    );
    const [alongRows] = tileSpectra({ data, width: 64, height: 64 });
    expect(alongRows!.indexOf(Math.max(...alongRows!))).toBe(10);
  });
});
