/** Visemes as gestures: they swell and fade, and neighbours overlap and add up, as the parts of a mouth do in speech. */
import { visemePoses, type Viseme } from '../speech/viseme-poses.ts';
import type { BlendshapeName } from './blendshapes.ts';
import type { Gesture } from './score.ts';

function posed(viseme: Viseme, strength: number, shape: Pick<Gesture, 'at' | 'rise' | 'hold' | 'fall'>): Gesture[] {
  return Object.entries(visemePoses[viseme]).map(([channel, weight]) => ({
    ...shape,
    channel: channel as BlendshapeName,
    amount: weight * strength,
  }));
}

/** A spoken sound from `at` on, `seconds` long with its way in and out. */
export function spokenSound(viseme: Viseme, at: number, seconds: number, strength: number): Gesture[] {
  return posed(viseme, strength, { at, rise: 0.45 * seconds, hold: 0, fall: 0.55 * seconds });
}

/** A sung vowel: reached in 140 ms, held, let go. */
export function stretchedNote(viseme: Viseme, at: number, seconds: number, strength: number): Gesture[] {
  const [rise, fall] = [0.14, 0.16];
  return posed(viseme, strength, { at, rise, hold: Math.max(0, seconds - rise - fall), fall });
}
