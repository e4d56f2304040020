/** A smile that grows slowly, reaches the eyes, shows a little of the teeth and fades. */
import { move, onBothSides, type Preset } from '../phrase.ts';

export const smile: Preset = {
  seconds: 5,
  phrase: ({ random, side }) => ({
    gestures: [
      ...onBothSides('mouthSmile', side, { at: 0.6, rise: 0.9, hold: 1.5, fall: 1.4, amount: 0.85 }),
      ...onBothSides('mouthDimple', side, { at: 0.7, rise: 0.9, hold: 1.4, fall: 1.2, amount: 0.2 }),
      ...onBothSides('cheekSquint', side, { at: 0.75, rise: 0.9, hold: 1.3, fall: 1.3, amount: 0.6 }),
      ...onBothSides('eyeSquint', side, { at: 0.8, rise: 0.8, hold: 1.3, fall: 1.2, amount: 0.4 }),
      ...onBothSides('mouthUpperUp', side, { at: 0.9, rise: 0.8, hold: 1.1, fall: 1.1, amount: 0.22 }),
      move('jawOpen', 0.06, [0.9, 3.9], { rise: 0.8, fall: 1.1 }),
      ...onBothSides('browOuterUp', side, { at: 0.5, rise: 0.5, hold: 0.6, fall: 1, amount: 0.16 }),
      move('roll', 2.6 * side, [0.7, 4.4], { rise: 1, fall: 1.4 }),
      move('pitch', 1.5, [0.6, 4.2], { rise: 0.9, fall: 1.4 }),
      move('yaw', -1.6 * side, [0.8, 4.5], { rise: 1.1, fall: 1.4 }),
    ],
    blinks: [0.75 + 0.2 * random(), 3.6],
  }),
};
