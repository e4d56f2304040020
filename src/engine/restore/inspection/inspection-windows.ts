/** Resolution, blocks, noise and fields of a clip, from its windows at full resolution. */
import type { Probe } from '../../media/probe-result.ts';
import { evenly, type Glimpse } from './glimpse.ts';
import { isHeld } from './held-pattern.ts';
import type { ClipInspection, FieldOrder } from './inspection.ts';
import {
  addFieldEvidence,
  addGridSteps,
  blockinessOf,
  blockNoise,
  differenceOf,
  fieldsOf,
  halved,
  noFieldEvidence,
  noiseOf,
} from './picture-faults.ts';
import type { GreyPicture } from './thumbnail.ts';
import { effectiveScaleOf, tileSpectra, type TileSpectrum } from './true-resolution.ts';

/** Windows whose spectrum, noise and grid are measured: 4 ms each. */
const windowsMeasured = 14;
/** With fewer, what changes in time is left out of account. */
const fewestPairs = 3;
/** Under this true resolution noise is measured at half size: grain enlarged with its picture hides from fine filters. */
const coarseBelow = 0.6;

/** Two consecutive pictures of one place. */
export interface WindowPair {
  readonly first: GreyPicture;
  readonly second: GreyPicture;
  /** True where the second only repeats the first. */
  readonly held: boolean;
}

/** The window moves on after every second frame of a stretch. */
export function windowPairs(
  stretches: readonly (readonly Glimpse[])[],
  changes: readonly (readonly number[])[],
): WindowPair[] {
  return stretches.flatMap((stretch, s) =>
    stretch.flatMap(({ window: first }, i) => {
      const second = stretch[i + 1]?.window;
      return second && i % 2 === 0 ? [{ first, second, held: isHeld(changes[s]!, i) }] : [];
    }),
  );
}

export async function measureWindows(
  glimpses: readonly Glimpse[],
  breathe: () => Promise<void>,
): Promise<Pick<ClipInspection, 'effectiveScale' | 'blockiness'>> {
  const spectra: TileSpectrum[] = [];
  const steps = new Float64Array(8);
  for (const { window } of evenly(glimpses, windowsMeasured)) {
    spectra.push(...tileSpectra(window));
    addGridSteps(window, steps);
    await breathe();
  }
  return { effectiveScale: effectiveScaleOf(spectra), blockiness: blockinessOf(steps) };
}

/**
 * Noise is what single pictures show where they are calm, or, if that is less, what changes from picture to picture where
 * nothing moves: grass is busy, but stays.
 */
export async function measureNoise(
  glimpses: readonly Glimpse[],
  pairs: readonly WindowPair[],
  effectiveScale: number,
  breathe: () => Promise<void>,
): Promise<number> {
  const seen = (picture: GreyPicture) => blockNoise(effectiveScale < coarseBelow ? halved(picture) : picture);
  const inSpace: number[] = [];
  for (const { window } of evenly(glimpses, windowsMeasured)) {
    inSpace.push(...seen(window));
    await breathe();
  }
  const inTime: number[] = [];
  const fresh = pairs.filter(({ held }) => !held);
  for (const { first, second } of evenly(fresh, windowsMeasured)) {
    inTime.push(...seen(differenceOf(first, second)));
    await breathe();
  }
  return fresh.length < fewestPairs ? noiseOf(inSpace) : Math.min(noiseOf(inSpace), noiseOf(inTime));
}

export async function measureFields(
  pairs: readonly WindowPair[],
  probe: Probe,
  breathe: () => Promise<void>,
): Promise<FieldOrder> {
  const evidence = noFieldEvidence();
  for (const { first, second } of evenly(pairs, windowsMeasured)) {
    addFieldEvidence(first, second, evidence);
    await breathe();
  }
  const said = probe.video.fieldOrder;
  return fieldsOf(evidence) ?? (said === 'unknown' ? 'progressive' : said);
}
