/**
 * What a job carries and what a member asked for, as versioned schemas that are checked where a job is put in and again
 * where it is taken out: the two may be different versions of this program.
 */
import * as z from 'zod';

import { cameraMoves } from '../engine/animate/camera/camera-move.ts';
import { presetNames } from '../engine/animate/motion/preset-names.ts';
import { type AnimateRequest, defaultAnimation, type MotionSource, outputFormats } from '../engine/animate/request.ts';
import { defaultRequest, looks, qualities, rateRange, type RestoreRequest } from '../engine/restore/request.ts';
import { rational } from '../engine/rational.ts';
import type { SoundRequest } from '../engine/restore/sound/request.ts';
import { subjectKinds } from '../store/consents.ts';

export { movesAFace } from '../store/consents.ts';

/** The options of `/restore`, as they stand in `Request.parameters`. */
export const restoreParameters = z.strictObject({
  version: z.literal(1),
  command: z.literal('restore'),
  scale: z.literal([1, 2, 4]).default(4),
  /** `auto` is 60 frames a second, or the source's own when that is more. */
  fps: z.union([z.literal(['auto', 'source']), z.int().min(rateRange.min).max(rateRange.max)]).default('auto'),
  look: z.enum(looks).default(defaultRequest.look),
  quality: z.enum(qualities).default(defaultRequest.quality),
  grain: z.boolean().default(defaultRequest.grain),
  sound: z.enum(['keep', 'none']).default('keep'),
});
export type RestoreParameters = z.output<typeof restoreParameters>;

/** The same in the engine's words. `maxBytes` is the upload limit of the reply, `label` the line shown in the corner. */
export function toRestoreRequest(
  parameters: RestoreParameters,
  { maxBytes, label }: { readonly maxBytes: number; readonly label?: string | undefined },
): { readonly request: RestoreRequest; readonly sound: SoundRequest } {
  const { scale, fps, look, quality, grain, sound } = parameters;
  const rate = fps === 'auto' ? defaultRequest.rate : fps === 'source' ? fps : { fps: rational(fps) };
  return {
    request: {
      ...defaultRequest,
      size: { scale },
      rate,
      look,
      quality,
      grain,
      maxBytes,
      ...(label !== undefined && { label }),
    },
    sound: { kind: sound },
  };
}

/** What a photograph does when no clip and no sound moves it: a preset, or the camera alone. */
export const motions = [...presetNames, 'none'] as const;
/** Faces that can be named one by one; more than that nobody can tell apart in a preview. */
export const mostFaces = 15;
/** Characters that a member may write, well within what the engine draws. */
export const longestCaptionLine = 100;
export const longestDeclaration = 200;
/** As people count them: an emoji is one, or a few. */
export const charactersIn = (text: string): number => Array.from(text).length;

/** Faces that a word names. */
export const faceWords = ['largest', 'left', 'right', 'all'] as const;

/** Whose face it is, as the one who asks said. */
export const subject = z.strictObject({
  kind: z.enum(subjectKinds),
  /** Which artwork or person; of an outsider also why it may be done. */
  declared: words(longestDeclaration).optional(),
  /** Of another member: who is asked. */
  memberId: z.string().optional(),
  /** They cannot see where it was asked, so they are asked directly. */
  asksDirectly: z.boolean().optional(),
  /** The text that was shown and agreed to, and its language. */
  textVersion: z.string(),
  textLocale: z.string(),
});
export type Subject = z.output<typeof subject>;

const caption = words(longestCaptionLine);

