/** One number for how real a result looks, from 0 to 100, and which of its parts held it down. */
import type { Measure, MeasureName } from './measures.ts';

/** Each has a sentence under `realism.<band>`. */
export const realismBands = ['lifelike', 'convincing', 'passable', 'artificial'] as const;
export type RealismBand = (typeof realismBands)[number];

export interface Realism {
  /** 0 to 100; a result that passes everything has 100. */
  readonly score: number;
  readonly band: RealismBand;
  /** What cost points, the most first; each has a sentence under `realism-part.<name>`. */
  readonly parts: readonly { readonly name: MeasureName; readonly points: number }[];
}

/**
 * How much each part weighs in the eye of whoever looks, and the value at which nothing of it is left. Between that and what
 * is wanted, points fall off evenly; a miss by ever so little costs a part of it, because a miss is seen.
 */
const judged: readonly { readonly name: MeasureName; readonly weight: number; readonly worst: number }[] = [
  { name: 'motion-followed', weight: 14, worst: 1 },
  { name: 'lips-followed', weight: 8, worst: 1.2 },
  { name: 'face-found', weight: 12, worst: 0.8 },
  { name: 'identity-mean', weight: 10, worst: 0.6 },
  { name: 'identity-least', weight: 6, worst: 0.4 },
  { name: 'jitter', weight: 10, worst: 1.5 },
  { name: 'folds', weight: 6, worst: 20 },
  { name: 'stretch', weight: 6, worst: 6 },
  { name: 'sharpness', weight: 8, worst: 0.2 },
  { name: 'seam', weight: 6, worst: 2.5 },
  { name: 'background', weight: 6, worst: 20 },
  { name: 'blink', weight: 6, worst: 0.25 },
  { name: 'lips-together', weight: 6, worst: 0 },
  { name: 'lips-late', weight: 6, worst: 250 },
  { name: 'loop', weight: 2, worst: 40 },
  { name: 'loop-step', weight: 4, worst: 4 },
  { name: 'rest', weight: 2, worst: 20 },
];

const leastShare = 0.25;

const bands: readonly (readonly [least: number, band: RealismBand])[] = [
  [88, 'lifelike'],
  [72, 'convincing'],
  [50, 'passable'],
];

/** The realism of a table of measures; parts that could not be measured count neither way. */
export function realismOf(measures: readonly Measure[]): Realism {
  let most = 0;
  const parts: { name: MeasureName; points: number }[] = [];
  for (const { name, weight, worst } of judged) {
    const found = measures.find((row) => row.name === name);
    if (found === undefined || 'missing' in found) continue;
    most += weight;
    if (found.passed) continue;
    const lost = leastShare + (1 - leastShare) * shortfall(found.value, found.wanted, worst);
    parts.push({ name, points: weight * lost });
  }
  const share = (points: number): number => (most === 0 ? 0 : (100 * points) / most);
  const lost = parts.reduce((sum, { points }) => sum + points, 0);
  // A miss is never rounded away.
  const score = parts.length === 0 ? 100 : Math.min(99, Math.round(100 - share(lost)));
  const told = parts
    .map(({ name, points }) => ({ name, points: Math.max(1, Math.round(share(points))) }))
    .toSorted((a, b) => b.points - a.points);
  return { score, band: bands.find(([least]) => score >= least)?.[1] ?? 'artificial', parts: told };
}

/** 0 where the value is as wanted, 1 where it is as bad as it counts. */
function shortfall(value: number, { atLeast, atMost }: Measure['wanted'], worst: number): number {
  if (atMost !== undefined && value > atMost) return Math.min(1, (value - atMost) / (worst - atMost));
  if (atLeast === undefined || value >= atLeast) return 0;
  // A measure that is wanted between two bounds is as bad below as above, by its ratio.
  const low = atMost === undefined ? worst : 1 / worst;
  return Math.min(1, (atLeast - value) / (atLeast - low));
}
