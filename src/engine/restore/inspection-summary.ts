/** Turns glimpses of a clip into the figures of its inspection. Works in slices, so that the event loop is not held up. */
import { setImmediate } from 'node:timers/promises';

import type { Probe } from '../media/probe-result.ts';
import { divide, rational, toNumber } from '../rational.ts';
import { blockMotion } from './block-motion.ts';
import { globalShift } from './global-motion.ts';
import { changeBetween, findHeldFrames, isHeld } from './held-pattern.ts';
import type { ClipInspection, FieldOrder, Letterbox } from './inspection.ts';
import {
  addFieldEvidence,
  addGridSteps,
  blockinessOf,
  blockNoise,
  fieldsOf,
  halved,
  noFieldEvidence,
  noiseOf,
} from './picture-faults.ts';
import { overlayShare } from './static-overlay.ts';
import { type GreyPicture } from './thumbnail.ts';
import { identityTone, toneChange } from './tone-change.ts';
import { effectiveScaleOf, tileSpectra, type TileSpectrum } from './true-resolution.ts';

/** What is looked at of one frame. */
export interface Glimpse {
  readonly thumbnail: GreyPicture;
  /** A piece at full resolution that begins on the 8x8 coding grid; the next frame of a pair shows the same place. */
  readonly window: GreyPicture;
  /** Mean deviation of the colour differences from their median, in levels. */
  readonly colour: number;
}

/** Windows whose spectrum, noise and grid are measured: 4 ms each. */
const windowsMeasured = 14;
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
const blackLevel = 24;
const tintedBelow = 2.5;
/** Under this true resolution noise is measured at half size: grain enlarged with its picture hides from fine filters. */
const coarseBelow = 0.6;

export async function summarise(
  probe: Probe,
  stretches: readonly (readonly Glimpse[])[],
  signal?: AbortSignal,
): Promise<ClipInspection> {
  const breathe = async () => {
    await setImmediate();
    signal?.throwIfAborted();
  };
  const all = stretches.flat();
  const changes: number[][] = [];
  for (const stretch of stretches) {
    changes.push(stretch.slice(1).map((glimpse, i) => changeBetween(stretch[i]!.thumbnail, glimpse.thumbnail)));
    await breathe();
  }
  const { rate, variableRate, frameCount, duration } = probe.video;
  const held = findHeldFrames(changes, variableRate ? divide(rational(frameCount.count), duration) : rate);
  const drawings = stretches.map((stretch, s) => stretch.filter((_, i) => i === 0 || !isHeld(changes[s]!, i - 1)));
  const texture = await measureWindows(all, breathe);
  const fields = await measureFields(stretches, probe, breathe);
  const motion = await measureMotion(drawings, breathe);
  const { cuts, steps } = await countCuts(drawings, breathe);
  const seconds = steps / Math.max(1e-6, toNumber(held.cadence?.rate ?? rate));
  return {
    framesSeen: all.length,
    ...texture,
    fields,
    held,
    letterbox: letterboxOf(all, probe.video),
    overlay: overlayOf(drawings),
    monochrome: all.every(({ colour }) => colour < tintedBelow),
    ...motion,
    cutsPerMinute: (cuts * 60) / Math.max(seconds, 1e-6),
  };
}