/** The options of `/animate`. */
export const animateParameters = z.strictObject({
  version: z.literal(1),
  command: z.literal('animate'),
  motion: z.enum(motions).default('painting'),
  /** The file of the request that moves it in the place of a preset. */
  driven: z.enum(['driver', 'speech']).optional(),
  camera: z.enum(cameraMoves).default(defaultAnimation.camera),
  /** Left out until somebody chose; then there was one, or it is the largest. */
  face: z.union([z.enum(faceWords), z.int().min(1)]).optional(),
  /** Left out until somebody said. */
  subject: subject.optional(),
  strength: z.number().min(0).max(2).default(defaultAnimation.strength),
  caption: z.strictObject({ above: caption.optional(), below: caption.optional() }).default({}),
  sound: z.enum(['keep', 'none']).default(defaultAnimation.sound),
  format: z.enum(outputFormats).default(defaultAnimation.format),
});
export type AnimateParameters = z.output<typeof animateParameters>;

/** A text of at most so many characters. */
function words(most: number) {
  return z
    .string()
    .min(1)
    .refine((text) => charactersIn(text) <= most);
}

/**
 * The same in the engine's words. `driver` and `speech` are the request's files, where it has them; `label` is the line in a
 * corner of every frame, which no setting takes away.
 */
export function toAnimateRequest(
  parameters: AnimateParameters,
  files: { readonly driver?: string | undefined; readonly speech?: string | undefined },
  { maxBytes, label }: { readonly maxBytes: number; readonly label: string },
): AnimateRequest {
  const { camera, face = defaultAnimation.face, strength, sound, format } = parameters;
  const { above, below } = parameters.caption;
  return {
    ...defaultAnimation,
    motion: motionSource(parameters, files),
    camera,
    face,
    strength,
    sound,
    format,
    caption: { ...(above !== undefined && { above }), ...(below !== undefined && { below }) },
    maxBytes,
    label,
  };
}

function motionSource(
  { motion }: AnimateParameters,
  { driver, speech }: { readonly driver?: string | undefined; readonly speech?: string | undefined },
): MotionSource {
  if (driver !== undefined) return { kind: 'clip', path: driver, region: 'all' };
  if (speech !== undefined) return { kind: 'speech', path: speech, style: motion === 'sing' ? 'sing' : 'speak' };
  return motion === 'none' ? { kind: 'none' } : { kind: 'preset', name: motion };
}

const requestId = z.uuid();
const byteLimit = z.int().positive();

/** The job that a request is for; the dispatcher puts it in, one for each free slot. */
export const requestJob = z.strictObject({ version: z.literal(1), kind: z.enum(['restore', 'animate']), requestId });
export type RequestJob = z.output<typeof requestJob>;

/** Short work that waits for nobody: a look at a photograph, and what is done with a result that is there already. */
export const shortJob = z.discriminatedUnion('kind', [
  z.strictObject({ version: z.literal(1), kind: z.literal('look'), requestId }),
  z.strictObject({ version: z.literal(1), kind: z.literal('picture'), requestId }),
  /** A file in the media store; its id is of nothing but this. */
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('verify'),
    requestId,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  z.strictObject({ version: z.literal(1), kind: z.literal('refit'), requestId, maxBytes: byteLimit }),
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('compare'),
    requestId,
    maxBytes: byteLimit,
    /** Words in the upper corners, in the asker's language. */
    labels: z.tuple([z.string().min(1).max(40), z.string().min(1).max(40)]),
  }),
]);
export type ShortJob = z.output<typeof shortJob>;

export type JobData = RequestJob | ShortJob;

/** How far a job has come. `done` of `total` frames, or of 100 where frames are not what is counted. */
export const jobProgress = z.strictObject({
  stage: z.enum(['prepare', 'restore', 'follow', 'listen', 'animate', 'enlarge', 'write', 'fit', 'sound', 'store']),
  done: z.number().nonnegative(),
  total: z.number().nonnegative(),
  framesPerSecond: z.number().nonnegative().optional(),
  secondsLeft: z.number().nonnegative().optional(),
});
/** Stages that count frames. */
export const countsFrames = (stage: JobProgress['stage']): boolean => /^(restore|follow|animate)$/.test(stage);
export type JobProgress = Readonly<z.output<typeof jobProgress>>;
