/** Looks to one side, up, to the other side, and back: each time the eyes go first and the head comes after. */
import { look, move, type Preset } from '../phrase.ts';

export const lookAround: Preset = {
  seconds: 8,
  sways: [{ channel: 'roll', turns: 1, amount: 0.7, phase: 0.2 }],
  phrase: ({ random, side }) => {
    const second = 3.3 + 0.3 * random();
    return {
      gestures: [
        ...look({ from: 0.7, to: 2.5, yaw: 9.5 * side, pitch: -1.2, x: 15 * side, y: 3 }),
        ...look({ from: second, to: second + 2, yaw: -9 * side, pitch: 3.2, x: -15 * side, y: -5, turn: 0.75 }),
        ...look({ from: 6.1, to: 6.9, yaw: 1.5 * side, pitch: -1.5, x: 4 * side, y: 4, turn: 0.4 }),
        move('browInnerUp', 0.3, [second, second + 2], { rise: 0.35, fall: 0.6 }),
        move('browOuterUpLeft', 0.2, [second, second + 2], { rise: 0.35, fall: 0.6 }),
        move('browOuterUpRight', 0.22, [second, second + 2], { rise: 0.35, fall: 0.6 }),
        move('x', 0.2 * side, [0.8, 3.2], { rise: 0.8, fall: 0.9 }),
      ],
      blinks: [2.56, second + 2.05],
    };
  },
};
