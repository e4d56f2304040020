/** Looks at where the motion shall come from: how many frames it gives, how fast, whether they loop, and what is heard. */
import { probe } from '../media/probe.ts';
import { clipSound, type SoundSource } from '../media/sound-source.ts';
import { divide, multiply, rational, type Rational, toNumber } from '../rational.ts';
import { drivenRate } from './driving/extract-track.ts';
import { presetTrack } from './motion/preset.ts';
import { readMotionTrack } from './motion/track-file.ts';
import type { MotionTrack } from './motion/track.ts';
import type { AnimationWarning } from './report.ts';
import { type AnimateRequest, maxDrivingSeconds } from './request.ts';
import { hearFile } from './speech/hear.ts';
import { levelAt, measureLoudness } from './speech/loudness.ts';

export interface PreparedMotion {
  readonly rate: Rational;
  /** As far as can be known before a clip is followed. */
  readonly frames: number;
  readonly loops: boolean;
  readonly sound?: SoundSource;
  /** How loud speech is in each frame, 0 to 1. */
  readonly loudness?: readonly number[];
  /** A track that was read from a file. */
  readonly track?: MotionTrack;
  readonly warnings: readonly AnimationWarning[];
}

/** Seconds of a camera move when nothing is said. */
const cameraSeconds = 5;
/** The sound is cut where the picture ends. */
const cut = (frames: number, rate: Rational): Rational => divide(rational(frames), rate);

/**
 * Rejects with the `input.…` code of a driving clip that cannot be used, or as `hearFile` and `readMotionTrack` do.
 */
export async function prepareMotion(request: AnimateRequest, signal: AbortSignal): Promise<PreparedMotion> {
  const { motion, rate, seconds, strength, speed, seed } = request;
  switch (motion.kind) {
    case 'none':
      return { rate, frames: countOf(seconds ?? cameraSeconds, rate), loops: true, warnings: [] };
    case 'preset': {
      const timing = seconds === undefined ? {} : { seconds };
      const { frames } = presetTrack(motion.name, { rate, strength, speed, seed, ...timing });
      return { rate, frames: frames.length, loops: true, warnings: [] };
    }
    case 'track': {
      const track = await readMotionTrack(motion.path);
      return { rate: track.rate, frames: track.frames.length, loops: track.loops, track, warnings: [] };
    }
    case 'speech':
      return await prepareSpeech(motion.path, request, signal);
    case 'clip':
      return await prepareClip(motion.path, request, signal);
  }
}

async function prepareClip(path: string, { sound }: AnimateRequest, signal: AbortSignal): Promise<PreparedMotion> {
  const found = await probe(path, { signal });
  const { duration } = found.video;
  const rate = drivenRate(found.video.rate);
  const frames = countOf(Math.min(maxDrivingSeconds, toNumber(duration)), rate);
  const tooLong = toNumber(duration) > maxDrivingSeconds;
  const range = tooLong ? { to: cut(frames, rate) } : {};
  const { sound: own, warnings } = sound === 'keep' ? clipSound(found, range) : { warnings: [] };
  return { rate, frames, loops: false, ...(own && { sound: own }), warnings: [...found.warnings, ...warnings] };
}

async function prepareSpeech(
  path: string,
  { rate, sound }: AnimateRequest,
  signal: AbortSignal,
): Promise<PreparedMotion> {
  const { source, samples, seconds } = await hearFile(path, { signal, maxSeconds: maxDrivingSeconds });
  const frames = countOf(seconds, rate);
  const level = await measureLoudness(samples);
  const loudness = Array.from({ length: frames }, (_, frame) => levelAt(level, frame / toNumber(rate)));
  const { stream, channels } = source;
  const end = cut(frames, rate);
  const heard: SoundSource = { path: source.path, stream, shift: rational(0), end, copy: false, channels };
  return { rate, frames, loops: false, loudness, ...(sound === 'keep' && { sound: heard }), warnings: [] };
}

function countOf(seconds: number, rate: Rational): number {
  return Math.max(1, Math.round(toNumber(multiply(rational(Math.round(seconds * 1000), 1000), rate))));
}
