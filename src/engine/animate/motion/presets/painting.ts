/** A portrait that wakes: breath, a slight sway, two blinks, a glance that the head follows, and a hint of a smile. */
import { look, move, onBothSides, type Preset } from '../phrase.ts';

export const painting: Preset = {
  seconds: 8,
  sways: [
    { channel: 'yaw', turns: 1, amount: 2.4 },
    { channel: 'yaw', turns: 2, amount: 0.9, phase: 0.2 },
    { channel: 'pitch', turns: 1, amount: 1.1, phase: 0.3 },
    { channel: 'pitch', turns: 3, amount: 0.4 },
    { channel: 'roll', turns: 1, amount: 1.2, phase: 0.1 },
    { channel: 'x', turns: 1, amount: 0.12 },
  ],
  phrase: ({ random, side }) => {
    const glance = 4.5 + 0.4 * random();
    return {
      gestures: [
        ...look({ from: glance, to: glance + 1.7, yaw: 4.2 * side, pitch: 0.8, x: 9 * side, y: -1.5, turn: 0.75 }),
        ...onBothSides('mouthSmile', side, { at: 2.3, rise: 1.3, hold: 2.6, fall: 1.4, amount: 0.42 }),
        ...onBothSides('cheekSquint', side, { at: 2.5, rise: 1.3, hold: 2.2, fall: 1.4, amount: 0.2 }),
        move('browInnerUp', 0.2, [glance + 0.05, glance + 1.6], { rise: 0.45, fall: 0.6 }),
      ],
      // The eyes blink as they jump.
      blinks: [1.7 + 0.4 * random(), glance + 1.8],
    };
  },
};
