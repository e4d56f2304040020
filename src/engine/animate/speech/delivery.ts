/** What a head does while it speaks or sings: nods on what is stressed, blinks in the pauses, a glance away to think. */
import { type Random, randomStream } from '../../restore/sound/synth/noise.ts';
import { placeBlinks } from '../motion/blink.ts';
import { look, move, onBothSides } from '../motion/phrase.ts';
import type { Gesture, Score, Sway } from '../motion/score.ts';
import { unrest } from '../motion/unrest.ts';
import type { Loudness } from './loudness.ts';

export type SpeechStyle = 'speak' | 'sing';

export interface Delivery {
  readonly style: SpeechStyle;
  /** Length of the track. */
  readonly seconds: number;
  readonly frameSeconds: number;
  readonly seed: number;
}

/** A pause this long is for thinking: the eyes go elsewhere. */
const thinking = 0.55;

/** The score that goes with what is heard. It begins and ends at rest. */
export function deliver(loudness: Loudness, { style, seconds, frameSeconds, seed }: Delivery): Score {
  const random = randomStream(seed, `speech ${style}`);
  const gestures = style === 'sing' ? bobs(loudness) : nods(loudness, random);
  // The longest pauses first: those between sentences.
  const pauses = loudness.pauses.toSorted((a, b) => b[1] - b[0] - (a[1] - a[0]));
  const likely = pauses.map(([from, to]) => from + Math.min(0.25, (to - from) / 2));
  for (const [from, to] of pauses) {
    if (to - from < thinking || to > seconds - 0.5 || from < 0.3) continue;
    const side = random() < 0.5 ? -1 : 1;
    gestures.push(...look({ from: from + 0.05, to: to - 0.1, yaw: 1.8 * side, x: 7 * side, y: -2, turn: 0.45 }));
  }
  // In the loudest moments eyes stay open.
  const never = loudness.stresses.map(({ time }): [number, number] => [time - 0.1, time + 0.1]);
  const blinks = placeBlinks({ seconds, frameSeconds, likely, never, random });
  const inside = gestures.filter(({ at, rise, hold, fall }) => at > 0 && at + rise + hold + fall < seconds);
  return { seconds, gestures: inside, blinks, sways: [...sways(style, seconds, random), ...unrest(seconds, seed)] };
}

function sways(style: SpeechStyle, seconds: number, random: Random): Sway[] {
  const size = style === 'sing' ? 1.5 : 1;
  const waves: readonly (readonly [Sway['channel'], number, number])[] = [
    ['yaw', 0.16, 1.9],
    ['yaw', 0.43, 0.7],
    ['roll', 0.23, 1.1],
    ['pitch', 0.19, 0.5],
    ['x', 0.21, 0.07],
  ];
  return waves.map(([channel, perSecond, amount]) => ({
    channel,
    turns: Math.max(1, Math.round(perSecond * seconds)),
    // So short a clip is no time to sway far.
    amount: amount * size * Math.min(1, seconds / 4),
    phase: random(),
  }));
}

/** The head goes down with a stressed syllable, the brows up; not each time, and not equally. */
function nods(loudness: Loudness, random: Random): Gesture[] {
  return loudness.stresses.flatMap(({ time, strength }) => {
    const size = strength * (0.6 + 0.6 * random());
    const side = random() < 0.5 ? -1 : 1;
    const raises = random() < 0.6;
    return [
      move('pitch', 0.7 * size, [time - 0.34, time + 0.02], { rise: 0.18, fall: 0.18 }),
      move('pitch', -2.6 * size, [time - 0.16, time + 0.48], { rise: 0.2, fall: 0.42 }),
      ...(raises
        ? [
            move('browInnerUp', 0.24 * size, [time - 0.16, time + 0.5], { rise: 0.2, fall: 0.4 }),
            ...onBothSides('browOuterUp', side, {
              at: time - 0.16,
              rise: 0.2,
              hold: 0,
              fall: 0.42,
              amount: 0.2 * size,
            }),
          ]
        : []),
    ];
  });
}

/** The head drops onto each beat and comes back up, tipping to one side and the other in turn. */
function bobs(loudness: Loudness): Gesture[] {
  return loudness.onsets.flatMap(({ time, strength }, i) => {
    const size = 0.5 + 0.5 * strength;
    const side = i % 2 === 0 ? -1 : 1;
    return [
      move('pitch', -2.8 * size, [time - 0.11, time + 0.26], { rise: 0.13, fall: 0.24 }),
      move('y', 0.14 * size, [time - 0.11, time + 0.26], { rise: 0.13, fall: 0.24 }),
      move('roll', 1.3 * size * side, [time - 0.16, time + 0.44], { rise: 0.22, fall: 0.38 }),
      move('browInnerUp', 0.16 * size, [time - 0.1, time + 0.34], { rise: 0.14, fall: 0.3 }),
    ];
  });
}
