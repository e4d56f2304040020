/** Yes: two nods, the second smaller, with the lids and a little smile going along. */
import { move, onBothSides, type Preset } from '../phrase.ts';

export const nod: Preset = {
  seconds: 4,
  phrase: ({ random, side }) => ({
    gestures: [
      // The chin lifts before it drops.
      move('pitch', 1.6, [0.5, 1.05], { rise: 0.25, fall: 0.3 }),
      move('pitch', -8, [0.8, 1.55], { rise: 0.33, fall: 0.42 }),
      move('pitch', -5, [1.45, 2.2], { rise: 0.32, fall: 0.43 }),
      move('pitch', 0.8, [2.05, 2.9], { rise: 0.35, fall: 0.5 }),
      // The eyes stay on the viewer while the head goes.
      move('gazeY', -4.5, [0.8, 1.55], { rise: 0.33, fall: 0.42 }),
      move('gazeY', -2.8, [1.45, 2.2], { rise: 0.32, fall: 0.43 }),
      move('browInnerUp', 0.18, [0.5, 2.3], { rise: 0.35, fall: 0.8 }),
      ...onBothSides('mouthSmile', side, { at: 0.7, rise: 0.6, hold: 1.1, fall: 1, amount: 0.28 }),
      ...onBothSides('mouthPress', side, { at: 0.7, rise: 0.3, hold: 0.6, fall: 0.5, amount: 0.06 }),
      move('roll', 1.2 * side, [0.6, 3.2], { rise: 0.9, fall: 1.2 }),
    ],
    blinks: [1.05 + 0.1 * random()],
  }),
};
