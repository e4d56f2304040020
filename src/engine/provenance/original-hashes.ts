/**
 * By what hashes the original of a picture may be known, where only a copy is at hand: a copy may have been given a border, or
 * have lost its edges. Mirrored ones are for whoever compares (`mirroredHash`).
 */
import type { Picture } from '../picture.ts';
import { type Part, perceptualHash, telling } from './perceptual-hash.ts';

/** Shares of the original that may be missing all round, at one side, or at two sides that meet. */
const missing = [
  ...[0.025, 0.05, 0.075, 0.1, 0.15].map((cut) => ({ left: cut, top: cut, right: cut, bottom: cut })),
  ...[0.1, 0.2].flatMap((cut) =>
    [-1, 0, 1].flatMap((across) =>
      [-1, 0, 1]
        .filter((down) => across !== 0 || down !== 0)
        .map((down) => ({
          left: across < 0 ? cut : 0,
          right: across > 0 ? cut : 0,
          top: down < 0 ? cut : 0,
          bottom: down > 0 ? cut : 0,
        })),
    ),
  ),
];

/** The original as a part of what is left of it: it reaches beyond the edges, where the picture is taken to go on. */
const originals: readonly Part[] = missing.map(({ left, top, right, bottom }) => {
  const [width, height] = [1 - left - right, 1 - top - bottom];
  return { left: -left / width, right: 1 + right / width, top: -top / height, bottom: 1 + bottom / height };
});

/**
 * Of the whole picture, of what is within a border of one colour, and of what the picture was if its edges were cut: 16
 * hexadecimal digits each, some 2 ms each. Those of one colour are left out, which tell nothing. A copy of which more than a
 * fifth is missing at a side, or that is laid into another picture, may have none that is near to its original's.
 */
export function originalHashes(picture: Picture): readonly string[] {
  const within = withoutBorder(picture);
  return telling([
    perceptualHash(picture),
    ...(within ? [perceptualHash(picture, within)] : []),
    ...originals.map((part) => perceptualHash(picture, part)),
  ]);
}

/** Levels by which a border of one colour may vary once it was encoded. */
const borderLevels = 12;

/** What is not border; undefined where there is none, or nothing else. */
function withoutBorder({ width, height, data }: Picture): Part | undefined {
  /** Whether the green of `count` pixels, `step` values apart from the one at `from`, is that of one colour. */
  const isFlat = (from: number, step: number, count: number): boolean => {
    let [least, most] = [255, 0];
    for (let k = 0, at = from + 1; k < count && most - least <= borderLevels; k += 1, at += step) {
      least = Math.min(least, data[at]!);
      most = Math.max(most, data[at]!);
    }
    return most - least <= borderLevels;
  };
  const isFlatRow = (y: number): boolean => isFlat(y * width * 3, 3, width);
  let [top, bottom] = [0, height];
  while (top < bottom && isFlatRow(top)) top += 1;
  while (bottom > top && isFlatRow(bottom - 1)) bottom -= 1;
  const isFlatColumn = (x: number): boolean => isFlat((top * width + x) * 3, width * 3, bottom - top);
  let [left, right] = [0, width];
  while (left < right && isFlatColumn(left)) left += 1;
  while (right > left && isFlatColumn(right - 1)) right -= 1;
  const isWhole = left === 0 && top === 0 && right === width && bottom === height;
  if (isWhole || left === right || top === bottom) return undefined;
  return { left: left / width, top: top / height, right: right / width, bottom: bottom / height };
}
