/** One number for how real a result looks, from 0 to 100, and which of its parts held it down. */
import { measureNames, type Measure, type MeasureName } from './measures.ts';

/** Each has a sentence under `realism.<band>`. */
export const realismBands = ['lifelike', 'convincing', 'passable', 'artificial'] as const;
export type RealismBand = (typeof realismBands)[number];

/** What may cost points: a measure, or the far side of one that is missed in two ways. */
export const realismParts = [...measureNames, 'sharpness-above'] as const;
export type RealismPart = (typeof realismParts)[number];

export interface Realism {
  /** 0 to 100; a result that passes everything has 100. */
  readonly score: number;
  readonly band: RealismBand;
  /** What cost points, the most first; each has a sentence under `realism-part.<name>`. */
  readonly parts: readonly { readonly name: RealismPart; readonly points: number }[];
}

/**
 * What each part costs at its worst, of 100, and the value at which it is at its worst. Between that and what is wanted the
 * cost grows evenly; a miss by ever so little costs a part of it, because a miss is seen.
 */
const judged: readonly { readonly name: MeasureName; readonly cost: number; readonly worst: number }[] = [
  { name: 'motion-followed', cost: 60, worst: 1 },
  { name: 'face-found', cost: 60, worst: 0.8 },
  { name: 'identity-mean', cost: 50, worst: 0.6 },
  { name: 'jitter', cost: 40, worst: 1.5 },
  { name: 'identity-least', cost: 30, worst: 0.4 },
  { name: 'sharpness', cost: 30, worst: 3 },
  { name: 'background', cost: 30, worst: 20 },
  { name: 'lips-together', cost: 30, worst: 0 },
  { name: 'lips-late', cost: 30, worst: 250 },
  { name: 'lips-followed', cost: 25, worst: 1.2 },
  { name: 'seam', cost: 25, worst: 2.5 },
  { name: 'loop-step', cost: 25, worst: 8 },
  { name: 'folds', cost: 20, worst: 20 },
  { name: 'stretch', cost: 20, worst: 6 },
  { name: 'blink', cost: 20, worst: 0.25 },
  { name: 'loop', cost: 10, worst: 40 },
  { name: 'rest', cost: 10, worst: 20 },
];

const leastShare = 0.1;

const bands: readonly (readonly [least: number, band: RealismBand])[] = [
  [90, 'lifelike'],
  [75, 'convincing'],
  [50, 'passable'],
];

/**
 * The realism of a table of measures. Each part takes its share of what the others left, so that one that fails wholly is not
 * made up for by all that is right; parts that could not be measured take nothing. Throws a `RangeError` on a value that is
 * not finite, which `measure` never gives.
 */
export function realismOf(measures: readonly Measure[]): Realism {
  let left = 1;
  const costs: { name: RealismPart; weight: number }[] = [];
  for (const { name, cost, worst } of judged) {
    const found = measures.find((row) => row.name === name);
    if (found === undefined || 'missing' in found) continue;
    if (!Number.isFinite(found.value)) throw new RangeError(`${name} is ${found.value}`);
    if (found.passed) continue;
    const share = leastShare + (1 - leastShare) * shortfall(found.value, found.wanted, worst);
    left *= 1 - (share * cost) / 100;
    costs.push({ name: partOf(found.name, found.value, found.wanted), weight: -Math.log(1 - (share * cost) / 100) });
  }
  if (costs.length === 0) return { score: 100, band: 'lifelike', parts: [] };
  // A miss is never rounded away.
  const score = Math.min(99, Math.round(100 * left));
  const all = costs.reduce((sum, { weight }) => sum + weight, 0);
  const parts = costs
    .map(({ name, weight }) => ({ name, points: Math.max(1, Math.round(((100 - score) * weight) / all)) }))
    .toSorted((a, b) => b.points - a.points);
  return { score, band: bands.find(([least]) => score >= least)?.[1] ?? 'artificial', parts };
}

/** A face that is sharper than its photograph is missed in another way than a soft one; an edge that shows is one on both sides. */
function partOf(name: MeasureName, value: number, { atMost = Infinity }: Measure['wanted']): RealismPart {
  return name === 'sharpness' && value > atMost ? 'sharpness-above' : name;
}

/** 0 where the value is as wanted, 1 where it is as bad as it counts. */
function shortfall(value: number, { atLeast, atMost }: Measure['wanted'], worst: number): number {
  if (atMost !== undefined && value > atMost) return Math.min(1, (value - atMost) / (worst - atMost));
  if (atLeast === undefined || value >= atLeast) return 0;
  // A measure that is wanted between two bounds is as bad below as above, by its ratio.
  const low = atMost === undefined ? worst : 1 / worst;
  return Math.min(1, (atLeast - value) / (atLeast - low));
}
