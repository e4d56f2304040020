/**
 * The opening between two lids or two lips, as two curves over one axis: how deep a place lies in it costs two look-ups, where
 * the distance to a polygon costs every edge. Centimetres, in the plane of `skullPlane`.
 */

const columns = 96;

export type Point = readonly [u: number, v: number];

export interface Opening {
  readonly left: number;
  readonly right: number;
  /** `columns` values of v from left to right. */
  readonly top: Float32Array;
  readonly bottom: Float32Array;
}

/** Catmull-Rom through the points, sampled at even steps of u. Points that run backwards are held. */
function sampled(points: readonly Point[], left: number, right: number): Float32Array {
  const dense: [number, number][] = [];
  const steps = 6;
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b, c, d] = [
      points[Math.max(0, i - 1)]!,
      points[i]!,
      points[i + 1]!,
      points[Math.min(points.length - 1, i + 2)]!,
    ];
    for (let k = 0; k < steps; k++) {
      const t = k / steps;
      const at = (q: 0 | 1): number =>
        0.5 *
        (2 * b[q] +
          (c[q] - a[q]) * t +
          (2 * a[q] - 5 * b[q] + 4 * c[q] - d[q]) * t * t +
          (3 * b[q] - a[q] - 3 * c[q] + d[q]) * t * t * t);
      dense.push([at(0), at(1)]);
    }
  }
  dense.push([...points.at(-1)!]);
  const out = new Float32Array(columns);
  let i = 0;
  for (let k = 0; k < columns; k++) {
    const u = left + ((right - left) * k) / (columns - 1);
    while (i + 2 < dense.length && dense[i + 1]![0] < u) i++;
    const [p, q] = [dense[i]!, dense[i + 1]!];
    const share = Math.min(1, Math.max(0, (u - p[0]) / Math.max(1e-6, q[0] - p[0])));
    out[k] = p[1] + share * (q[1] - p[1]);
  }
  return out;
}

/** @param upper from the left end to the right one, both included. @param lower the same. */
export function openingBetween(upper: readonly Point[], lower: readonly Point[]): Opening {
  const left = upper[0]![0];
  const right = Math.max(left + 1e-3, upper.at(-1)![0]);
  return { left, right, top: sampled(upper, left, right), bottom: sampled(lower, left, right) };
}

function valueAt(curve: Float32Array, { left, right }: Opening, u: number): number {
  const place = Math.min(columns - 1.001, Math.max(0, ((u - left) / (right - left)) * (columns - 1)));
  const k = place | 0;
  return curve[k]! + (place - k) * (curve[k + 1]! - curve[k]!);
}

export const topAt = (opening: Opening, u: number): number => valueAt(opening.top, opening, u);
export const bottomAt = (opening: Opening, u: number): number => valueAt(opening.bottom, opening, u);

/** How far inside a place lies: above 0 within, below 0 outside, about the distance to the nearer edge. */
export function depthIn(opening: Opening, u: number, v: number): number {
  const depth = Math.min(v - topAt(opening, u), bottomAt(opening, u) - v);
  const beyond = Math.max(opening.left - u, u - opening.right, 0);
  return beyond > 0 ? Math.min(depth, 0) - beyond : depth;
}
