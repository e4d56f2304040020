/** Sound becomes motion: the mouth says what is heard, in time with it, and the head goes along. */
import { type Rational, toNumber } from '../../rational.ts';
import type { MotionWarning } from '../driving/warnings.ts';
import type { Blendshapes } from '../motion/blendshapes.ts';
import { playScore } from '../motion/score.ts';
import type { MotionFrame, MotionTrack } from '../motion/track.ts';
import { articulate } from './articulate.ts';
import { cepstra, featureStep, firstFeature } from './cepstrum.ts';
import { deliver, type SpeechStyle } from './delivery.ts';
import { hearFile } from './hear.ts';
import { levelAt, measureLoudness } from './loudness.ts';
import { normalised } from './normalise.ts';
import { recognise } from './recognise.ts';
import { loadVisemeModel } from './viseme-model.ts';

export interface SpeechOptions {
  /** `sing` bobs on the beats of music, `speak` nods on stress. */
  readonly style: SpeechStyle;
  /** Of the track. */
  readonly rate: Rational;
  readonly signal: AbortSignal;
  /** Where the weights are: it needs `visemes-en`. */
  readonly modelsDir: string;
  /** A whole number: where chance decides, the same seed decides alike. */
  readonly seed: number;
  /** Multiplies the motion, 0 to 2. */
  readonly strength?: number;
  /** What comes later is not used. */
  readonly maxSeconds?: number;
}

export interface SpeechTrack {
  /** Relative to the photograph; frame 0 belongs to the file's own time zero. As long as the sound, to the nearest frame. */
  readonly track: MotionTrack;
  readonly warnings: readonly MotionWarning[];
}

const usualLongest = 60;

/**
 * Rejects with `input.not-found`, `input.not-media` (text, for instance), `speech.no-sound`, `speech.silent`, another `input.…`
 * code, `model.not-installed` or `job.cancelled`.
 */
export async function speechTrack(audioPath: string, options: SpeechOptions): Promise<SpeechTrack> {
  const { style, rate, signal, modelsDir, seed, strength = 1, maxSeconds = usualLongest } = options;
  const [prototypes, heard] = await Promise.all([
    loadVisemeModel(modelsDir),
    hearFile(audioPath, { signal, maxSeconds }),
  ]);
  const vectors = await cepstra(heard.samples);
  const loudness = await measureLoudness(heard.samples);
  const levels = vectors.map((_, k) => levelAt(loudness, firstFeature + k * featureStep));
  const path = await recognise(await normalised(vectors, levels, prototypes), levels, prototypes);

  const perSecond = toNumber(rate);
  const count = Math.max(1, Math.round(heard.seconds * perSecond));
  const frameSeconds = 1 / perSecond;
  const mouth = articulate(path, loudness);
  const score = deliver(loudness, { style, seconds: count * frameSeconds, frameSeconds, seed });
  const frames: MotionFrame[] = [];
  for (let k = 0; k < count; k++) {
    const time = k * frameSeconds;
    const { blendshapes: face = {}, ...rest } = playScore(score, time, strength);
    frames.push({ ...rest, blendshapes: { ...face, ...scaled(mouth.mouthAt(time), strength) } });
    if (k % 50 === 49) await new Promise(setImmediate);
  }
  const warnings: MotionWarning[] = [];
  if (heard.shortened) {
    const seconds = Math.round(heard.source.seconds ?? maxSeconds);
    warnings.push({ code: 'speech.shortened', params: { seconds, limit: maxSeconds } });
  }
  if (loudness.level.every((level) => level === 0)) warnings.push({ code: 'speech.steady', params: {} });
  return { track: { relativeTo: 'photo', rate, loops: false, frames, source: 'speech' }, warnings };
}

function scaled(weights: Blendshapes, strength: number): Blendshapes {
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]): [string, number] => [name, Math.min(1, weight * strength)]),
  );
}
