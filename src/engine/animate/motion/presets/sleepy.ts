/** Lids that grow heavy, a head that sinks, a start, and heavy lids again; a yawn that stays behind closed lips. */
import { move, onBothSides, type Preset } from '../phrase.ts';

export const sleepy: Preset = {
  seconds: 8,
  sways: [
    { channel: 'roll', turns: 1, amount: 1.5, phase: 0.15 },
    { channel: 'yaw', turns: 1, amount: 1.2 },
  ],
  phrase: ({ random, side }) => ({
    gestures: [
      ...onBothSides('eyeBlink', side, { at: 0.5, rise: 1.4, hold: 4.7, fall: 0.9, amount: 0.38 }),
      // Nods off …
      ...onBothSides('eyeBlink', side, { at: 2.6, rise: 0.9, hold: 0.9, fall: 0.18, amount: 0.6 }),
      move('pitch', -7, [2.8, 4.95], { rise: 1.5, fall: 0.34 }),
      move('roll', 2.5 * side, [2.8, 5.2], { rise: 1.4, fall: 0.5 }),
      move('y', 0.25, [2.8, 5], { rise: 1.5, fall: 0.36 }),
      // … and wakes.
      move('pitch', 1.8, [4.75, 5.9], { rise: 0.25, fall: 0.8 }),
      move('browInnerUp', 0.5, [4.6, 6.2], { rise: 0.18, fall: 1.1 }),
      ...onBothSides('browOuterUp', side, { at: 4.6, rise: 0.2, hold: 0.3, fall: 1, amount: 0.35 }),
      ...onBothSides('mouthFrown', side, { at: 2.4, rise: 1, hold: 1.2, fall: 0.8, amount: 0.18 }),
      move('jawOpen', 0.08, [2.8, 4.9], { rise: 1.3, fall: 0.4 }),
      move('gazeY', 5, [2.2, 4.7], { rise: 1, fall: 0.15 }),
      ...onBothSides('mouthPress', side, { at: 5.4, rise: 0.4, hold: 0.5, fall: 0.7, amount: 0.3 }),
    ],
    blinks: [5.45 + 0.2 * random(), 1.6],
    open: [[2.4, 4.9]],
  }),
};
