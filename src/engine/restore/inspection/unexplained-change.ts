/**
 * How much of the change from one thumbnail to the next motion does not explain: the measure that tells a cut from fast
 * motion. Full search of blocks on an 80x60 picture, about 1 ms.
 */
import { halved } from './picture-faults.ts';
import type { GreyPicture } from './thumbnail.ts';

const side = 8;
const reach = 6;

/**
 * Share of the detail of two thumbnails of one size that no displacement of their blocks within reach explains: near 0
 * still, 0.3 fast motion, 0.7 a cut. Brightness and contrast are evened out first, so that flicker is no change.
 */
export function unexplainedChange(first: GreyPicture, second: GreyPicture): number {
  const a = normalised(halved(first));
  const b = normalised(halved(second));
  let [left, detail, blocks] = [0, 0, 0];
  for (let top = 0; top + side <= a.height; top += side) {
    for (let start = 0; start + side <= a.width; start += side) {
      const texture = Math.max(deviation(a, start, top), deviation(b, start, top));
      left += Math.min(leastDifference(a, b, start, top), texture * 1.5);
      detail += texture;
      blocks++;
    }
  }
  // A quarter of a level per pixel of leniency: in an empty picture noise is not a change.
  return left / (detail + 0.25 * blocks);
}

interface LevelPicture {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

const evenDeviation = 48;
/** Contrast is raised at most this much: beyond, there is only noise to see. */
const mostGain = 4;

function normalised({ data, width, height }: GreyPicture): LevelPicture {
  let [sum, squares] = [0, 0];
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / data.length;
  const gain = Math.min(mostGain, evenDeviation / Math.sqrt(Math.max(1, squares / data.length - mean * mean)));
  return { data: Float32Array.from(data, (value) => (value - mean) * gain), width, height };
}

function deviation({ data, width }: LevelPicture, left: number, top: number): number {
  let sum = 0;
  for (let y = top; y < top + side; y++) for (let x = left; x < left + side; x++) sum += data[y * width + x]!;
  const mean = sum / (side * side);
  let away = 0;
  for (let y = top; y < top + side; y++)
    for (let x = left; x < left + side; x++) away += Math.abs(data[y * width + x]! - mean);
  return away / (side * side);
}

/** Between the block at `left`, `top` of one and the most alike of the other. */
function leastDifference(a: LevelPicture, b: LevelPicture, left: number, top: number): number {
  let best = differenceAt(a, b, left, top, 0, 0, Infinity);
  for (let dy = -reach; dy <= reach; dy++) {
    if (top + dy < 0 || top + dy + side > b.height) continue;
    for (let dx = -reach; dx <= reach; dx++) {
      if (left + dx < 0 || left + dx + side > b.width) continue;
      best = Math.min(best, differenceAt(a, b, left, top, dx, dy, best));
    }
  }
  return best;
}

function differenceAt(
  a: LevelPicture,
  b: LevelPicture,
  left: number,
  top: number,
  dx: number,
  dy: number,
  limit: number,
): number {
  let sum = 0;
  const enough = limit * side * side;
  for (let y = top; y < top + side; y++) {
    let i = y * a.width + left;
    let j = (y + dy) * b.width + left + dx;
    for (let k = 0; k < side; k++, i++, j++) sum += Math.abs(a.data[i]! - b.data[j]!);
    if (sum >= enough) return Infinity;
  }
  return sum / (side * side);
}
