/** A chart of flat patches, and the closed forms of ITU-R BT.601 and BT.709 that turn it into stored numbers and back. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Frame } from '../../../src/engine/frame.ts';
import { rational } from '../../../src/engine/rational.ts';

const run = promisify(execFile);

export type Rgb = readonly [number, number, number];

/** The corners of the colour cube, greys, and some colours of no particular kind. */
export const patches: readonly Rgb[] = [
  ...([
    [0, 0, 0],
    [255, 255, 255],
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [0, 255, 255],
    [255, 0, 255],
    [255, 255, 0],
  ] as const),
  ...([
    [16, 16, 16],
    [64, 64, 64],
    [128, 128, 128],
    [200, 200, 200],
    [235, 235, 235],
    [3, 3, 3],
    [252, 252, 252],
    [90, 60, 30],
  ] as const),
  ...([
    [200, 120, 90],
    [30, 90, 160],
    [12, 200, 77],
    [180, 33, 140],
    [240, 220, 180],
    [60, 70, 20],
    [150, 200, 250],
    [99, 1, 47],
  ] as const),
];

/** Pixels along a side of a patch. */
export const side = 16;
export const width = 8 * side;
export const height = Math.ceil(patches.length / 8) * side;

export function patchAt(x: number, y: number): Rgb {
  return patches[Math.floor(y / side) * 8 + Math.floor(x / side)]!;
}

export function chartFrame(index: number, rate = rational(25)): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) data.set(patchAt(x, y), (y * width + x) * 3);
  return { format: 'rgb24', data, width, height, time: rational(index * rate.den, rate.num) };
}

const weights = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;
export type Matrix = keyof typeof weights;

/** Y'CbCr of 8 bits, unrounded. */
export function toYuv([r, g, b]: Rgb, matrix: Matrix, full: boolean): [number, number, number] {
  const [kr, kb] = weights[matrix];
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  const cb = (b - y) / (2 * (1 - kb));
  const cr = (r - y) / (2 * (1 - kr));
  if (full) return [y, 128 + cb, 128 + cr];
  return [16 + (y * 219) / 255, 128 + (cb * 224) / 255, 128 + (cr * 224) / 255];
}

/** Five frames of the chart as planar 4:4:4 bytes. */
function storedChart(matrix: Matrix, full: boolean): Buffer {
  const plane = width * height;
  const frame = Buffer.alloc(plane * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const yuv = toYuv(patchAt(x, y), matrix, full);
      for (const [index, value] of yuv.entries())
        frame[index * plane + y * width + x] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
  return Buffer.concat([frame, frame, frame, frame, frame]);
}

/**
 * Writes a clip of the chart into `folder` without ffmpeg converting anything: the numbers stored are those of the closed
 * form, and the tags are `tags`.
 */
export async function chartClip(
  folder: string,
  name: string,
  matrix: Matrix,
  full: boolean,
  words: readonly string[],
): Promise<string> {
  const raw = join(folder, `${name}.yuv`);
  await writeFile(raw, storedChart(matrix, full));
  const path = join(folder, name);
  const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv444p', '-s', `${width}x${height}`, '-r', '25', '-i', raw];
  await run('ffmpeg', ['-v', 'error', '-y', ...input, ...words, path]);
  return path;
}

/** Largest difference, in levels of 8 bits, between the middle of each patch and what it should be. */
export function worstPatch(frame: Frame, expected = patchAt): number {
  let worst = 0;
  for (let y = side / 2; y < height; y += side) {
    for (let x = side / 2; x < width; x += side) {
      if (y >= height || patches[Math.floor(y / side) * 8 + Math.floor(x / side)] === undefined) continue;
      const at = (y * frame.width + x) * 3;
      for (const [channel, value] of expected(x, y).entries())
        worst = Math.max(worst, Math.abs(frame.data[at + channel]! - value));
    }
  }
  return worst;
}

/** The first picture of a clip as ffmpeg stores it, planar: what a player would read. */
export async function storedPicture(folder: string, path: string): Promise<Buffer> {
  const raw = join(folder, 'stored.yuv');
  await run('ffmpeg', ['-v', 'error', '-y', '-i', path, '-frames:v', '1', '-f', 'rawvideo', raw]);
  return await readFile(raw);
}
