/** Sings, without a sound: long vowels on a slow beat, brows that rise with the high ones, a head that sways with the tune. */
import { look, move, onBothSides, type Preset } from '../phrase.ts';
import { stretchedNote } from '../syllables.ts';
import type { Viseme } from '../../speech/viseme-poses.ts';

/** Notes in beats: when, how long, which vowel, how high (0 to 1). */
const tune: readonly (readonly [number, number, Viseme, number])[] = [
  [0.6, 1, 'O', 0.4],
  [1.6, 1, 'aa', 0.6],
  [2.6, 2, 'aa', 1],
  [5.1, 1, 'E', 0.5],
  [6.1, 0.5, 'I', 0.5],
  [6.6, 1.5, 'O', 0.7],
  [8.6, 1, 'U', 0.4],
  [9.6, 1, 'aa', 0.6],
  [10.6, 2.4, 'aa', 0.9],
];
const beat = 0.58;

export const sing: Preset = {
  seconds: 8,
  sways: [
    { channel: 'roll', turns: 3, amount: 2.4 },
    { channel: 'x', turns: 3, amount: 0.22 },
    { channel: 'yaw', turns: 1, amount: 2.6, phase: 0.1 },
  ],
  phrase: ({ random, side }) => ({
    gestures: [
      ...tune.flatMap(([at, length, vowel, high]) => [
        ...stretchedNote(vowel, at * beat, length * beat, 0.8 + 0.4 * high),
        move('pitch', 3.2 * high, [at * beat - 0.15, (at + length) * beat + 0.2], { rise: 0.4, fall: 0.45 }),
        move('browInnerUp', 0.55 * high, [at * beat - 0.05, (at + length) * beat + 0.1], { rise: 0.25, fall: 0.35 }),
      ]),
      // Lids sink on the long notes.
      ...onBothSides('eyeBlink', side, { at: 2.8 * beat, rise: 0.4, hold: 0.5, fall: 0.4, amount: 0.45 }),
      ...onBothSides('eyeBlink', side, { at: 10.8 * beat, rise: 0.4, hold: 0.6, fall: 0.4, amount: 0.5 }),
      ...look({ from: 4.7 * beat, to: 6.8 * beat, yaw: 3 * side, x: 7 * side, turn: 0.55 }),
      ...onBothSides('mouthSmile', side, { at: 5 * beat, rise: 0.5, hold: 0.9, fall: 0.6, amount: 0.25 }),
    ],
    // Between the lines, with the breath.
    blinks: [(4.8 + 0.15 * random()) * beat, 8.4 * beat],
    open: [
      [2.6 * beat, 4.6 * beat],
      [10.6 * beat, 13.2 * beat],
    ],
  }),
};
