/** The strength of a mark, known for each part of a picture, between those parts: linear, on its way to single pixels. */
import type { Size } from '../../size.ts';
import type { Strength } from './strength.ts';

/** Row `y` of `strength`, linear between its samples, in `width` samples. */
export function stretchRow({ data, width: samples }: Strength, y: number, width: number): Float32Array {
  const row = new Float32Array(width);
  const from = y * samples;
  for (let x = 0; x < width; x++) {
    const place = placeIn(x, width, samples);
    const left = Math.min(samples - 2, Math.floor(place));
    row[x] = data[from + left]! + (data[from + left + 1]! - data[from + left]!) * (place - left);
  }
  return row;
}

/** Where sample `at` of `of` lies among `among` samples of the same length, from the first to the last. */
export function placeIn(at: number, of: number, among: number): number {
  return Math.max(0, Math.min(among - 1, ((at + 0.5) * among) / of - 0.5));
}

/** `strength` in as many samples as a picture of that size has pixels. */
export function stretched(strength: Strength, { width, height }: Size): Float32Array {
  const out = new Float32Array(width * height);
  let below = -1;
  let rows: readonly [Float32Array, Float32Array] | undefined;
  for (let y = 0; y < height; y++) {
    const place = placeIn(y, height, strength.height);
    const upper = Math.min(strength.height - 2, Math.floor(place));
    if (rows === undefined || upper + 1 !== below) {
      rows = [stretchRow(strength, upper, width), stretchRow(strength, upper + 1, width)];
      below = upper + 1;
    }
    const [first, second] = rows;
    const share = place - upper;
    for (let x = 0, at = y * width; x < width; x++, at++) out[at] = first[x]! + (second[x]! - first[x]!) * share;
  }
  return out;
}
