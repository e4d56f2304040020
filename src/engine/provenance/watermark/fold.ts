/** Lays all tiles of a picture on one another, for a supposed size of the tile, and takes the result's spectrum. */
import { emptySpectrum, type Spectrum, transform } from './fourier.ts';
import type { GreyMap } from './grey-map.ts';

/** Pixels of the map that one tile takes across and down. */
export interface TileSize {
  readonly across: number;
  readonly down: number;
}

/** How tiles lie on a picture. */
export interface TileLay extends TileSize {
  /** Radians that the picture was turned by, small. */
  readonly turn: number;
}

/**
 * The spectrum of `side` squared samples. `tiles` takes only so many of them from the middle, in each direction: the fewer, the
 * wider the range of sizes that are near enough.
 */
export function foldedSpectrum(map: GreyMap, tile: TileLay, side: number, tiles = Infinity): Spectrum {
  const { data, width, height } = map;
  const [left, right] = middle(width, tiles * tile.across);
  const [top, bottom] = middle(height, tiles * tile.down);
  const spectrum = emptySpectrum(side);
  const { re } = spectrum;
  // Counted from the middle, so that a wrong size moves what lies there least.
  if (tile.turn === 0) {
    const columns = Int32Array.from({ length: width }, (_, x) => sampleAt(x + 0.5 - width / 2, tile.across, side));
    for (let y = top; y < bottom; y++) {
      const row = sampleAt(y + 0.5 - height / 2, tile.down, side) * side;
      const from = y * width;
      for (let x = left; x < right; x++) re[row + columns[x]!]! += data[from + x]!;
    }
  } else {
    const [cos, sin] = [Math.cos(tile.turn), Math.sin(tile.turn)];
    for (let y = top; y < bottom; y++) {
      const v = y + 0.5 - height / 2;
      for (let x = left; x < right; x++) {
        const u = x + 0.5 - width / 2;
        const column = sampleAt(u * cos + v * sin, tile.across, side);
        const row = sampleAt(v * cos - u * sin, tile.down, side);
        re[row * side + column]! += data[y * width + x]!;
      }
    }
  }
  transform(spectrum);
  return spectrum;
}

function middle(length: number, wanted: number): [number, number] {
  const taken = Math.min(length, Math.round(wanted));
  const from = (length - taken) >> 1;
  return [from, from + taken];
}

/** Sample of a tile of `tile` pixels at so many pixels from the middle of the map. */
function sampleAt(pixels: number, tile: number, side: number): number {
  const sample = Math.floor((pixels * side) / tile) % side;
  return sample < 0 ? sample + side : sample;
}
