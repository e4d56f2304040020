/** Says something, without a sound: two sentences of syllables with a pause to breathe, a nod on each stress. */
import type { Random } from '../../../restore/sound/synth/noise.ts';
import type { Viseme } from '../../speech/viseme-poses.ts';
import { look, move, onBothSides, type Preset } from '../phrase.ts';
import type { Channel, Gesture } from '../score.ts';
import { spokenSound } from '../syllables.ts';

const vowels: readonly Viseme[] = ['aa', 'E', 'I', 'O', 'aa', 'E', 'U', 'aa'];
const consonants: readonly Viseme[] = ['DD', 'SS', 'PP', 'nn', 'kk', 'RR', 'FF', 'DD', 'CH', 'TH'];

/** A sentence between two moments: syllables of a consonant and a vowel, every third or so stressed. */
function sentence(random: Random, from: number, to: number): { gestures: Gesture[]; stresses: number[] } {
  const pick = (list: readonly Viseme[]): Viseme => list[Math.floor(random() * list.length)]!;
  const gestures: Gesture[] = [];
  const stresses: number[] = [];
  let sinceStress = 2;
  for (let at = from; at < to - 0.3;) {
    const stressed = sinceStress >= 2 && random() < 0.7;
    sinceStress = stressed ? 0 : sinceStress + 1;
    const length = stressed ? 0.27 + 0.07 * random() : 0.17 + 0.06 * random();
    if (stressed) stresses.push(at + 0.1);
    gestures.push(...spokenSound(pick(consonants), at - 0.05, 0.16, 0.9));
    gestures.push(...spokenSound(pick(vowels), at, length + 0.09, stressed ? 1.25 : 0.85));
    at += length;
  }
  return { gestures, stresses };
}

/** A nod and raised brows where a word is stressed. */
function stress(at: number, side: -1 | 1, size: number): Gesture[] {
  const nod = (channel: Channel, amount: number): Gesture =>
    move(channel, amount * size, [at - 0.12, at + 0.5], { rise: 0.2, fall: 0.4 });
  return [
    nod('pitch', -2.2),
    nod('browInnerUp', 0.2),
    ...onBothSides('browOuterUp', side, { at: at - 0.12, rise: 0.2, hold: 0, fall: 0.4, amount: 0.16 * size }),
  ];
}

export const talk: Preset = {
  seconds: 7,
  sways: [
    { channel: 'yaw', turns: 1, amount: 2.2 },
    { channel: 'yaw', turns: 3, amount: 0.8, phase: 0.3 },
    { channel: 'roll', turns: 2, amount: 1.1 },
    { channel: 'pitch', turns: 2, amount: 0.6, phase: 0.1 },
    { channel: 'x', turns: 2, amount: 0.08 },
  ],
  phrase: ({ random, side }) => {
    const pause = 3.2 + 0.5 * random();
    const sentences = [sentence(random, 0.3, pause), sentence(random, pause + 0.65, 6.5)];
    return {
      gestures: [
        ...sentences.flatMap(({ gestures }) => gestures),
        ...sentences.flatMap(({ stresses }) => stresses.flatMap((at) => stress(at, side, 0.7 + 0.5 * random()))),
        ...look({ from: pause - 0.1, to: pause + 0.6, yaw: 2 * side, x: 6 * side, y: 2, turn: 0.5 }),
        ...onBothSides('mouthSmile', side, { at: 5.2, rise: 0.7, hold: 0.3, fall: 0.7, amount: 0.18 }),
      ],
      blinks: [pause + 0.15, 6.5],
    };
  },
};
