/**
 * 64 bits that stay nearly the same when a picture is encoded again, resized, cropped a little or brightened: for finding
 * pictures that a moderator blocked and results that were made here. What is in the picture cannot be told from them.
 */
import sharp from 'sharp';

import type { Picture } from '../picture.ts';

/** Side of the small grey picture that is transformed. */
const side = 32;
/** Samples along each side of a cell of the small picture: 256 of a photograph's pixels tell its mean well enough. */
const samplesAcross = 16;
/** What a file is reduced to first, by libvips in its own threads. */
const reducedSide = 256;
const maxPixels = 100_000_000;

/**
 * The 64 lowest frequencies of the DCT-II without the level, lowest first: `[across, down]` in half periods. (Of the choices that
 * were measured, those nearest to the level move least when a picture is cropped.)
 */
const frequencies = Array.from({ length: 256 }, (_, n) => ({ across: n % 16, down: Math.floor(n / 16) }))
  .filter(({ across, down }) => across + down > 0)
  .sort((a, b) => a.across ** 2 + a.down ** 2 - b.across ** 2 - b.down ** 2 || a.across - b.across)
  .slice(0, 64);

/** `waves[k][x]`: the wave of k half periods. */
const waves: readonly Float64Array[] = Array.from({ length: 16 }, (_, k) =>
  Float64Array.from({ length: side }, (_unused, x) => Math.cos((Math.PI * k * (2 * x + 1)) / (2 * side))),
);

/**
 * The signs of the lowest 64 frequencies of the picture's luma, as 16 hexadecimal digits, the lowest frequency first. (After
 * Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010, with signs in place of the median, so that
 * a mirrored picture's hash is known from the picture's own.) Takes about a millisecond at any size.
 * @param part of the picture that is looked at; all of it when left out.
 */
export function perceptualHash(picture: Picture, part: Part = whole): string {
  const grey = reduced(picture, part);
  const transformedRows = waves.map((wave) =>
    Float64Array.from({ length: side }, (_, y) => along(grey, y * side, wave)),
  );
  let bits = 0n;
  for (const { across, down } of frequencies) {
    const coefficient = along(transformedRows[across]!, 0, waves[down]!);
    bits = (bits << 1n) | (coefficient > flat ? 1n : 0n);
  }
  return toText(bits);
}

/** A part of a picture by its edges, from 0 (left, top) to 1. Beyond them the picture goes on as it is at its edge. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const whole: Part = { left: 0, top: 0, right: 1, bottom: 1 };

/** Below it a coefficient is rounding: a picture of one colour has the hash 0. */
const flat = 1e-6;

function along(values: Float64Array, from: number, wave: Float64Array): number {
  let sum = 0;
  for (let x = 0; x < side; x += 1) sum += values[from + x]! * wave[x]!;
  return sum;
}

/** The hash of a picture in a file. Rejects as `readReduced` does. */
export async function perceptualHashOfFile(path: string): Promise<string> {
  return perceptualHash(await readReduced(path));
}

/** A picture in a file, upright, on white, squeezed into a small square. Rejects as sharp does when it is no picture. */
export async function readReduced(path: string): Promise<Picture> {
  const { data, info } = await sharp(path, { limitInputPixels: maxPixels, pages: 1 })
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize(reducedSide, reducedSide, { fit: 'fill', kernel: 'linear' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`expected 3 channels but decoded ${info.channels}`);
  return { width: info.width, height: info.height, data };
}

/** Of a picture of one colour, which is like all others of that kind. */
const nothing = '0'.repeat(16);

/** Each hash once, without those that tell nothing. */
export const telling = (hashes: readonly string[]): readonly string[] => [
  ...new Set(hashes.filter((hash) => hash !== nothing)),
];

/** How many of the 64 bits differ. */
export function hammingDistance(a: string, b: string): number {
  return distanceOf(parseHash(a), parseHash(b));
}

/** The halves of a hash, for comparing it with many. */
export type ParsedHash = readonly [number, number];

/** Throws a RangeError for anything but 16 hexadecimal digits. */
export function parseHash(hash: string): ParsedHash {
  check(hash);
  return [half(hash, 0), half(hash, 8)];
}

/** As `hammingDistance`. */
export const distanceOf = (a: ParsedHash, b: ParsedHash): number => ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);

const half = (hash: string, from: number): number => Number.parseInt(hash.slice(from, from + 8), 16);

/** How many bits of 32 are set, by adding neighbours. */
function ones(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The hash that the picture has when it is mirrored left to right: every odd frequency across changes its sign. */
export function mirroredHash(hash: string): string {
  check(hash);
  return toText(BigInt(`0x${hash}`) ^ oddAcross);
}

const oddAcross = frequencies.reduce((bits, { across }) => (bits << 1n) | BigInt(across % 2), 0n);

/** Whether it is one, as `perceptualHash` writes it. */
export const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);

function check(hash: string): void {
  if (!isHash(hash)) throw new RangeError('expected 16 hexadecimal digits for a perceptual hash');
}

const toText = (bits: bigint): string => bits.toString(16).padStart(16, '0');

/** Luma of the picture squeezed into a square, as means of samples spread evenly over each cell. */
function reduced({ width, height, data }: Picture, { left, top, right, bottom }: Part): Float64Array {
  const columns = samplePositions(width, left, right).map((x) => x * 3);
  const rows = samplePositions(height, top, bottom).map((y) => y * width * 3);
  const across = columns.length / side;
  const down = rows.length / side;
  const grey = new Float64Array(side * side);
  rows.forEach((row, j) => {
    const cells = Math.floor(j / down) * side;
    columns.forEach((column, i) => {
      const at = row + column;
      grey[cells + Math.floor(i / across)]! += 0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!;
    });
  });
  return grey.map((sum) => sum / (across * down));
}

/** The same number of positions for each cell, between two shares of a side of `length` pixels. */
function samplePositions(length: number, from: number, to: number): number[] {
  const span = (to - from) * length;
  const each = Math.max(1, Math.min(samplesAcross, Math.ceil(span / side)));
  const at = (k: number): number => Math.floor(from * length + ((k + 0.5) * span) / (side * each));
  return Array.from({ length: side * each }, (_, k) => Math.max(0, Math.min(length - 1, at(k))));
}
