/** Looks at a photograph before it is animated: what is in it, which faces will move, how long it will take. */
import { setMaxListeners } from 'node:events';

import { LumiereError } from '../errors.ts';
import { installModel } from '../model/install.ts';
import { createSessionPool } from '../model/session-pool.ts';
import type { SessionPool } from '../model/session.ts';
import { multiply, rational, type Rational } from '../rational.ts';
import { type Machine, providerOptions } from '../restore/plan/machine.ts';
import type { Size } from '../size.ts';
import { faceSize, smallFace } from './face/face-warnings.ts';
import { type FaceNetworks, openFaceNetworks } from './face/networks.ts';
import type { Face } from './face/face.ts';
import { checkCaption } from './caption/caption-picture.ts';
import { fastestRate } from './output/looping-picture.ts';
import { liveModel } from './neural/live-portrait-networks.ts';
import type { Picture } from '../picture.ts';
import { type PreparedMotion, prepareMotion } from './prepare-motion.ts';
import { type PreparedPhoto, preparePhoto } from './prepare-photo.ts';
import { predictSeconds } from './prepare-prediction.ts';
import type { Lender } from './render/face-layer.ts';
import type { AnimationWarning } from './report.ts';
import type { AnimateRequest } from './request.ts';
import { longestResult } from './work-enlarge.ts';
import { findLenders, type FoundLenders } from './work-lenders.ts';
import { smoothingFactor } from './work-smooth.ts';

export interface PreparedAnimation {
  readonly request: AnimateRequest;
  readonly photoPath: string;
  /** As it will be animated: upright, RGB, at most `longestSide`; not yet enlarged. */
  readonly photo: Picture;
  /** Of the file, upright. */
  readonly original: Size;
  /** All that were found, the leftmost first. */
  readonly faces: readonly Face[];
  /** Those that will move. Empty only where nothing but the camera moves. */
  readonly chosen: readonly Face[];
  readonly warnings: readonly AnimationWarning[];
  readonly motion: PreparedMotion;
  /** Faces of the further photographs, as they lie in them. */
  readonly lenders: readonly Lender[];
  /** How many times the photograph is enlarged first. */
  readonly enlargement: number;
  /** Frames of the result for each frame of the motion. */
  readonly smoothing: number;
  /** Of the result; a size limit may take from it. */
  readonly output: Size;
  readonly rate: Rational;
  readonly frames: number;
  /** Seconds that making it should take on two CPU cores. */
  readonly predictedSeconds: number;
  readonly machine: Machine;
  readonly networks: FaceNetworks;
  readonly pool: SessionPool;
  /** Gives back the networks; the result is not made after that. */
  close(): Promise<void>;
}

export interface PrepareOptions {
  readonly machine: Machine;
  readonly signal: AbortSignal;
  /** Runs the networks; a pool of its own, closed by `close`, when left out. */
  readonly pool?: SessionPool;
}

/** GIFs and WebPs are chat pictures: larger ones take tens of megabytes. */
const longestLooping = { mp4: longestResult, gif: 640, webp: 960 } as const;

/**
 * Reads the photograph, finds its faces and looks at where the motion comes from. Rejects with the `input.…` and `photo.…`
 * codes of a photograph that cannot be used, the `face.…` code of one that has no such face as was asked for, the codes of the
 * driving clip, the speech, the track or a further photograph, `request.invalid`, `request.nothing-moves`,
 * `model.not-installed` or `job.cancelled`; then nothing stays open.
 */
