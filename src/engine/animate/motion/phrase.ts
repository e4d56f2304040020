/** What a preset is made of, and the movements that several of them share. */
import type { Random } from '../../restore/sound/synth/noise.ts';
import type { BlendshapeName } from './blendshapes.ts';
import type { Curve } from './ease.ts';
import type { Channel, Gesture, Sway } from './score.ts';

/** One run of a preset, in its own seconds from 0 to `Preset.seconds`. Everything lies between the two. */
export interface Phrase {
  readonly gestures: readonly Gesture[];
  /** Moments at which a blink would be natural. */
  readonly blinks?: readonly number[];
  /** Stretches in which the eyes must not blink. */
  readonly open?: readonly (readonly [number, number])[];
}

export interface Chance {
  readonly random: Random;
  /** The side that this phrase prefers: -1 or 1. */
  readonly side: -1 | 1;
}

export interface Preset {
  /** Its own length. */
  readonly seconds: number;
  /** Waves through the whole phrase; turns in one phrase. */
  readonly sways?: readonly Sway[];
  phrase(chance: Chance): Phrase;
}

/** The head follows the eyes by this many seconds. */
export const headLag = 0.12;
/** Share of a head turn that the eyes take back, so that they stay on what they look at (vestibulo-ocular reflex). */
const counterTurn = 0.6;

/** A gesture in one line: up in `rise`, there until `to` is near, down in `fall`. */
export function move(
  channel: Channel,
  amount: number,
  [from, to]: readonly [number, number],
  { rise, fall = rise, curve }: { readonly rise: number; readonly fall?: number; readonly curve?: Curve },
): Gesture {
  return { channel, amount, at: from, rise, fall, hold: Math.max(0, to - from - rise - fall), ...(curve && { curve }) };
}

/** The same gesture on both sides of the face: `side` leads by 30 ms and goes a tenth further. */
export function onBothSides(
  name:
    | 'mouthSmile'
    | 'mouthStretch'
    | 'mouthDimple'
    | 'mouthFrown'
    | 'mouthPress'
    | 'mouthUpperUp'
    | 'mouthLowerDown'
    | 'cheekSquint'
    | 'eyeSquint'
    | 'eyeWide'
    | 'eyeBlink'
    | 'browDown'
    | 'browOuterUp'
    | 'noseSneer',
  side: -1 | 1,
  gesture: Omit<Gesture, 'channel'>,
): Gesture[] {
  const [leads, follows] = side < 0 ? (['Right', 'Left'] as const) : (['Left', 'Right'] as const);
  const channel = (which: 'Left' | 'Right'): BlendshapeName => `${name}${which}`;
  return [
    { ...gesture, channel: channel(leads) },
    { ...gesture, channel: channel(follows), at: gesture.at + 0.03, amount: gesture.amount * 0.9 },
  ];
}

export interface Look {
  /** When the eyes jump there and back. */
  readonly from: number;
  readonly to: number;
  /** Degrees: the head's share of it, as yaw and pitch. */
  readonly yaw?: number;
  readonly pitch?: number;
  /** Degrees: where the eyes jump, before the head comes after them. */
  readonly x?: number;
  readonly y?: number;
  /** Seconds the head takes to come after. */
  readonly turn?: number;
}

/** A look to somewhere and back: the eyes jump, the head follows `headLag` later while the eyes give way. */
export function look({ from, to, yaw = 0, pitch = 0, x = 0, y = 0, turn = 0.6 }: Look): Gesture[] {
  const jump = { rise: 0.06, fall: 0.06, curve: 'quick' } as const;
  const follow = { rise: turn, fall: turn * 1.15, curve: 'lively' } as const;
  const head: readonly [number, number] = [from + headLag, to + headLag + turn];
  const gestures = [
    move('gazeX', x, [from, to + 0.06], jump),
    move('gazeY', y, [from, to + 0.06], jump),
    move('yaw', yaw, head, follow),
    move('pitch', pitch, head, follow),
    // Half as much roll comes with a turn as the neck gives.
    move('roll', 0.18 * yaw, head, follow),
    move('gazeX', -counterTurn * yaw, head, { ...follow, curve: 'smooth' }),
    move('gazeY', counterTurn * pitch, head, { ...follow, curve: 'smooth' }),
  ];
  return gestures.filter(({ amount }) => amount !== 0);
}
