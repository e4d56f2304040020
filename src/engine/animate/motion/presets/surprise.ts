/** A start: brows and lids go up within a fifth of a second, the jaw drops, the head goes back; then it all settles. */
import { move, onBothSides, type Preset } from '../phrase.ts';

export const surprise: Preset = {
  seconds: 5,
  phrase: ({ random, side }) => {
    const at = 1.2;
    return {
      gestures: [
        // Before it a moment of calm: the lids come down a little.
        ...onBothSides('eyeBlink', side, { at: 0.6, rise: 0.3, hold: 0.1, fall: 0.2, amount: 0.12 }),
        move('browInnerUp', 0.85, [at, at + 2.1], { rise: 0.2, fall: 1, curve: 'lively' }),
        ...onBothSides('browOuterUp', side, { at, rise: 0.2, hold: 0.8, fall: 1, amount: 0.8, curve: 'lively' }),
        ...onBothSides('eyeWide', side, { at, rise: 0.16, hold: 0.7, fall: 0.8, amount: 0.85 }),
        move('jawOpen', 0.42, [at + 0.06, at + 1.9], { rise: 0.24, fall: 0.9, curve: 'lively' }),
        move('mouthFunnel', 0.22, [at + 0.06, at + 1.9], { rise: 0.3, fall: 0.9 }),
        move('pitch', 4, [at + 0.03, at + 2.4], { rise: 0.3, fall: 1.2, curve: 'lively' }),
        move('z', 0.5, [at + 0.03, at + 2.3], { rise: 0.3, fall: 1.2, curve: 'lively' }),
        move('y', -0.12, [at, at + 2], { rise: 0.25, fall: 1 }),
        move('yaw', 1.8 * side, [at + 0.05, at + 2.6], { rise: 0.4, fall: 1.2 }),
        move('breath', 0.3, [at, at + 2.2], { rise: 0.35, fall: 1.2 }),
        ...onBothSides('mouthSmile', side, { at: at + 1.5, rise: 0.6, hold: 0.3, fall: 0.9, amount: 0.3 }),
      ],
      blinks: [at + 1.65 + 0.1 * random()],
      open: [[at - 0.15, at + 1.3]],
    };
  },
};
