/** How far a frame pulls the photograph: what the eye takes for rubber. */
import { eyeRegions } from '../face/regions.ts';
import type { Rig } from '../rig/rig.ts';
import type { Region } from './raster.ts';

/** Triangles whose area at rest is below this, in square pixels, show nothing. */
const leastArea = 2;
/** Share of the skin below which a triangle that is turned over is a speck along an outline. */
const leastFold = 2e-4;

export interface Pulled {
  /** Largest singular value of the skin's deformation that 99 percent of its visible area stays below; 1 is none. */
  readonly stretch: number;
  /** Triangles turned over that are more than a speck: where their middles lie, and their area, in pixels. */
  readonly turned: readonly { readonly x: number; readonly y: number }[];
}

/**
 * By area, because a triangle that lies edge on in the photograph is a hair's breadth and weighs as much.
 * @param points the rig's points now.
 * @param shut which eyes are closing: the skin above their lids is covered by the lid's own.
 */
export function measureStretch(
  { rest, skin }: Pick<Rig, 'rest' | 'skin'>,
  points: Float64Array,
  shut: readonly [boolean, boolean],
): Pulled {
  const covered = new Set(eyeRegions.flatMap(({ upper }, side) => (shut[side as 0 | 1] ? upper : [])));
  const pulled: { readonly stretch: number; readonly area: number }[] = [];
  const turned: { readonly x: number; readonly y: number; readonly area: number }[] = [];
  let visible = 0;
  for (let t = 0; t < skin.length; t += 3) {
    const [i, j, k] = [3 * skin[t]!, 3 * skin[t + 1]!, 3 * skin[t + 2]!];
    if (covered.has(skin[t]!) || covered.has(skin[t + 1]!) || covered.has(skin[t + 2]!)) continue;
    const [ax, ay] = [rest[j]! - rest[i]!, rest[j + 1]! - rest[i + 1]!];
    const [bx, by] = [rest[k]! - rest[i]!, rest[k + 1]! - rest[i + 1]!];
    const before = ax * by - bx * ay;
    if (Math.abs(before) < 2 * leastArea) continue;
    const [cx, cy] = [points[j]! - points[i]!, points[j + 1]! - points[i + 1]!];
    const [dx, dy] = [points[k]! - points[i]!, points[k + 1]! - points[i + 1]!];
    const area = Math.abs(cx * dy - dx * cy);
    visible += area;
    if ((cx * dy - dx * cy) * before < 0) {
      const mean = (at: 0 | 1): number => (points[i + at]! + points[j + at]! + points[k + at]!) / 3;
      turned.push({ x: mean(0), y: mean(1), area });
      continue;
    }
    // The 2 x 2 matrix that takes the triangle at rest to the triangle now.
    const p = (cx * by - dx * ay) / before;
    const q = (dx * ax - cx * bx) / before;
    const u = (cy * by - dy * ay) / before;
    const v = (dy * ax - cy * bx) / before;
    const sum = p * p + q * q + u * u + v * v;
    const difference = Math.hypot(p * p + q * q - u * u - v * v, 2 * (p * u + q * v));
    pulled.push({ stretch: Math.sqrt((sum + difference) / 2), area });
  }
  return {
    stretch: percentile(pulled, 0.01 * visible),
    turned: turned.filter(({ area }) => area > leastFold * visible),
  };
}

/** The stretch beyond which there is no more than so much area. */
function percentile(pulled: { readonly stretch: number; readonly area: number }[], most: number): number {
  pulled.sort((a, b) => b.stretch - a.stretch);
  let above = 0;
  for (const { stretch, area } of pulled) {
    above += area;
    if (above > most) return stretch;
  }
  return 1;
}

/** How many of the triangles that are turned over show: nothing was drawn over their middles. */
export function visibleFolds({ turned }: Pulled, { box, layers }: Region, turnedLayer: number): number {
  return turned.filter(({ x, y }) => {
    const [column, row] = [Math.round(x) - box.x, Math.round(y) - box.y];
    const isInside = column >= 0 && row >= 0 && column < box.width && row < box.height;
    return isInside && layers[row * box.width + column] === turnedLayer;
  }).length;
}
