/**
 * Measures how far the whole picture has shifted between two thumbnails, to a small part of a pixel: gate weave, hand shake,
 * pans. Gauss-Newton on a pyramid (Lucas and Kanade, 1981) with Tukey weights, so that things that move by themselves do
 * not count; 4 ms at 160x120.
 */
import { halved } from './picture-faults.ts';
import type { GreyPicture } from './thumbnail.ts';

export interface Shift {
  /** The content of the second picture lies this far right of and below its place in the first, in thumbnail pixels. */
  readonly dx: number;
  readonly dy: number;
  /** Share of the picture that agrees with the shift, 0..1; below 0.3 it is not to be trusted. */
  readonly agreement: number;
}

const levels = 3;
const rounds = 6;

export function globalShift(first: GreyPicture, second: GreyPicture): Shift {
  const pyramid: [GreyPicture, GreyPicture][] = [[first, second]];
  while (pyramid.length < levels && pyramid.at(-1)![0].width >= 48 && pyramid.at(-1)![0].height >= 36) {
    const [a, b] = pyramid.at(-1)!;
    pyramid.push([halved(a), halved(b)]);
  }
  const gain = gainBetween(second, first);
  let shift: Shift = { dx: 0, dy: 0, agreement: 0 };
  for (const [level, [a, b]] of [...pyramid.entries()].reverse()) {
    const carried = level === pyramid.length - 1 ? shift : { ...shift, dx: shift.dx * 2, dy: shift.dy * 2 };
    shift = refine(a, b, gain, carried);
  }
  return shift;
}

/** How much the contrast of `from` must be raised to be that of `to`: without it, flicker would pull at every slope. */
function gainBetween(from: GreyPicture, to: GreyPicture): number {
  return Math.max(0.5, Math.min(2, deviation(to.data) / Math.max(1, deviation(from.data))));
}

function deviation(levels: Uint8Array): number {
  let [sum, squares] = [0, 0];
  for (const level of levels) {
    sum += level;
    squares += level * level;
  }
  return Math.sqrt(Math.max(0, squares / levels.length - (sum / levels.length) ** 2));
}

function refine(a: GreyPicture, b: GreyPicture, gain: number, from: Shift): Shift {
  let { dx, dy, agreement } = from;
  const { width, height } = a;
  const residuals = new Float32Array(width * height);
  for (let round = 0; round < rounds; round++) {
    const margin = 2 + Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)));
    if (width <= 2 * margin + 4 || height <= 2 * margin + 4) break;
    let count = 0;
    for (let y = margin; y < height - margin; y++) {
      for (let x = margin; x < width - margin; x++) {
        const residual = gain * sample(b, x + dx, y + dy) - a.data[y * width + x]!;
        residuals[count++] = residual;
      }
    }
    const seen = residuals.subarray(0, count);
    const light = medianOf(seen, (residual) => residual);
    const spread = 1.4826 * medianOf(seen, (residual) => Math.abs(residual - light));
    const cutoff = 4.7 * Math.max(1, spread);
    let [xx, xy, yy, xr, yr] = [0, 0, 0, 0, 0];
    let agreeing = 0;
    for (let y = margin, i = 0; y < height - margin; y++) {
      for (let x = margin; x < width - margin; x++, i++) {
        const residual = residuals[i]! - light;
        if (Math.abs(residual) >= cutoff) continue;
        const weight = (1 - (residual / cutoff) ** 2) ** 2;
        agreeing += weight;
        const at = y * width + x;
        // The gradient of the first picture stands for that of the moved second: they agree where it matters.
        const gx = (a.data[at + 1]! - a.data[at - 1]!) / 2;
        const gy = (a.data[at + width]! - a.data[at - width]!) / 2;
        xx += weight * gx * gx;
        xy += weight * gx * gy;
        yy += weight * gy * gy;
        xr += weight * gx * residual;
        yr += weight * gy * residual;
      }
    }
    agreement = agreeing / count;
    const determinant = xx * yy - xy * xy;
    if (determinant < 1e-3 * (xx + yy) ** 2 || xx + yy < count * 0.5) return { dx, dy, agreement: 0 };
    const stepX = (yy * xr - xy * yr) / determinant;
    const stepY = (xx * yr - xy * xr) / determinant;
    dx -= clamp(stepX);
    dy -= clamp(stepY);
    if (Math.abs(stepX) + Math.abs(stepY) < 0.005) break;
  }
  return { dx, dy, agreement };
}

function clamp(step: number): number {
  return Math.max(-1.5, Math.min(1.5, step));
}

function sample({ data, width, height }: GreyPicture, x: number, y: number): number {
  const left = Math.max(0, Math.min(width - 2, Math.floor(x)));
  const top = Math.max(0, Math.min(height - 2, Math.floor(y)));
  const [fx, fy] = [x - left, y - top];
  const at = top * width + left;
  const upper = data[at]! + fx * (data[at + 1]! - data[at]!);
  const lower = data[at + width]! + fx * (data[at + width + 1]! - data[at + width]!);
  return upper + fy * (lower - upper);
}

/** Samples that a median is taken from: enough for a tenth of a level. */
const medianSamples = 4000;

/** Median of `value` over the residuals, to an eighth of a level, by counting; levels lie within -512..511. */
function medianOf(residuals: Float32Array, value: (residual: number) => number): number {
  const counts = new Uint32Array(8192);
  const step = Math.max(1, Math.floor(residuals.length / medianSamples));
  let taken = 0;
  for (let i = 0; i < residuals.length; i += step, taken++) {
    counts[Math.max(0, Math.min(8191, Math.round(value(residuals[i]!) * 8) + 4096))]!++;
  }
  let at = 0;
  for (let seen = counts[0]!; seen * 2 < taken; seen += counts[++at]!);
  return (at - 4096) / 8;
}
