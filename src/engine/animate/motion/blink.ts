/**
 * Blinks as eyes do them: closed in 70 to 100 ms, shut for 40, open again in 150 to 200, 12 to 18 a minute (VanderWerf et al.
 * 2003; Bentivoglio et al. 1997 for the rate).
 */
import type { Random } from '../../restore/sound/synth/noise.ts';

/** Seconds. */
export interface Blink {
  /** The middle of the time in which the lids are shut. */
  readonly shut: number;
  readonly closing: number;
  readonly holding: number;
  readonly opening: number;
}

/** One lid is this much ahead of the other, in seconds. */
const lidLead = 0.003;
/** No blink begins or ends nearer than this to the ends of a loop. */
const margin = 0.05;
const perMinute = 15;
/** No loop, however short, has more than this many a minute; one that is over too soon for a single blink has none. */
const mostPerMinute = 18;

/** How far a lid is closed at `time`, 0 to 1. @param side -1 the subject's right, 1 the left. */
export function lidClosure({ shut, closing, holding, opening }: Blink, time: number, side: -1 | 1): number {
  const since = time - shut - side * lidLead;
  const half = holding / 2;
  if (Math.abs(since) <= half) return 1;
  // Closing is fastest in its middle; opening starts fast and comes to rest slowly.
  if (since < 0) {
    const u = 1 + (since + half) / closing;
    return u <= 0 ? 0 : u * u * (3 - 2 * u);
  }
  const u = 1 - (since - half) / opening;
  return u <= 0 ? 0 : u * u * (0.6 + 0.4 * u);
}

/** A blink with times of its own, shut on a frame, so that it is seen whole at any rate. */
function makeBlink(time: number, frameSeconds: number, random: Random): Blink {
  return {
    shut: Math.round(time / frameSeconds) * frameSeconds,
    closing: 0.07 + 0.03 * random(),
    holding: 0.04 + 2 * lidLead,
    opening: 0.15 + 0.05 * random(),
  };
}

export interface BlinkPlan {
  /** Length of the loop. */
  readonly seconds: number;
  readonly frameSeconds: number;
  /** Moments at which a blink would be natural: a glance, the end of a phrase. Taken first, in this order. */
  readonly likely: readonly number[];
  /** Stretches in which nobody blinks. */
  readonly never?: readonly (readonly [number, number])[];
  readonly random: Random;
}

/** Blinks for a loop, about 15 a minute and never on its ends; none when the loop is too short for one. */
export function placeBlinks({ seconds, frameSeconds, likely, never = [], random }: BlinkPlan): Blink[] {
  const [first, last] = [0.13 + margin, seconds - 0.23 - margin];
  if (last <= first) return [];
  const most = Math.floor((seconds * mostPerMinute) / 60 + 1e-9);
  const count = Math.min(most, Math.round((seconds * perMinute) / 60));
  const gap = Math.min(0.8, seconds / (count + 1) / 2);
  const times: number[] = [];
  const free = (time: number): boolean =>
    time >= first &&
    time <= last &&
    times.every((other) => Math.abs(other - time) >= gap) &&
    never.every(([from, to]) => time < from - 0.25 || time > to + 0.15);
  for (const time of likely) if (times.length < count && free(time)) times.push(time);
  // The rest goes where the eyes have been open longest, not quite in the middle.
  for (let tries = 0; times.length < count && tries < 8 * count; tries++) {
    const edges = [0, ...times, seconds].sort((a, b) => a - b);
    let widest = 0;
    for (let i = 1; i + 1 < edges.length; i++)
      if (edges[i + 1]! - edges[i]! > edges[widest + 1]! - edges[widest]!) widest = i;
    const [from, to] = [edges[widest]!, edges[widest + 1]!];
    const time = from + (to - from) * (0.35 + 0.3 * random());
    if (free(time)) times.push(time);
  }
  return times.sort((a, b) => a - b).map((time) => makeBlink(time, frameSeconds, random));
}