/** `count` of `items`, spread evenly. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]!);
}

async function measureWindows(
  glimpses: readonly Glimpse[],
  breathe: () => Promise<void>,
): Promise<Pick<ClipInspection, 'effectiveScale' | 'noise' | 'blockiness'>> {
  const spectra: TileSpectrum[] = [];
  const fine: number[] = [];
  const coarse: number[] = [];
  const steps = new Float64Array(8);
  for (const { window } of spread(glimpses, windowsMeasured)) {
    spectra.push(...tileSpectra(window));
    fine.push(...blockNoise(window));
    coarse.push(...blockNoise(halved(window)));
    addGridSteps(window, steps);
    await breathe();
  }
  const effectiveScale = effectiveScaleOf(spectra);
  const noise = noiseOf(effectiveScale < coarseBelow ? coarse : fine);
  return { effectiveScale, noise, blockiness: blockinessOf(steps) };
}

async function measureFields(
  stretches: readonly (readonly Glimpse[])[],
  probe: Probe,
  breathe: () => Promise<void>,
): Promise<FieldOrder> {
  const evidence = noFieldEvidence();
  const pairs = stretches.flatMap((stretch) =>
    stretch.flatMap((glimpse, i) => {
      const next = stretch[i + 1];
      return next && i % 2 === 0 ? [[glimpse.window, next.window] as const] : [];
    }),
  );
  for (const [first, second] of spread(pairs, windowsMeasured)) {
    addFieldEvidence(first, second, evidence);
    await breathe();
  }
  const said = probe.video.fieldOrder;
  return fieldsOf(evidence) ?? (said === 'unknown' ? 'progressive' : said);
}

async function measureMotion(
  stretches: readonly (readonly Glimpse[])[],
  breathe: () => Promise<void>,
): Promise<Pick<ClipInspection, 'motion' | 'weave' | 'flicker'>> {
  const measured: Step[] = [];
  const runs = stretches.flatMap((stretch) => runsOf(stretch));
  for (const run of spread(runs, pairsMeasured / pairsInRun)) {
    for (const [i, { thumbnail: second }] of run.entries()) {
      if (i === 0) continue;
      const first = run[i - 1]!.thumbnail;
      const { unexplained, displacement } = blockMotion(first, second);
      const { dx, dy, agreement } = globalShift(halved(first), halved(second));
      const shift = agreement > trustedAgreement ? { dx: 2 * dx, dy: 2 * dy } : { dx: 0, dy: 0 };
      const light = lightChange(first, second);
      measured.push({ ...shift, displacement, light, begins: i === 1, cut: unexplained > cutAbove });
      await breathe();
    }
  }
  const width = stretches[0]?.[0]?.thumbnail.width ?? 1;
  const shake = Math.hypot(
    jitter(measured, (step) => step.dx),
    jitter(measured, (step) => step.dy),
  );
  return {
    motion: (100 * median(measured.map(({ displacement }) => displacement))) / width,
    weave: (100 * shake) / width,
    flicker: jitter(measured, (step) => step.light),
  };
}

/** One drawing to the next, in pixels of the thumbnail and in levels. */
interface Step {
  readonly dx: number;
  readonly dy: number;
  readonly displacement: number;
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
async function countCuts(
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
      if (blockMotion(stretch[i]!.thumbnail, stretch[i + 1]!.thumbnail).unexplained > cutAbove) cuts++;
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

/** Rows and columns at the edges that are black in every frame, in pixels; half a thumbnail's pixel is not enough to tell. */
function letterboxOf(glimpses: readonly Glimpse[], shown: { width: number; height: number }): Letterbox {
  const { width, height } = glimpses[0]!.thumbnail;
  const rows = new Uint8Array(height);
  const columns = new Uint8Array(width);
  for (const { thumbnail } of glimpses) {
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const level = thumbnail.data[at]!;
        if (level > rows[y]!) rows[y] = level;
        if (level > columns[x]!) columns[x] = level;
      }
    }
  }
  const edge = (levels: Uint8Array) => {
    const lit = levels.findIndex((level) => level > blackLevel);
    return lit < 0 ? 0 : lit;
  };
  const [down, across] = [shown.height / height, shown.width / width];
  return {
    top: Math.floor(edge(rows) * down),
    bottom: Math.floor(edge(rows.toReversed()) * down),
    left: Math.floor(edge(columns) * across),
    right: Math.floor(edge(columns.toReversed()) * across),
  };
}

function overlayOf(stretches: readonly (readonly Glimpse[])[]): number {
  return overlayShare(spread(stretches.flat(), 24).map(({ thumbnail }) => thumbnail));
}
