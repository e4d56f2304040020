/** Measures of single pictures at their full resolution: noise, the coding grid, and the comb of two fields in one frame. */
import type { GreyPicture } from './thumbnail.ts';

const noiseBlock = 16;
/** Share of blocks, the calmest first, at which the noise is read: calm enough to hold no texture, common enough to be there. */
const calmShare = 0.15;
/** The calmest blocks lie a little under the mean: by this for white noise, in the test. */
const calmBias = 1.125;

/**
 * Standard deviations of the noise in the blocks of a picture, in levels, by Immerkaer's Laplacian difference ("Fast Noise
 * Variance Estimation", 1996), which shading and straight edges do not move. Clipped blocks are left out.
 */
export function blockNoise({ data, width, height }: GreyPicture): number[] {
  const sigmas: number[] = [];
  const inner = noiseBlock - 2;
  for (let top = 0; top + noiseBlock <= height; top += noiseBlock) {
    for (let left = 0; left + noiseBlock <= width; left += noiseBlock) {
      let power = 0;
      let clipped = 0;
      for (let y = top + 1; y < top + noiseBlock - 1; y++) {
        for (let x = left + 1, at = y * width + x; x < left + noiseBlock - 1; x++, at++) {
          const centre = data[at]!;
          if (centre <= 2 || centre >= 253) clipped++;
          const corners = data[at - width - 1]! + data[at - width + 1]! + data[at + width - 1]! + data[at + width + 1]!;
          const sides = data[at - width]! + data[at + width]! + data[at - 1]! + data[at + 1]!;
          power += (corners - 2 * sides + 4 * centre) ** 2;
        }
      }
      if (clipped * 20 < inner * inner) sigmas.push(Math.sqrt(power / (36 * inner * inner)));
    }
  }
  return sigmas;
}

/** One figure from the blocks of many pictures, in levels; 0 when there are none. */
export function noiseOf(sigmas: readonly number[]): number {
  const ranked = [...sigmas].sort((a, b) => a - b);
  return calmBias * (ranked[Math.floor(ranked.length * calmShare)] ?? 0);
}

/**
 * The difference of two pictures of one size around middle grey, scaled so that noise which is new in each keeps its
 * deviation: what stands still is gone from it, were it as busy as grass.
 */
export function differenceOf(first: GreyPicture, second: GreyPicture): GreyPicture {
  const data = Uint8ClampedArray.from(first.data, (level, i) => 128 + (level - second.data[i]!) * Math.SQRT1_2);
  return { ...first, data: new Uint8Array(data.buffer) };
}

/** Half the size, each pixel the mean of four: noise that is coarser than a pixel shows there. */
export function halved({ data, width, height }: GreyPicture): GreyPicture {
  const [w, h] = [width >> 1, height >> 1];
  const half = new Uint8Array(w * h);
  for (let y = 0, out = 0; y < h; y++) {
    for (let x = 0, at = 2 * y * width; x < w; x++, out++, at += 2) {
      half[out] = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]! + 2) >> 2;
    }
  }
  return { data: half, width: w, height: h };
}

/** Sums of steps between neighbouring pixels by their place in the 8x8 coding grid; add up over pictures, then read. */
export type GridSteps = Float64Array;

/** `picture` must begin on the grid. Adds its steps to `into` (8 sums; place 0 is the step into a new block). */
export function addGridSteps({ data, width, height }: GreyPicture, into: GridSteps): void {
  for (let y = 8; y < height; y++) {
    for (let x = 8, at = y * width + x; x < width; x++, at++) {
      // Edges of things would drown the grid: a step counts up to what coding makes.
      into[x & 7]! += Math.min(24, Math.abs(data[at]! - data[at - 1]!));
      into[y & 7]! += Math.min(24, Math.abs(data[at]! - data[at - width]!));
    }
  }
}

/** How much larger the step into a new block is than the others, as a share: 0 without a grid. */
export function blockinessOf(steps: GridSteps): number {
  const others = [...steps.subarray(1)].sort((a, b) => a - b);
  const usual = others[3]!;
  return usual > 0 ? Math.max(0, steps[0]! / usual - 1) : 0;
}

/** Comb energies of what moves, added up over pairs of consecutive pictures. */
export interface FieldEvidence {
  moving: number;
  /** The first picture's own rows. */
  own: number;
  /** The second's upper field woven with the first's lower, and the first's upper with the second's lower. */
  topFirst: number;
  bottomFirst: number;
}

export function noFieldEvidence(): FieldEvidence {
  return { moving: 0, own: 0, topFirst: 0, bottomFirst: 0 };
}

/** In levels: what changed less from picture to picture says nothing about fields. */
const fieldMotion = 10;
const fewestMoving = 400;
/** Re-weaving the fields must raise the comb by this share, and one way less than the other by a fifth (0.6 on juggling, 1.00 when progressive). */
const leastComb = 0.04;
const oneSided = 0.8;

/** Adds the evidence of two consecutive pictures of the same place; both must begin on an even row. */
export function addFieldEvidence(first: GreyPicture, second: GreyPicture, evidence: FieldEvidence): void {
  const { data: a, width, height } = first;
  const b = second.data;
  for (let y = 1; y < height - 1; y++) {
    // Rows of the upper field are even; the other field's rows lie on either side.
    const upper = (y & 1) === 0;
    for (let at = y * width; at < (y + 1) * width; at++) {
      if (Math.abs(a[at]! - b[at]!) < fieldMotion) continue;
      const around = a[at - width]! + a[at + width]!;
      const later = b[at - width]! + b[at + width]!;
      const early = Math.abs(around - 2 * b[at]!);
      const late = Math.abs(later - 2 * a[at]!);
      evidence.moving++;
      evidence.own += Math.abs(around - 2 * a[at]!);
      evidence.topFirst += upper ? early : late;
      evidence.bottomFirst += upper ? late : early;
    }
  }
}

/**
 * What the fields say; undefined when too little moved to tell. Weaving fields that lie farther apart in time combs more: of
 * a progressive picture both re-weaves do, of an interlaced one only that which goes against the field order.
 */
export function fieldsOf(evidence: FieldEvidence): 'progressive' | 'top-first' | 'bottom-first' | undefined {
  const { moving, own, topFirst, bottomFirst } = evidence;
  const [less, more] = [Math.min(topFirst, bottomFirst) - own, Math.max(topFirst, bottomFirst) - own];
  if (moving < fewestMoving || more < leastComb * own) return undefined;
  if (less > oneSided * more) return 'progressive';
  return topFirst < bottomFirst ? 'top-first' : 'bottom-first';
}
