/**
 * What a motion track may hold, as `docs/motion-track.md` specifies it. Read as data from a stranger: every number is checked,
 * every key known.
 */
import { z } from 'zod';

import { LumiereError } from '../../errors.ts';
import { rational, type Rational, toNumber } from '../../rational.ts';
import { blendshapeNames } from './blendshapes.ts';
import { nearestHead } from './head-on-neck.ts';
import { decodeMesh } from './mesh-text.ts';
import type { MotionFrame, MotionTrack } from './track.ts';

export const trackFormat = 'lumiere-motion';
export const trackVersion = 1;

/** Numerator and denominator of a rate. */
const mostParts = 2 ** 31;

/** What a track may ask of the machine that reads it. */
export const trackLimits = {
  bytes: 32 * 2 ** 20,
  /** Of a file in another layout than a frame a line: it is parsed in one go, while everything else waits. */
  bytesAtOnce: 2 ** 20,
  frames: 7200,
  seconds: 120,
  /** Frames a second. */
  rate: 120,
  /** Degrees, centimetres. */
  turn: 180,
  shift: 500,
  nearest: nearestHead,
  gaze: 90,
  breath: 5,
  /** Centimetres a mesh point may move. */
  displacement: 8,
} as const;

const within = (limit: number) => z.number().min(-limit).max(limit);

const headSchema = z.strictObject({
  yaw: within(trackLimits.turn).default(0),
  pitch: within(trackLimits.turn).default(0),
  roll: within(trackLimits.turn).default(0),
  x: within(trackLimits.shift).default(0),
  y: within(trackLimits.shift).default(0),
  z: z.number().min(trackLimits.nearest).max(trackLimits.shift).default(0),
});

const frameSchema = z.strictObject({
  blendshapes: z.partialRecord(z.enum(blendshapeNames), z.number().min(0).max(1)).optional(),
  head: headSchema.optional(),
  gaze: z.strictObject({ x: within(trackLimits.gaze), y: within(trackLimits.gaze) }).optional(),
  breath: within(trackLimits.breath).optional(),
  mesh: z.string().optional(),
  tracked: z.literal(false).optional(),
});

const trackSchema = z.strictObject({
  format: z.literal(trackFormat),
  version: z.literal(trackVersion),
  source: z.string().max(100),
  relativeTo: z.enum(['photo', 'canonical-face']),
  rate: z.strictObject({ num: z.int().min(1).max(mostParts), den: z.int().min(1).max(mostParts) }),
  loops: z.boolean(),
  frames: z.array(z.unknown()).min(1).max(trackLimits.frames),
});

/** Frames read or written before others get their turn on this thread. */
export const framesAtOnce = 32;

/**
 * A track out of parsed JSON. Rejects with LumiereError `track.version` for a version this program does not know,
 * `track.too-long` for more seconds than it plays, `track.invalid` with the `place` and what is `wrong` there for anything else.
 */
export async function parseMotionTrack(json: unknown): Promise<MotionTrack> {
  refuseNewer(json);
  const { rate: given, relativeTo, loops, source, frames: unread } = checked(trackSchema, json, '');
  const rate = rational(given.num, given.den);
  checkLength(rate, unread.length);
  const frames: MotionFrame[] = [];
  for (const frame of unread) {
    frames.push(readFrame(frame, `frames.${frames.length}`));
    if (frames.length % framesAtOnce === 0) await new Promise(setImmediate);
  }
  return { relativeTo, rate, loops, frames, source };
}

/** Throws `track.invalid` for a rate, and `track.too-long` for a length, that no track may have. */
export function checkLength(rate: Rational, frames: number): void {
  if (toNumber(rate) > trackLimits.rate || toNumber(rate) < 1)
    throw new LumiereError('track.invalid', { place: 'rate', wrong: `1 to ${trackLimits.rate} frames a second` });
  const seconds = Math.round(frames / toNumber(rate));
  if (seconds > trackLimits.seconds) throw new LumiereError('track.too-long', { seconds, limit: trackLimits.seconds });
  if (frames > trackLimits.frames)
    throw new LumiereError('track.invalid', { place: 'frames', wrong: `at most ${trackLimits.frames} frames` });
}

function refuseNewer(json: unknown): void {
  if (typeof json !== 'object' || json === null || !('format' in json) || !('version' in json)) return;
  const { format, version } = json;
  if (format === trackFormat && typeof version === 'number' && version > trackVersion)
    throw new LumiereError('track.version', { version, known: trackVersion });
}

/** The value as the schema has it, or `track.invalid` with where it is wrong. */
function checked<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  const where = [...(place === '' ? [] : [place]), ...issue.path.map(String)].join('.');
  throw new LumiereError('track.invalid', { place: where.slice(0, 80) || '-', wrong: issue.message.slice(0, 160) });
}

function readFrame(value: unknown, place: string): MotionFrame {
  const { blendshapes, head, gaze, breath, mesh, tracked } = checked(frameSchema, value, place);
  return {
    ...(blendshapes && { blendshapes }),
    ...(head && { head }),
    ...(gaze && { gaze }),
    ...(breath !== undefined && { breath }),
    ...(mesh !== undefined && { mesh: decodeMesh(mesh, `${place}.mesh`, trackLimits.displacement) }),
    ...(tracked === false && { tracked }),
  };
}
