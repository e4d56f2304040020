/** The mark as a grey picture that is added to the luma of a clip's frames. */
import type { Size } from '../../size.ts';
import type { Strength } from './strength.ts';
import { placeIn, stretchRow } from './stretch.ts';

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
  const beginX = Math.floor(move.x * side) % side;
  const beginY = Math.floor(move.y * side);
  let stretched = -1;
  let above: Float32Array = new Float32Array();
  let below = above;
  for (let y = from; y < to; y++) {
    const place = placeIn(y, height, strength.height);
    const upper = Math.min(strength.height - 2, Math.floor(place));
    const share = place - upper;
    if (upper !== stretched) {
      above = stretchRow(strength, upper, width);
      below = stretchRow(strength, upper + 1, width);
      stretched = upper;
    }
    const row = ((y + beginY) % side) * side;
    // Run by run of the tile: nothing is divided in the innermost loop, which all pixels go through.
    for (let x = 0, column = beginX; x < width; column = 0) {
      const run = Math.min(side - column, width - x);
      const [inTile, inOut] = [row + column - x, y * width];
      for (const end = x + run; x < end; x++) {
        const here = above[x]! + (below[x]! - above[x]!) * share;
        // Rounded: what is written is never negative.
        out[inOut + x] = here * data[inTile + x]! + neutral + 0.5;
      }
    }
  }
}
