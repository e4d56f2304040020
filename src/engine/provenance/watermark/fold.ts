/** Lays all tiles of a picture on one another, for a supposed size of the tile, and takes the result's spectrum. */
import { emptySpectrum, type Spectrum, transform } from './fourier.ts';
import type { GreyMap } from './grey-map.ts';

/** Pixels of the map that one tile takes across and down. */
export interface TileSize {
  readonly across: number;
  readonly down: number;
}

/**
 * The spectrum of `side` squared samples. `tiles` takes only so many of them from the middle, in each direction: the fewer, the
 * wider the range of sizes that are near enough.
 */
export function foldedSpectrum(map: GreyMap, tile: TileSize, side: number, tiles = Infinity): Spectrum {
  const { data, width, height } = map;
  const [left, right] = middle(width, tiles * tile.across);
  const [top, bottom] = middle(height, tiles * tile.down);
  const spectrum = emptySpectrum(side);
  const { re } = spectrum;
  // Counted from the middle, so that a wrong size moves what lies there least.
  const columns = Int32Array.from({ length: width }, (_, x) => sampleOf(x, width, tile.across, side));
  for (let y = top; y < bottom; y++) {
    const row = sampleOf(y, height, tile.down, side) * side;
    const from = y * width;
    for (let x = left; x < right; x++) re[row + columns[x]!]! += data[from + x]!;
  }
  transform(spectrum);
  return spectrum;
}

function middle(length: number, wanted: number): [number, number] {
  const taken = Math.min(length, Math.round(wanted));
  const from = (length - taken) >> 1;
  return [from, from + taken];
}

function sampleOf(at: number, length: number, tile: number, side: number): number {
  const sample = Math.floor(((at + 0.5 - length / 2) * side) / tile) % side;
  return sample < 0 ? sample + side : sample;
}
