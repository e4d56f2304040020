/** How far a frame pulls the photograph: what the eye takes for rubber. */
import { eyeRegions } from '../face/regions.ts';
import type { Rig } from '../rig/rig.ts';
import type { Region } from './raster.ts';

/** Triangles whose area at rest is below this, in square pixels, show nothing. */
const leastArea = 2;
/** Share of the skin below which a triangle that is turned over is a speck along an outline. */
const leastFold = 2e-4;

/**
 * @param shut which eyes are closing: the skin above their lids is covered by the lid's own.
 * @param turnedLayer the number under which triangles that are turned over were drawn.
 * @returns visible triangles turned over, and the largest singular value of the deformation that 99 percent of the visible
 * skin, by area, stays below: a triangle that lies edge on in the photograph is a hair's breadth, and weighs as much.
 */
export function measureStretch(
  { rest, skin }: Rig,
  { box, layers }: Region,
  points: Float64Array,
  turnedLayer: number,
  shut: readonly [boolean, boolean],
): { readonly folds: number; readonly stretch: number } {
  const covered = new Set(eyeRegions.flatMap(({ upper }, side) => (shut[side as 0 | 1] ? upper : [])));
  const pulled: { readonly stretch: number; readonly area: number }[] = [];
  let visible = 0;
  const turned: number[] = [];
  for (let t = 0; t < skin.length; t += 3) {
    const [i, j, k] = [3 * skin[t]!, 3 * skin[t + 1]!, 3 * skin[t + 2]!];
    if (covered.has(skin[t]!) || covered.has(skin[t + 1]!) || covered.has(skin[t + 2]!)) continue;
    const [ax, ay] = [rest[j]! - rest[i]!, rest[j + 1]! - rest[i + 1]!];
    const [bx, by] = [rest[k]! - rest[i]!, rest[k + 1]! - rest[i + 1]!];
    const area = ax * by - bx * ay;
    if (Math.abs(area) < 2 * leastArea) continue;
    const [cx, cy] = [points[j]! - points[i]!, points[j + 1]! - points[i + 1]!];
    const [dx, dy] = [points[k]! - points[i]!, points[k + 1]! - points[i + 1]!];
    const now = Math.abs(cx * dy - dx * cy);
    visible += now;
    if ((cx * dy - dx * cy) * area < 0) {
      const x = Math.round((points[i]! + points[j]! + points[k]!) / 3) - box.x;
      const y = Math.round((points[i + 1]! + points[j + 1]! + points[k + 1]!) / 3) - box.y;
      const isInside = x >= 0 && y >= 0 && x < box.width && y < box.height;
      if (isInside && layers[y * box.width + x] === turnedLayer) turned.push(now);
      continue;
    }
    // The 2 x 2 matrix that takes the triangle at rest to the triangle now.
    const p = (cx * by - dx * ay) / area;
    const q = (dx * ax - cx * bx) / area;
    const u = (cy * by - dy * ay) / area;
    const v = (dy * ax - cy * bx) / area;
    const sum = p * p + q * q + u * u + v * v;
    const difference = Math.hypot(p * p + q * q - u * u - v * v, 2 * (p * u + q * v));
    pulled.push({ stretch: Math.sqrt((sum + difference) / 2), area: now });
  }
  pulled.sort((a, b) => b.stretch - a.stretch);
  const folds = turned.filter((area) => area > leastFold * visible).length;
  let above = 0;
  for (const { stretch, area } of pulled) {
    above += area;
    if (above > 0.01 * visible) return { folds, stretch };
  }
  return { folds, stretch: 1 };
}
