/** Moves to a beat of 120 a minute: the head nods on it and tips from side to side, with a smile and lifted brows. */
import { move, onBothSides, type Preset } from '../phrase.ts';
import type { Gesture } from '../score.ts';

const beat = 0.5;

export const dance: Preset = {
  seconds: 4,
  sways: [
    { channel: 'roll', turns: 2, amount: 4.2 },
    { channel: 'x', turns: 2, amount: 0.42 },
    { channel: 'yaw', turns: 1, amount: 3.2 },
    { channel: 'yaw', turns: 2, amount: 1, phase: 0.25 },
    { channel: 'breath', turns: 4, amount: 0.06, phase: -0.25 },
  ],
  phrase: ({ random, side }) => {
    const nods: Gesture[] = [];
    // Down before the beat, back after it; the second of two is smaller.
    for (let i = 1; i < 8; i++) {
      const [at, size] = [i * beat, i % 2 === 1 ? 1 : 0.6];
      nods.push(
        move('pitch', -3.4 * size, [at - 0.2, at + 0.24], { rise: 0.2, fall: 0.24 }),
        move('y', 0.16 * size, [at - 0.2, at + 0.24], { rise: 0.2, fall: 0.24 }),
        move('gazeY', -1.6 * size, [at - 0.2, at + 0.24], { rise: 0.2, fall: 0.24 }),
      );
    }
    return {
      gestures: [
        ...nods,
        ...onBothSides('mouthSmile', side, { at: 0.2, rise: 0.6, hold: 2.1, fall: 0.9, amount: 0.6 }),
        ...onBothSides('cheekSquint', side, { at: 0.3, rise: 0.6, hold: 2, fall: 0.8, amount: 0.35 }),
        ...onBothSides('browOuterUp', side, { at: 1.4, rise: 0.2, hold: 0.2, fall: 0.4, amount: 0.4 }),
        ...onBothSides('browOuterUp', side, { at: 2.4, rise: 0.2, hold: 0.2, fall: 0.4, amount: 0.3 }),
        move('browInnerUp', 0.3, [1.4, 2.2], { rise: 0.2, fall: 0.4 }),
        move('mouthPucker', 0.25, [2.4, 3.3], { rise: 0.3, fall: 0.4 }),
      ],
      blinks: [1.8 + 0.3 * random()],
    };
  },
};