export async function prepareAnimation(
  photoPath: string,
  request: AnimateRequest,
  { machine, signal, pool: given }: PrepareOptions,
): Promise<PreparedAnimation> {
  check(request);
  if (signal.aborted) throw new LumiereError('job.cancelled');
  // Every run of a network listens to it.
  setMaxListeners(64, signal);
  const { threads } = machine;
  const pool = given ?? createSessionPool({ ...providerOptions(machine), ...(threads !== undefined && { threads }) });
  let networks: FaceNetworks | undefined;
  const close = async (): Promise<void> => {
    await networks?.close();
    if (given === undefined) await pool.close();
  };
  try {
    const { upscale, format } = request;
    const side = Math.min(request.longestSide, longestLooping[format]);
    if (isNeural(request)) await installModel(liveModel, { cacheDir: machine.modelsDir, offline: true });
    const motion = await lookAtMotion(request, signal);
    networks = await openFaceNetworks(pool, machine.modelsDir);
    // Where the file has the pixels itself, nothing needs to be enlarged.
    const wanted = { ...request, longestSide: Math.min(longestResult, side * upscale) };
    const found = await preparePhoto(photoPath, wanted, networks, signal);
    const { photo } = found;
    const { lenders, warnings: aboutLenders } = await lend(request, found, networks, signal);
    const longest = Math.max(photo.width, photo.height);
    const enlargement = Math.max(1, Math.min(longestResult, Math.min(side, longest) * upscale) / longest);
    const smoothing = request.smooth ? smoothingFactor(motion.rate, format === 'gif' ? fastestRate.gif : undefined) : 1;
    const plan = {
      enlargement,
      smoothing,
      output: { width: Math.round(photo.width * enlargement), height: Math.round(photo.height * enlargement) },
      rate: multiply(motion.rate, rational(smoothing)),
      frames: motion.frames * smoothing,
    };
    const predictedSeconds = predictSeconds({ ...plan, request, photo, moving: found.chosen, motion });
    const reduced =
      side < request.longestSide && Math.max(found.original.width, found.original.height) > side * upscale;
    const warnings: AnimationWarning[] = [
      ...found.warnings,
      ...motion.warnings,
      ...aboutLenders,
      ...smallInResult(found.chosen, enlargement, request),
      ...(reduced
        ? [{ code: 'animation.small-format', params: { format: format.toUpperCase(), pixels: side } } as const]
        : []),
    ];
    return {
      request,
      photoPath,
      ...found,
      ...plan,
      warnings,
      motion,
      lenders,
      predictedSeconds,
      machine,
      networks,
      pool,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether the operator's own weights draw the face. */
const isNeural = ({ backEnd, motion }: AnimateRequest): boolean =>
  backEnd === 'live-portrait' && motion.kind !== 'none';

/** Photographs that lend nothing because nothing asks for it are told of, not looked at. */
async function lend(
  request: AnimateRequest,
  { photo, chosen }: PreparedPhoto,
  networks: FaceNetworks,
  signal: AbortSignal,
): Promise<FoundLenders> {
  const { morePhotos, motion } = request;
  const [first] = chosen;
  if (morePhotos.length === 0) return { lenders: [], warnings: [] };
  if (first === undefined || motion.kind === 'none' || isNeural(request)) {
    return { lenders: [], warnings: [{ code: 'lender.unused', params: {} }] };
  }
  return await findLenders(morePhotos, photo, first, networks, signal);
}

/** Faces are looked for before the photograph is reduced, so that none is missed; how little is left of one is told. */
function smallInResult(
  chosen: readonly Face[],
  enlargement: number,
  { motion, crop }: AnimateRequest,
): AnimationWarning[] {
  const pixels = Math.round(Math.min(...chosen.map(({ box }) => faceSize(box) * enlargement)));
  const isSaid = chosen.some(({ warnings }) => warnings.some(({ code }) => code === 'face.small'));
  if (motion.kind === 'none' || chosen.length === 0 || isSaid || pixels >= smallFace / 2) return [];
  const code = crop === 'head' ? 'animation.small-head' : 'animation.small-face';
  return [{ code, params: { pixels, limit: smallFace / 2 } }];
}

/** What is no clip and no sound is refused in words about it, and not as a video that could not be read. */
async function lookAtMotion(request: AnimateRequest, signal: AbortSignal): Promise<PreparedMotion> {
  const { motion } = request;
  try {
    return await prepareMotion(request, signal);
  } catch (error) {
    if (!(error instanceof LumiereError) || !('path' in motion)) throw error;
    const isOther = error.code === 'input.not-media' || error.code === 'input.format-refused';
    const params = { ...error.params, path: motion.path };
    if (motion.kind === 'speech' && isOther) throw new LumiereError('speech.not-sound', params, { cause: error });
    if (motion.kind === 'clip' && (isOther || error.code === 'input.no-video')) {
      throw new LumiereError('driver.not-clip', params, { cause: error });
    }
    throw error;
  }
}

/** Throws `request.invalid` for what no option of ours gives; the seams above check their own words. */
function check({ motion, camera, strength, speed, seconds, longestSide, morePhotos, caption }: AnimateRequest): void {
  const within = (option: string, value: number | undefined, from: number, to: number): void => {
    if (value === undefined || (value >= from && value <= to)) return;
    throw new LumiereError('request.invalid', { option, value: String(value), expected: `${from}..${to}` });
  };
  within('strength', strength, 0, 2);
  within('speed', speed, 0.25, 4);
  within('seconds', seconds, 1, 30);
  within('size', longestSide, 64, longestResult);
  within('also', morePhotos.length, 0, 3);
  if (motion.kind === 'none' && camera === 'none') throw new LumiereError('request.nothing-moves');
  for (const text of [caption.above, caption.below]) if (text !== undefined) checkCaption(text);
}
