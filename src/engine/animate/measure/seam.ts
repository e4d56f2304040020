/**
 * Whether an edge shows where what moves meets what stands still. From the sides and from above, the first pixel that is not
 * the photograph's lies on that edge: steps in brightness across it are compared with those beside it, and that again with
 * the photograph's own.
 */
import type { Box } from '../face/face.ts';
import type { Picture } from '../../picture.ts';
import { lumaAt } from './luma.ts';
import { takeTurns } from '../face/turns.ts';

/** Fewer crossings than this say nothing. */
const leastCrossings = 20;
/** Squared steps that rounding alone makes: flat parts must not divide by nothing. */
const rounding = 0.5;

/** Where a ray meets the edge: the byte of its first changed pixel, and how many bytes away the one before it lies. */
interface Crossing {
  readonly at: number;
  readonly back: number;
}

/** 1 where the edge is like what lies beside it, above where it shows, below where it is smeared; undefined without an edge. */
export async function seamRatio(photo: Picture, frame: Picture, box: Box): Promise<number | undefined> {
  const crossings = await findCrossings(photo, frame, box);
  if (crossings.length < leastCrossings) return undefined;
  return Math.sqrt(edgeRatio(frame, crossings) / edgeRatio(photo, crossings));
}

async function findCrossings({ width, height, data }: Picture, frame: Picture, box: Box): Promise<Crossing[]> {
  const turns = takeTurns();
  const left = Math.max(2, Math.floor(box.x));
  const right = Math.min(width - 3, Math.ceil(box.x + box.width));
  const top = Math.max(2, Math.floor(box.y));
  const bottom = Math.min(height - 3, Math.ceil(box.y + box.height));
  const crossings: Crossing[] = [];
  const cast = (from: number, to: number, step: number, place: (k: number) => number): void => {
    const back = place(from - step) - place(from);
    for (let k = from; k !== to; k += step) {
      const at = place(k);
      if (data[at] === frame.data[at] && data[at + 1] === frame.data[at + 1] && data[at + 2] === frame.data[at + 2]) {
        continue;
      }
      // An edge where the ray begins is the box's own.
      if (k !== from) crossings.push({ at, back });
      return;
    }
  };
  const row = (picture: Uint8Array, y: number): Uint8Array =>
    picture.subarray((y * width + left) * 3, (y * width + right + 1) * 3);
  const isChanged = (y: number): boolean => Buffer.compare(row(data, y), row(frame.data, y)) !== 0;
  let first = bottom;
  for (let y = bottom; y >= top; y -= 1) {
    if (turns.isOver()) await turns.pass();
    if (!isChanged(y)) continue;
    first = y;
    cast(left, right, 1, (x) => (y * width + x) * 3);
    cast(right, left, -1, (x) => (y * width + x) * 3);
  }
  // From above only where something lies below: rays through nothing would cost the most.
  const columns = crossings.map(({ at }) => (at / 3) % width);
  const [from, to] = columns.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [right, left]);
  for (let x = from; x <= to; x += 1) {
    if (turns.isOver()) await turns.pass();
    cast(Math.max(top, first - 1), bottom, 1, (y) => (y * width + x) * 3);
  }
  return crossings;
}

/** Energy of the steps across the edge over that of the steps just outside and just inside. */
function edgeRatio({ data }: Picture, crossings: readonly Crossing[]): number {
  const light = (at: number): number => lumaAt(data, at);
  let [across, beside] = [0, 0];
  for (const { at, back } of crossings) {
    const [outer, edge, first, second] = [at + 2 * back, at + back, at, at - back].map(light) as [
      number,
      number,
      number,
      number,
    ];
    across += (first - edge) ** 2 + rounding;
    beside += ((edge - outer) ** 2 + (second - first) ** 2) / 2 + rounding;
  }
  return across / beside;
}
