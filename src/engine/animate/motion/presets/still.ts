/** Hardly anything: breath and blinks, as a person who is being painted. */
import type { Preset } from '../phrase.ts';

export const still: Preset = {
  seconds: 8,
  phrase: ({ random }) => ({ gestures: [], blinks: [2.2 + random(), 5.6 + random()] }),
};
