/** What moves, shakes and flickers between the drawings of a clip, and where it is cut, from thumbnails. */
import { unexplainedChange } from './unexplained-change.ts';
import { globalShift } from './global-motion.ts';
import { evenly, type Glimpse } from './glimpse.ts';
import { changeBetween } from './held-pattern.ts';
import type { ClipInspection } from './inspection.ts';
import { halved } from './picture-faults.ts';
import type { GreyPicture } from './thumbnail.ts';
import { identityTone, toneChange } from './tone-change.ts';

/** Pairs of drawings whose motion is measured: 4 ms each. */
const pairsMeasured = 30;
/** Neighbouring pairs measured together: jitter shows in two pairs, and five runs of six tell a clip apart well enough. */
const pairsInRun = 6;
const trustedAgreement = 0.3;
/** A cut leaves this share unexplained by motion, and changes the picture by this factor more than two of the steps near it. */
const cutAbove = 0.55;
const cutStandsOut = 1.5;
/** In levels, of the places that change most. */
const leastCutChange = 30;

export async function measureMotion(
  stretches: readonly (readonly Glimpse[])[],
  breathe: () => Promise<void>,
): Promise<Pick<ClipInspection, 'weave' | 'flicker'>> {
  const measured: Step[] = [];
  const runs = stretches.flatMap((stretch) => runsOf(stretch));
  for (const run of evenly(runs, pairsMeasured / pairsInRun)) {
    for (const [i, { thumbnail: second }] of run.entries()) {
      if (i === 0) continue;
      const first = run[i - 1]!.thumbnail;
      const unexplained = unexplainedChange(first, second);
      const { dx, dy, agreement } = globalShift(halved(first), halved(second));
      const shift = agreement > trustedAgreement ? { dx: 2 * dx, dy: 2 * dy } : { dx: 0, dy: 0 };
      const light = lightChange(first, second);
      measured.push({ ...shift, light, begins: i === 1, cut: unexplained > cutAbove });
      await breathe();
    }
  }
  const width = stretches[0]?.[0]?.thumbnail.width ?? 1;
  const shake = Math.hypot(
    jitter(measured, (step) => step.dx),
    jitter(measured, (step) => step.dy),
  );
  return {
    weave: (100 * shake) / width,
    flicker: jitter(measured, (step) => step.light),
  };
}

/** One drawing to the next, in pixels of the thumbnail and in levels. */
interface Step {
  readonly dx: number;
  readonly dy: number;
  readonly light: number;
  /** True where the pair before is not its neighbour. */
  readonly begins: boolean;
  readonly cut: boolean;
}

function runsOf<T>(stretch: readonly T[]): (readonly T[])[] {
  const runs: (readonly T[])[] = [];
  for (let at = 0; at + 2 < stretch.length || at === 0; at += pairsInRun)
    runs.push(stretch.slice(at, at + pairsInRun + 1));
  return runs;
}

/** Cuts among the drawings: only changes that stand out of those near them are looked at closely. */
export async function countCuts(
  stretches: readonly (readonly Glimpse[])[],
  breathe: () => Promise<void>,
): Promise<{ cuts: number; steps: number }> {
  let [cuts, steps] = [0, 0];
  for (const stretch of stretches) {
    const changes = stretch.slice(1).map((glimpse, i) => changeBetween(stretch[i]!.thumbnail, glimpse.thumbnail));
    steps += changes.length;
    await breathe();
    for (const [i, change] of changes.entries()) {
      const near = changes.slice(Math.max(0, i - 4), i + 5).sort((a, b) => b - a);
      if (change < leastCutChange || change < cutStandsOut * (near[Math.min(2, near.length - 1)] ?? 0)) continue;
      if (unexplainedChange(stretch[i]!.thumbnail, stretch[i + 1]!.thumbnail) > cutAbove) cuts++;
      await breathe();
    }
  }
  return { cuts, steps };
}

/**
 * Standard deviation of what jumps about from picture to picture, from its changes: half the difference between one change
 * and the next is how far a picture lies off the middle of its neighbours, which a steady pan or fade leaves at 0.
 */
function jitter(steps: readonly Step[], value: (step: Step) => number): number {
  const off: number[] = [];
  for (const [i, now] of steps.entries()) {
    const before = steps[i - 1];
    if (before && !now.begins && !now.cut && !before.cut) off.push(Math.abs(value(before) - value(now)) / 2);
  }
  // For independent pictures of deviation s it has deviation s * sqrt(3/2); the median speaks for all but a few flashes.
  return (1.4826 * median(off)) / Math.sqrt(1.5);
}

/** Mean brightness change of what stays in its place, in levels. */
function lightChange(a: GreyPicture, b: GreyPicture): number {
  const curve = toneChange(a, b);
  let sum = 0;
  for (const level of a.data) sum += curve[level]! - identityTone[level]!;
  return sum / a.data.length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
