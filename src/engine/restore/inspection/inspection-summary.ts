/** Turns glimpses of a clip into the figures of its inspection. Works in slices, so that the event loop is not held up. */
import { setImmediate } from 'node:timers/promises';

import { LumiereError } from '../../errors.ts';
import type { Probe } from '../../media/probe-result.ts';
import { divide, rational, toNumber } from '../../rational.ts';
import { evenly, type Glimpse } from './glimpse.ts';
import { changeBetween, findHeldFrames, isHeld } from './held-pattern.ts';
import { countCuts, measureMotion } from './inspection-motion.ts';
import { measureFields, measureNoise, measureWindows, windowPairs } from './inspection-windows.ts';
import type { ClipInspection, Letterbox } from './inspection.ts';
import { overlayShare } from '../between/static-overlay.ts';

const blackLevel = 24;
const tintedBelow = 2.5;
export async function summarise(
  probe: Probe,
  stretches: readonly (readonly Glimpse[])[],
  signal?: AbortSignal,
): Promise<ClipInspection> {
  const breathe = async () => {
    await setImmediate();
    if (signal?.aborted) throw new LumiereError('job.cancelled');
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
  const pairs = windowPairs(stretches, changes);
  const noise = await measureNoise(all, pairs, texture.effectiveScale, breathe);
  const fields = await measureFields(pairs, probe, breathe);
  const motion = await measureMotion(drawings, breathe);
  const { cuts, steps } = await countCuts(drawings, breathe);
  const seconds = steps / Math.max(1e-6, toNumber(held.cadence?.rate ?? rate));
  return {
    framesSeen: all.length,
    ...texture,
    noise,
    fields,
    held,
    letterbox: letterboxOf(all, probe.video),
    overlay: overlayOf(drawings),
    monochrome: all.every(({ colour }) => colour < tintedBelow),
    ...motion,
    cutsPerMinute: (cuts * 60) / Math.max(seconds, 1e-6),
  };
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
  return overlayShare(evenly(stretches.flat(), 24).map(({ thumbnail }) => thumbnail));
}
