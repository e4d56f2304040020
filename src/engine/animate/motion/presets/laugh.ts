/** A laugh: the head goes back, the mouth opens, the eyes narrow, and it shakes five times a second until the breath is out. */
import { move, onBothSides, type Preset } from '../phrase.ts';
import type { Gesture } from '../score.ts';

export const laugh: Preset = {
  seconds: 5,
  phrase: ({ random, side }) => {
    const bouts: Gesture[] = [];
    // Each burst is a little later and weaker than the one before.
    for (let i = 0, at = 1.05; i < 9; i++, at += 0.19 + 0.012 * i + 0.015 * random()) {
      const size = (1 - 0.08 * i) * (0.85 + 0.3 * random());
      const times = { rise: 0.085, fall: 0.11 };
      bouts.push(
        move('pitch', -0.9 * size, [at, at + 0.2], times),
        move('y', 0.07 * size, [at, at + 0.2], times),
        move('jawOpen', 0.15 * size, [at, at + 0.2], times),
        move('breath', 0.1 * size, [at, at + 0.2], times),
      );
    }
    return {
      gestures: [
        ...bouts,
        ...onBothSides('mouthSmile', side, { at: 0.45, rise: 0.45, hold: 2.2, fall: 1.5, amount: 0.95 }),
        ...onBothSides('cheekSquint', side, { at: 0.5, rise: 0.45, hold: 2.1, fall: 1.3, amount: 0.75 }),
        ...onBothSides('eyeSquint', side, { at: 0.55, rise: 0.45, hold: 2, fall: 1.2, amount: 0.55 }),
        ...onBothSides('eyeBlink', side, { at: 1, rise: 0.35, hold: 1.1, fall: 0.7, amount: 0.32 }),
        ...onBothSides('mouthUpperUp', side, { at: 0.7, rise: 0.35, hold: 1.8, fall: 1, amount: 0.3 }),
        ...onBothSides('mouthLowerDown', side, { at: 0.75, rise: 0.35, hold: 1.7, fall: 1, amount: 0.2 }),
        ...onBothSides('noseSneer', side, { at: 0.8, rise: 0.4, hold: 1.4, fall: 0.9, amount: 0.18 }),
        move('jawOpen', 0.4, [0.7, 3.6], { rise: 0.35, fall: 1.2 }),
        move('pitch', 5.5, [0.65, 3.9], { rise: 0.6, fall: 1.3, curve: 'lively' }),
        move('roll', 3 * side, [0.8, 4.2], { rise: 0.8, fall: 1.4 }),
        move('yaw', 2.4 * side, [0.9, 4.3], { rise: 0.9, fall: 1.5 }),
      ],
      blinks: [3.55],
    };
  },
};
