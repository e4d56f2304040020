/** The mark as a grey picture that is added to the luma of a clip's frames. */
import type { Size } from '../../size.ts';
import type { Strength } from './strength.ts';

/** Samples of one tile, of mean 0 and deviation 1. */
export interface SizedTile {
  readonly data: Float32Array;
  readonly side: number;
}

/** What a byte is where nothing is added. */
export const neutral = 128;

/**
 * Rows `from` up to `to` of the pattern, into `out`: the tile, moved by `move` (in sides), times the strength there, rounded.
 * What is weaker than half a level is not there at all.
 */
export function drawPattern(
  out: Uint8Array,
  { width, height }: Size,
  tile: SizedTile,
  move: { readonly x: number; readonly y: number },
  strength: Strength,
  from: number,
  to: number,
): void {
  const { side, data } = tile;
  const columns = Int32Array.from({ length: width }, (_, x) => (x + Math.floor(move.x * side)) % side);
  const places = Float32Array.from({ length: width }, (_, x) => placeIn(x, width, strength.width));
  for (let y = from; y < to; y++) {
    const v = placeIn(y, height, strength.height);
    const upper = Math.floor(v) * strength.width;
    const lower = Math.min(strength.height - 1, Math.floor(v) + 1) * strength.width;
    const below = v - Math.floor(v);
    const row = ((y + Math.floor(move.y * side)) % side) * side;
    for (let x = 0; x < width; x++) {
      const u = places[x]!;
      const left = Math.floor(u);
      const right = Math.min(strength.width - 1, left + 1);
      const beside = u - left;
      const above = strength.data[upper + left]! * (1 - beside) + strength.data[upper + right]! * beside;
      const under = strength.data[lower + left]! * (1 - beside) + strength.data[lower + right]! * beside;
      const here = above * (1 - below) + under * below;
      out[y * width + x] = Math.round(neutral + here * data[row + columns[x]!]!);
    }
  }
}

/** Where sample `at` of `of` lies among `among` samples of the same length, from the first to the last. */
function placeIn(at: number, of: number, among: number): number {
  return Math.max(0, Math.min(among - 1, ((at + 0.5) * among) / of - 0.5));
}
