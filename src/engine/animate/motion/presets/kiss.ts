/** Lips pursed, lids half down, the head comes forward and tips; then it lets go with a smile. */
import { move, onBothSides, type Preset } from '../phrase.ts';

export const kiss: Preset = {
  seconds: 4,
  phrase: ({ random, side }) => ({
    gestures: [
      move('mouthPucker', 0.9, [0.75, 2.05], { rise: 0.5, fall: 0.3 }),
      move('mouthFunnel', 0.12, [1.0, 2.1], { rise: 0.4, fall: 0.3 }),
      // The lips part as they let go.
      move('jawOpen', 0.1, [1.8, 2.25], { rise: 0.15, fall: 0.28 }),
      ...onBothSides('eyeBlink', side, { at: 0.9, rise: 0.45, hold: 0.55, fall: 0.4, amount: 0.45 }),
      ...onBothSides('mouthSmile', side, { at: 2, rise: 0.45, hold: 0.3, fall: 0.9, amount: 0.5 }),
      ...onBothSides('cheekSquint', side, { at: 2.05, rise: 0.45, hold: 0.3, fall: 0.8, amount: 0.3 }),
      move('browInnerUp', 0.22, [0.8, 2.4], { rise: 0.5, fall: 0.7 }),
      move('z', -0.6, [0.7, 2.5], { rise: 0.7, fall: 0.7, curve: 'lively' }),
      move('pitch', 1.8, [0.7, 2.6], { rise: 0.7, fall: 0.8 }),
      move('roll', 3.2 * side, [0.7, 3], { rise: 0.8, fall: 1 }),
    ],
    blinks: [2.35 + 0.1 * random()],
    open: [[0.9, 2.1]],
  }),
};
