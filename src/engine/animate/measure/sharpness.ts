/** Fine detail of a face: the variance of the Laplacian inside its outline, without the eyes and the mouth, which change. */
import type { CanonicalFace } from '../face/canonical.ts';
import { boxAround } from '../face/mesh.ts';
import { eyeRegions, lips } from '../face/regions.ts';
import { takeTurns } from '../face/turns.ts';
import type { Picture } from '../../picture.ts';
import { lumaAt } from './luma.ts';
import { fillPolygon } from './polygon.ts';

/** So many rows of a large face are looked at: more say nothing new. */
const mostRows = 160;

const holes: readonly (readonly number[])[] = [
  ...eyeRegions.map(({ lower, upper }) => [...lower, ...upper.toReversed()]),
  [...[lips.corners[0], ...lips.outerUpper, lips.corners[1]], ...lips.outerLower.toReversed()],
];

/** Variance of the Laplacian of brightness (4 neighbours, in 0..255) inside a mesh. */
export async function faceDetail(picture: Picture, points: Float64Array, { oval }: CanonicalFace): Promise<number> {
  const box = boxAround(points);
  const left = Math.max(1, Math.ceil(box.x));
  const top = Math.max(1, Math.ceil(box.y));
  const width = Math.min(picture.width - 1, Math.floor(box.x + box.width)) - left;
  const height = Math.min(picture.height - 1, Math.floor(box.y + box.height)) - top;
  if (width < 8 || height < 8) return 0;
  const inside = new Uint8Array(width * height);
  const outline = (vertices: readonly number[], scale: number): [number, number][] => {
    const mean = (k: 0 | 1): number => vertices.reduce((sum, v) => sum + points[3 * v + k]!, 0) / vertices.length;
    const [x, y] = [mean(0), mean(1)];
    return vertices.map((v) => [x + (points[3 * v]! - x) * scale - left, y + (points[3 * v + 1]! - y) * scale - top]);
  };
  // A little inside the outline, where no background shows, and a little outside what changes.
  fillPolygon(inside, width, height, outline(oval, 0.9), 1);
  for (const hole of holes) fillPolygon(inside, width, height, outline(hole, 1.35), 0);
  return await variance(picture, { left, top, width, height, inside });
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly inside: Uint8Array;
}

async function variance({ width: stride, data }: Picture, { left, top, width, height, inside }: Area): Promise<number> {
  const turns = takeTurns();
  const light = (at: number): number => lumaAt(data, at);
  const step = Math.max(1, Math.floor(height / mostRows));
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 0; y < height; y += step) {
    if (turns.isOver()) await turns.pass();
    for (let x = 0; x < width; x += 1) {
      if (inside[y * width + x] === 0) continue;
      const at = ((y + top) * stride + x + left) * 3;
      const value = 4 * light(at) - light(at - 3) - light(at + 3) - light(at - 3 * stride) - light(at + 3 * stride);
      sum += value;
      squares += value * value;
      count += 1;
    }
  }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}
