/** Which sound a result has, and how one that is made for it joins the picture. */
import { join } from 'node:path';

import { LumiereError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { encodeWithin, type FitOptions, type Fitted } from '../media/fit.ts';
import { joinSound, soundBytes } from '../media/join-sound.ts';
import { beginPartialFile } from '../media/partial-file.ts';
import type { Probe } from '../media/probe-result.ts';
import { clipSound, type SoundSource } from '../media/sound-source.ts';
import type { MediaWarning } from '../media/warnings.ts';
import type { RestorePlan } from './plan/plan.ts';
import { addedSound, addedSoundComment } from './sound/added-sound.ts';
import { makeSound } from './sound/make-sound.ts';
import { type MotionTrack, retimed } from './sound/motion-track.ts';
import type { SoundRequest } from './sound/request.ts';

type MadeRequest = Extract<SoundRequest, { kind: 'file' | 'ambience' }>;

export type SoundChoice = { readonly own?: SoundSource; readonly warnings: readonly MediaWarning[] } & (
  { readonly kind: 'own' } | { readonly kind: 'made'; readonly request: MadeRequest }
);

/** A slowed picture no longer fits the sound that was recorded with it, so that slow motion leaves it out. */
export function chooseSound(probe: Probe, plan: Pick<RestorePlan, 'slowMotion'>, request: SoundRequest): SoundChoice {
  const silent = request.kind === 'none' || plan.slowMotion > 1;
  const { sound, warnings } = silent ? { sound: undefined, warnings: [] } : clipSound(probe);
  const own = sound === undefined ? {} : { own: sound };
  if (request.kind === 'file' || request.kind === 'ambience') return { kind: 'made', request, warnings, ...own };
  return { kind: 'own', warnings, ...own };
}

export interface AddSoundOptions extends Omit<FitOptions, 'path' | 'sound' | 'maxBytes'> {
  readonly plan: RestorePlan;
  readonly request: MadeRequest;
  readonly own: SoundSource | undefined;
  /** Filled while the frames pass; read when they have. */
  readonly motion: MotionTrack;
  /** Where the picture alone and the sound are kept meanwhile. */
  readonly folder: string;
  /** Called with 0..1. */
  readonly onSound?: (done: number) => void;
}

/** Bits a second of an added sound, and what is tried when the result must be smaller. */
const addedBitRates = [160_000, 96_000, 48_000] as const;

/** An added sound takes at most this share of a size limit. */
const soundShare = 0.25;

/**
 * Encodes the picture, makes the sound from the picture's motion, and joins them at `path`.
 * Rejects as `encodeWithin`, `makeSound` and `joinSound` do; then no file is left at `path`.
 */
export async function addSound(frames: AsyncIterable<Frame>, path: string, options: AddSoundOptions): Promise<Fitted> {
  const { plan, request, own, motion, folder, signal, onSound, ...encoding } = options;
  // The picture goes into the folder first: a place that cannot be written to is found before all that work.
  await (await beginPartialFile(path)).discard();
  const { maxBytes, slowMotion, output } = plan;
  const cancel = signal === undefined ? {} : { signal };
  const bitRate =
    maxBytes === undefined
      ? addedBitRates[0]
      : (addedBitRates.find((rate) => soundBytes(output.duration, rate) <= maxBytes * soundShare) ?? addedBitRates[2]);
  const left = maxBytes === undefined ? {} : { maxBytes: maxBytes - soundBytes(output.duration, bitRate) };
  if (left.maxBytes !== undefined && left.maxBytes <= 0) {
    throw new LumiereError('output.size-unreachable', {
      limit: maxBytes!,
      smallest: soundBytes(output.duration, bitRate),
    });
  }
  const picture = await encodeWithin(frames, { ...encoding, ...cancel, ...left, path: join(folder, 'picture.mp4') });
  const sound = await makeSound({
    request,
    duration: picture.duration,
    frameRate: plan.cadence?.rate ?? plan.source.rate,
    motion: slowMotion === 1 ? motion : retimed(motion, slowMotion),
    folder,
    ...cancel,
    ...(own && { own }),
    ...(onSound && { onProgress: onSound }),
  });
  const added = addedSound(request);
  const bytes = await joinSound({
    picture: picture.path,
    sound: sound.source,
    rate: picture.rate,
    path,
    bitRate,
    ...cancel,
    ...(added && { comment: addedSoundComment(added) }),
    ...(maxBytes !== undefined && { maxBytes }),
  });
  return { ...picture, path, bytes };
}
