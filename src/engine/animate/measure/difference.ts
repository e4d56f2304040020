/** Where two pictures differ, and by how much. */
import type { Picture } from '../picture.ts';

/** Largest difference of a byte, 0 to 255. Rows that are the same are passed over at the speed of memory. */
export function largestDifference(a: Uint8Array, b: Uint8Array, rowBytes: number): number {
  let largest = 0;
  for (let from = 0; from < a.length; from += rowBytes) {
    const [rowA, rowB] = [a.subarray(from, from + rowBytes), b.subarray(from, from + rowBytes)];
    if (Buffer.compare(rowA, rowB) === 0) continue;
    for (let i = 0; i < rowA.length; i += 1) {
      const apart = Math.abs(rowA[i]! - rowB[i]!);
      if (apart > largest) largest = apart;
    }
  }
  return largest;
}

/** Pixels of a picture by row: where each run begins and how many it has. */
export interface Run {
  readonly start: number;
  readonly length: number;
}

/** The runs of pixels for which `mask` is 1. */
export function runsOf(mask: Uint8Array, width: number): Run[] {
  const runs: Run[] = [];
  for (let row = 0; row < mask.length; row += width) {
    let start = -1;
    for (let x = 0; x <= width; x += 1) {
      const isIn = x < width && mask[row + x] === 1;
      if (isIn && start === -1) start = row + x;
      else if (!isIn && start !== -1) {
        runs.push({ start, length: row + x - start });
        start = -1;
      }
    }
  }
  return runs;
}

/** Largest difference of a byte within the runs. */
export function largestInRuns(a: Picture, b: Picture, runs: readonly Run[]): number {
  let largest = 0;
  for (const { start, length } of runs) {
    const [from, to] = [3 * start, 3 * (start + length)];
    const [partA, partB] = [a.data.subarray(from, to), b.data.subarray(from, to)];
    if (Buffer.compare(partA, partB) !== 0) largest = Math.max(largest, largestDifference(partA, partB, to - from));
  }
  return largest;
}
