/** No: the head turns to one side, to the other, and a little back, while the eyes stay where they were. */
import { move, onBothSides, type Preset } from '../phrase.ts';
import type { Gesture } from '../score.ts';

/** One swing; the eyes go against it and so stay on the viewer. */
const swing = (yaw: number, from: number, to: number): Gesture[] => {
  const times = { rise: (to - from) * 0.48, fall: (to - from) * 0.52 };
  return [move('yaw', yaw, [from, to], times), move('gazeX', -0.7 * yaw, [from, to], times)];
};

export const shake: Preset = {
  seconds: 4,
  phrase: ({ random, side }) => ({
    gestures: [
      ...swing(-1.5 * side, 0.45, 0.95),
      ...swing(9 * side, 0.7, 1.5),
      ...swing(-8.5 * side, 1.2, 2.05),
      ...swing(5 * side, 1.75, 2.55),
      ...swing(-1.6 * side, 2.3, 3.1),
      move('roll', 1.4 * side, [0.7, 3], { rise: 0.8, fall: 1 }),
      ...onBothSides('browDown', side, { at: 0.6, rise: 0.5, hold: 1.2, fall: 0.9, amount: 0.3 }),
      ...onBothSides('mouthFrown', side, { at: 0.7, rise: 0.5, hold: 1.1, fall: 0.9, amount: 0.22 }),
      ...onBothSides('mouthPress', side, { at: 0.6, rise: 0.4, hold: 1.2, fall: 0.8, amount: 0.25 }),
    ],
    blinks: [0.62 + 0.05 * random(), 2.9],
  }),
};
