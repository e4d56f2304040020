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
  const begin = Math.floor(move.x * side);
  const columns = Int32Array.from({ length: width }, (_, x) => (x + begin) % side);
  const places = Float32Array.from({ length: width }, (_, x) => placeIn(x, width, strength.width));
  const lefts = Int32Array.from(places, (place) => Math.min(strength.width - 2, Math.floor(place)));
  const rights = places.map((place, x) => place - lefts[x]!);
  const between = new Float32Array(strength.width);
  for (let y = from; y < to; y++) {
    const place = placeIn(y, height, strength.height);
    const upper = Math.min(strength.height - 2, Math.floor(place));
    const share = place - upper;
    const [above, below] = [upper * strength.width, (upper + 1) * strength.width];
    for (let x = 0; x < between.length; x++) {
      between[x] = strength.data[above + x]! * (1 - share) + strength.data[below + x]! * share;
    }
    const row = ((y + Math.floor(move.y * side)) % side) * side;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const left = lefts[x]!;
      const here = between[left]! + (between[left + 1]! - between[left]!) * rights[x]!;
      // Rounded: what is written is never negative.
      out[at] = here * data[row + columns[x]!]! + neutral + 0.5;
    }
  }
}

/** Where sample `at` of `of` lies among `among` samples of the same length, from the first to the last. */
function placeIn(at: number, of: number, among: number): number {
  return Math.max(0, Math.min(among - 1, ((at + 0.5) * among) / of - 0.5));
}
