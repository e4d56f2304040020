/**
 * A motion written down like music: waves with a whole number of turns in the loop, things that happen once, and blinks. Made
 * of these, the end of a loop meets its beginning by construction: every part is 0 at both.
 */
import { type BlendshapeName, blendshapeNames } from './blendshapes.ts';
import { type Blink, lidClosure } from './blink.ts';
import { type Curve, ease } from './ease.ts';
import { type HeadMotion, headAtRest, type MotionFrame } from './track.ts';

/** What a part moves: a blendshape (0 to 1), the head (degrees, centimetres), the gaze (degrees) or the chest (centimetres). */
export type Channel = BlendshapeName | keyof HeadMotion | 'gazeX' | 'gazeY' | 'breath';

/** A wave that begins and ends the loop at 0, whatever its phase: sin(x + phase) - sin(phase). */
export interface Sway {
  readonly channel: Channel;
  /** Whole turns in the loop. */
  readonly turns: number;
  readonly amount: number;
  /** In turns. */
  readonly phase?: number;
}

/** Something that happens once: it rises from 0 to `amount`, holds, and falls back. All times in seconds. */
export interface Gesture {
  readonly channel: Channel;
  readonly at: number;
  readonly rise: number;
  readonly hold: number;
  readonly fall: number;
  readonly amount: number;
  /** How it goes up and down; `smooth` when left out. */
  readonly curve?: Curve;
}

export interface Score {
  /** Length of the loop. */
  readonly seconds: number;
  readonly sways: readonly Sway[];
  readonly gestures: readonly Gesture[];
  readonly blinks: readonly Blink[];
}

const shapes: ReadonlySet<string> = new Set(blendshapeNames);

/** Where a gesture stands at `time`, as a share of its amount; 0 before and after. */
export function gestureAt({ at, rise, hold, fall, curve = 'smooth' }: Gesture, time: number): number {
  const since = time - at;
  if (since <= 0 || since >= rise + hold + fall) return 0;
  if (since < rise) return ease(curve, since / rise);
  return since <= rise + hold ? 1 : ease(curve, (rise + hold + fall - since) / fall);
}

/**
 * The frame at `time` seconds, with every motion multiplied by `strength` (0 to 2). Blinks stay whole blinks down to a
 * quarter of the strength: an eye that closes half looks ill. Weights are kept within 0 to 1.
 */
export function playScore(score: Score, time: number, strength = 1): MotionFrame {
  const sums = new Map<Channel, number>();
  const add = (channel: Channel, value: number): void => {
    sums.set(channel, (sums.get(channel) ?? 0) + value);
  };
  const turn = 2 * Math.PI;
  for (const { channel, turns, amount, phase = 0 } of score.sways) {
    const wave = Math.sin(turn * ((turns * time) / score.seconds + phase)) - Math.sin(turn * phase);
    add(channel, strength * amount * wave);
  }
  for (const gesture of score.gestures) add(gesture.channel, strength * gesture.amount * gestureAt(gesture, time));

  for (const [side, channel] of [[-1, 'eyeBlinkRight'] as const, [1, 'eyeBlinkLeft'] as const]) {
    const blink = Math.max(0, ...score.blinks.map((one) => lidClosure(one, time, side)));
    sums.set(channel, Math.max(sums.get(channel) ?? 0, blink * Math.min(1, 4 * strength)));
  }
  return frameOf(sums);
}

/** A frame out of sums by channel; what is 0 is left out. */
function frameOf(sums: ReadonlyMap<Channel, number>): MotionFrame {
  const blendshapes: Partial<Record<BlendshapeName, number>> = {};
  const head: Record<keyof HeadMotion, number> = { ...headAtRest };
  let moves = false;
  for (const [channel, value] of sums) {
    if (Math.abs(value) < 1e-9) continue;
    if (shapes.has(channel)) {
      const weight = Math.min(1, value);
      if (weight > 0) blendshapes[channel as BlendshapeName] = weight;
    } else if (channel in headAtRest) {
      head[channel as keyof HeadMotion] = value;
      moves = true;
    }
  }
  const [x, y, breath] = (['gazeX', 'gazeY', 'breath'] as const).map((channel) => sums.get(channel) ?? 0);
  return {
    ...(Object.keys(blendshapes).length > 0 && { blendshapes }),
    ...(moves && { head }),
    ...((Math.abs(x!) > 1e-9 || Math.abs(y!) > 1e-9) && { gaze: { x: x!, y: y! } }),
    ...(Math.abs(breath!) > 1e-9 && { breath: breath! }),
  };
}
