/** The tile that repeats over a marked picture: the key's ring of frequencies with a payload's signs in it. */
import type { Size } from '../../size.ts';
import { emptySpectrum, placeOf, transform } from './fourier.ts';
import { openKeyStream } from './key-stream.ts';
import { layoutOf } from './layout.ts';
import { encodePayload } from './payload-code.ts';
import type { Watermark } from './watermark.ts';

/** Samples of the tile as it is made, before it is brought to its size. */
const madeSide = 256;
/** Peaks are cut here, in deviations: they are what would be seen first, and carry little. */
const mostDeviation = 2;

/**
 * Side of the tile in pixels for a picture of this size, even. Between a fixed number of pixels (lost when a large clip is made
 * small) and a fixed share of the picture (seen as blotches in a large one).
 */
export function tileSide({ width, height }: Size): number {
  return 2 * Math.round(6 * Math.sqrt(Math.min(width, height)));
}

/** The tile as `madeSide` squared samples of mean 0 and deviation 1. */
export function makeTile({ key, payload }: Watermark): Float64Array {
  const layout = layoutOf(key);
  const signs = encodePayload(payload);
  const spectrum = emptySpectrum(madeSide);
  const put = (kx: number, ky: number, re: number, im: number): void => {
    spectrum.re[placeOf(madeSide, kx, ky)] = re;
    spectrum.im[placeOf(madeSide, kx, ky)] = im;
    spectrum.re[placeOf(madeSide, -kx, -ky)] = re;
    spectrum.im[placeOf(madeSide, -kx, -ky)] = -im;
  };
  for (const { kx, ky, cos, sin } of layout.sync) put(kx, ky, cos, sin);
  for (const { kx, ky, cos, sin, signs: carried } of layout.data) {
    const [a, b] = [signs[carried[0]]! * Math.SQRT1_2, signs[carried[1]]! * Math.SQRT1_2];
    put(kx, ky, a * cos - b * sin, a * sin + b * cos);
  }
  transform(spectrum, true);
  const tile = spectrum.re;
  toUnitDeviation(tile);
  for (let i = 0; i < tile.length; i++) tile[i] = Math.max(-mostDeviation, Math.min(mostDeviation, tile[i]!));
  toUnitDeviation(tile);
  return tile;
}

function toUnitDeviation(values: Float64Array): void {
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  for (let i = 0; i < values.length; i++) values[i]! /= deviation;
}

/** A tile of `makeTile` in `side` squared samples: bilinear between those of the periodic one. */
export function resampleTile(tile: Float64Array, side: number): Float32Array {
  const out = new Float32Array(side * side);
  const at = (x: number, y: number): number => tile[(y % madeSide) * madeSide + (x % madeSide)]!;
  for (let y = 0; y < side; y++) {
    const v = (y * madeSide) / side;
    const [y0, fy] = [Math.floor(v), v % 1];
    for (let x = 0; x < side; x++) {
      const u = (x * madeSide) / side;
      const [x0, fx] = [Math.floor(u), u % 1];
      const upper = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx;
      const lower = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx;
      out[y * side + x] = upper * (1 - fy) + lower * fy;
    }
  }
  return out;
}

/**
 * How far the tile is moved in a shot, right and down, each from 0 up to 1 of its side. Every result and every shot has a move
 * of its own, so that the mean of many pictures shows no tile; a reader need not know it.
 */
export function shotMove({ key, payload }: Watermark, shot: number): { x: number; y: number } {
  const stream = openKeyStream(key, `watermark move ${payload} ${shot}`);
  return { x: stream.unit(), y: stream.unit() };
}
