/** Turns glimpses of a clip into the figures of its inspection. Works in slices, so that the event loop is not held up. */
import { setImmediate } from 'node:timers/promises';

import { LumiereError } from '../../errors.ts';
import type { Probe } from '../../media/probe-result.ts';
import { divide, rational, toNumber } from '../../rational.ts';
import type { Glimpse } from './glimpse.ts';
import { changeBetween, findHeldFrames, isHeld } from './held-pattern.ts';
import { countCuts, measureMotion } from './inspection-motion.ts';
import { measureFields, measureNoise, measureWindows, windowPairs } from './inspection-windows.ts';
import type { ClipInspection } from './inspection.ts';

/**
 * The figures of a clip, from `stretches` of glimpses that followed each other. Rejects with `job.cancelled` once `signal`
 * is aborted.
 */
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
    ...motion,
    cutsPerMinute: (cuts * 60) / Math.max(seconds, 1e-6),
  };
}
