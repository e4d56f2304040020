/**
 * What a job carries and what a member asked for, as versioned schemas that are checked where a job is put in and again
 * where it is taken out: the two may be different versions of this program.
 */
import * as z from 'zod';

import { defaultRequest, looks, qualities, rateRange, type RestoreRequest } from '../engine/restore/request.ts';
import { rational } from '../engine/rational.ts';
import type { SoundRequest } from '../engine/restore/sound/request.ts';

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

const requestId = z.uuid();
const byteLimit = z.int().positive();

/** The job that a request is for; the dispatcher puts it in, one for each free slot. */
export const requestJob = z.strictObject({ version: z.literal(1), kind: z.literal('restore'), requestId });
export type RequestJob = z.output<typeof requestJob>;

/** Short work on a result that is there already; it waits for nobody. */
export const resultJob = z.discriminatedUnion('kind', [
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
export type ResultJob = z.output<typeof resultJob>;

export type JobData = RequestJob | ResultJob;

/** How far a job has come. `done` of `total` frames, or of 100 where frames are not what is counted. */
export const jobProgress = z.strictObject({
  stage: z.enum(['prepare', 'restore', 'fit', 'sound', 'store']),
  done: z.number().nonnegative(),
  total: z.number().nonnegative(),
  framesPerSecond: z.number().nonnegative().optional(),
  secondsLeft: z.number().nonnegative().optional(),
});
export type JobProgress = Readonly<z.output<typeof jobProgress>>;
