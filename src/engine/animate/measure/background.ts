/** The part of a photograph that must not change at all: far from every face that moves and from the person it belongs to. */
import type { Box, Face } from '../face/face.ts';
import type { FaceNetworks } from '../face/networks.ts';
import { personMask } from '../face/segmentation.ts';
import type { Picture } from '../../picture.ts';
import { runsOf, type Run } from './difference.ts';

/** Centimetres around a face beyond which nothing moves. */
const reach = 40;
/** Centimetres around the middle of a face that belong to the head whatever the segmentation says. */
const headSize = 14;
/** Centimetres around a person that hair and a soft edge may take. */
const margin = 3;
/** Centimetres a cell. */
const cell = 0.5;
const leastPerson = 0.1;

/** Runs of pixels of the background. */
export async function findBackground(
  photo: Picture,
  faces: readonly Face[],
  networks: FaceNetworks,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Run[]> {
  const { width, height } = photo;
  const still = new Uint8Array(width * height).fill(1);
  for (const face of faces) {
    const box = reachOf(face, photo);
    const mask = await personMask(photo, box, networks, { signal });
    await markPerson(still, width, face, box, mask);
  }
  return await runsOf(still, width);
}

/** The box, in whole pixels within the picture, that a face's motion can reach. */
export function reachOf({ box, pose }: Face, { width, height }: Picture): Box {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const left = Math.max(0, Math.floor(x - reach * pose.scale));
  const top = Math.max(0, Math.floor(y - reach * pose.scale));
  return {
    x: left,
    y: top,
    width: Math.min(width, Math.ceil(x + reach * pose.scale)) - left,
    height: Math.min(height, Math.ceil(y + reach * pose.scale)) - top,
  };
}

/** The box that the motion of all of them can reach. */
export function reachOfAll(faces: readonly Face[], photo: Picture): Box {
  const boxes = faces.map((face) => reachOf(face, photo));
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}

/** Takes the person, with its margin, out of `still`. */
async function markPerson(still: Uint8Array, width: number, face: Face, box: Box, mask: Float32Array): Promise<void> {
  const step = Math.max(1, Math.round(cell * face.pose.scale));
  const [columns, rows] = [Math.ceil(box.width / step), Math.ceil(box.height / step)];
  const middle = [face.box.x + face.box.width / 2, face.box.y + face.box.height / 2] as const;
  const near = new Uint8Array(columns * rows);
  for (let row = 0; row < rows; row += 1) {
    const y = Math.min(box.height - 1, row * step + (step >> 1));
    for (let column = 0; column < columns; column += 1) {
      const x = Math.min(box.width - 1, column * step + (step >> 1));
      const away = Math.hypot(x + box.x - middle[0], y + box.y - middle[1]) / face.pose.scale;
      if (away < headSize || mask[y * box.width + x]! > leastPerson) near[row * columns + column] = 1;
    }
  }
  const grown = grow(near, columns, rows, Math.ceil((margin * face.pose.scale) / step));
  for (let y = 0; y < box.height; y += 1) {
    if (y % 256 === 255) await new Promise(setImmediate);
    const from = Math.floor(y / step) * columns;
    for (let column = 0; column < columns; column += 1) {
      if (grown[from + column] === 0) continue;
      const start = (y + box.y) * width + box.x + column * step;
      still.fill(0, start, start + Math.min(step, box.width - column * step));
    }
  }
}

/** Every cell within `by` cells of one that is set, along rows and then along columns. */
function grow(cells: Uint8Array, columns: number, rows: number, by: number): Uint8Array {
  const along = (from: Uint8Array, length: number, lines: number, next: number, line: number): Uint8Array => {
    const out = new Uint8Array(from.length);
    for (let i = 0; i < lines; i += 1) {
      let last = -Infinity;
      for (let k = 0; k < length + by; k += 1) {
        if (k < length && from[i * line + k * next] === 1) last = k;
        if (k - by >= 0 && last >= k - 2 * by) out[i * line + (k - by) * next] = 1;
      }
    }
    return out;
  };
  return along(along(cells, columns, rows, 1, columns), rows, columns, columns, 1);
}
