/** Makes the track of a preset: its phrase as often as the wanted time asks, with breath, blinks and the small unrest of the living. */
import { randomStream } from '../../restore/sound/synth/noise.ts';
import { type Rational, toNumber } from '../../rational.ts';
import { placeBlinks } from './blink.ts';
import type { Phrase, Preset } from './phrase.ts';
import { presets } from './presets/presets.ts';
import type { PresetName } from './preset-names.ts';
import { type Gesture, playScore, type Score } from './score.ts';
import type { MotionTrack } from './track.ts';
import { unrest } from './unrest.ts';

export interface PresetOptions {
  readonly rate: Rational;
  /** Length of the loop, 1 to 30; the preset's own, at its speed, when left out. */
  readonly seconds?: number;
  /** 0 to 2. */
  readonly strength: number;
  /** 0.25 to 4. Blinks and breath keep their own pace. */
  readonly speed: number;
  /** A whole number: the same seed gives the same track. */
  readonly seed: number;
}

/**
 * A track that loops: the frame after the last equals the first, and the first is the photograph at rest. The length is the
 * wanted one to the nearest frame. Deterministic.
 */
export function presetTrack(name: PresetName, options: PresetOptions): MotionTrack {
  const { rate, strength } = options;
  const { score, count } = presetScore(name, options);
  const frames = Array.from({ length: count }, (_, index) => playScore(score, index / toNumber(rate), strength));
  return { relativeTo: 'photo', rate, loops: true, frames, source: `preset:${name}` };
}

/** What `presetTrack` plays, and in how many frames: for whoever asks for moments between frames. */
export function presetScore(
  name: PresetName,
  options: PresetOptions,
): { readonly score: Score; readonly count: number } {
  const preset = presets[name];
  const { rate, speed, seed } = options;
  const wanted = options.seconds ?? preset.seconds / speed;
  const count = Math.max(1, Math.round(wanted * toNumber(rate)));
  const seconds = count / toNumber(rate);
  const times = Math.max(1, Math.round((seconds * speed) / preset.seconds));
  const scale = seconds / times / preset.seconds;
  // A phrase that is pressed into far less than its time would hurry: it becomes smaller instead.
  const calm = Math.min(1, 1.5 * scale * speed);

  const gestures: Gesture[] = [];
  const likely: number[] = [];
  const never: [number, number][] = [];
  for (let i = 0; i < times; i++) {
    const start = i * preset.seconds * scale;
    const phrase = playPhrase(preset, seed, `${name} ${i}`);
    const place = (time: number): number => start + time * scale;
    for (const { at, rise, hold, fall, amount, ...rest } of phrase.gestures) {
      gestures.push({
        ...rest,
        at: place(at),
        ...{ rise: rise * scale, hold: hold * scale, fall: fall * scale },
        amount: amount * calm,
      });
    }
    likely.push(...(phrase.blinks ?? []).map(place));
    never.push(...(phrase.open ?? []).map(([from, to]): [number, number] => [place(from), place(to)]));
  }
  const random = randomStream(seed, `${name} blinks`);
  const blinks = placeBlinks({ seconds, frameSeconds: 1 / toNumber(rate), likely, never, random });
  const sways = (preset.sways ?? []).map((sway) => ({
    ...sway,
    turns: sway.turns * times,
    amount: sway.amount * calm,
  }));
  return { score: { seconds, gestures, blinks, sways: [...sways, ...unrest(seconds, seed)] }, count };
}

function playPhrase(preset: Preset, seed: number, name: string): Phrase {
  const random = randomStream(seed, name);
  return preset.phrase({ random, side: random() < 0.5 ? -1 : 1 });
}
