/** Where two pictures differ, and by how much. */
import type { Picture } from '../../picture.ts';
import { takeTurns } from '../face/turns.ts';

/** Largest difference of a byte, 0 to 255. Pieces of `pieceBytes` that are the same are passed over at the speed of memory. */
export async function largestDifference(a: Uint8Array, b: Uint8Array, pieceBytes = 16_384): Promise<number> {
  const turns = takeTurns();
  let largest = 0;
  for (let from = 0; from < a.length; from += pieceBytes) {
    if (turns.isOver()) await turns.pass();
    largest = Math.max(largest, differenceOf(a.subarray(from, from + pieceBytes), b.subarray(from, from + pieceBytes)));
  }
  return largest;
}

function differenceOf(a: Uint8Array, b: Uint8Array): number {
  if (Buffer.compare(a, b) === 0) return 0;
  let largest = 0;
  for (let i = 0; i < a.length; i += 1) {
    const apart = Math.abs(a[i]! - b[i]!);
    if (apart > largest) largest = apart;
  }
  return largest;
}

/** Bytes that are copied at a time. */
const copiedAtOnce = 2 ** 20;

/** What `slice()` gives, a piece at a time: all of a large picture at once takes longer than a turn. */
export async function copyOf(data: Uint8Array): Promise<Uint8Array> {
  const turns = takeTurns();
  const copy = new Uint8Array(data.length);
  for (let from = 0; from < data.length; from += copiedAtOnce) {
    if (turns.isOver()) await turns.pass();
    copy.set(data.subarray(from, from + copiedAtOnce), from);
  }
  return copy;
}

/** Pixels of a picture by row: where each run begins and how many it has. */
export interface Run {
  readonly start: number;
  readonly length: number;
}

/** The runs of pixels for which `mask` is 1. */
export async function runsOf(mask: Uint8Array, width: number): Promise<Run[]> {
  const turns = takeTurns();
  const runs: Run[] = [];
  for (let row = 0; row < mask.length; row += width) {
    if (turns.isOver()) await turns.pass();
    const line = mask.subarray(row, row + width);
    for (let start = line.indexOf(1); start !== -1;) {
      const after = line.indexOf(0, start);
      const stop = after === -1 ? width : after;
      runs.push({ start: row + start, length: stop - start });
      start = line.indexOf(1, stop);
    }
  }
  return runs;
}

/** Largest difference of a byte within the runs. */
export async function largestInRuns(a: Picture, b: Picture, runs: readonly Run[]): Promise<number> {
  const turns = takeTurns();
  let largest = 0;
  for (const { start, length } of runs) {
    if (turns.isOver()) await turns.pass();
    const [from, to] = [3 * start, 3 * (start + length)];
    largest = Math.max(largest, differenceOf(a.data.subarray(from, to), b.data.subarray(from, to)));
  }
  return largest;
}
