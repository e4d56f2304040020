/**
 * Motion tracks on disk: JSON, version 1, as `docs/motion-track.md` specifies it. Read as data from a stranger: every number
 * is checked, and a file too large to be a track is refused before it is parsed.
 */
import { open } from 'node:fs/promises';
import { z } from 'zod';

import { LumiereError } from '../../errors.ts';
import { writeWhole } from '../../media/partial-file.ts';
import { rational, toNumber } from '../../rational.ts';
import { blendshapeNames } from './blendshapes.ts';
import { decodeMesh, encodeMesh } from './mesh-text.ts';
import type { MotionFrame, MotionTrack } from './track.ts';

export const trackFormat = 'lumiere-motion';
export const trackVersion = 1;

/** Numerator and denominator of a rate. */
const mostParts = 2 ** 31;

/** What a track may ask of the machine that reads it. */
export const trackLimits = {
  bytes: 32 * 2 ** 20,
  frames: 7200,
  /** Frames a second. */
  rate: 120,
  /** Degrees, centimetres. */
  turn: 180,
  shift: 500,
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
  z: within(trackLimits.shift).default(0),
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
const framesAtOnce = 32;

/**
 * A track out of parsed JSON. Rejects with LumiereError `track.version` for a version this program does not know,
 * `track.invalid` with the `place` and what is `wrong` there for anything else.
 */
export async function parseMotionTrack(json: unknown): Promise<MotionTrack> {
  refuseNewer(json);
  const { rate: given, relativeTo, loops, source, frames: unread } = checked(trackSchema, json, '');
  const rate = rational(given.num, given.den);
  if (toNumber(rate) > trackLimits.rate || toNumber(rate) < 1)
    throw new LumiereError('track.invalid', { place: 'rate', wrong: `1 to ${trackLimits.rate} frames a second` });
  const frames: MotionFrame[] = [];
  for (const frame of unread) {
    frames.push(readFrame(frame, `frames.${frames.length}`));
    if (frames.length % framesAtOnce === 0) await new Promise(setImmediate);
  }
  return { relativeTo, rate, loops, frames, source };
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

/** Reads a track. Rejects as `parseMotionTrack` does, and with `input.not-found`, `input.unreadable`, `track.too-large`, `track.not-json`. */
export async function readMotionTrack(path: string): Promise<MotionTrack> {
  const text = await readText(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new LumiereError('track.not-json', { path }, { cause });
  }
  return await parseMotionTrack(json);
}

async function readText(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > trackLimits.bytes)
        throw new LumiereError('track.too-large', { path, bytes: size, limit: trackLimits.bytes });
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof LumiereError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new LumiereError(missing ? 'input.not-found' : 'input.unreadable', { path }, { cause: error });
  }
}

/** Five decimals: a hundredth of a millimetre, of a degree, of a thousandth. `-0` becomes 0. */
const round = (value: number): number => Math.round(value * 1e5) / 1e5 + 0;

const rounded = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, round(value as number)])) as T;

/** One frame as `parseMotionTrack` reads it. */
function frameJson({ blendshapes, head, gaze, breath, mesh, tracked }: MotionFrame): string {
  return JSON.stringify({
    ...(blendshapes && { blendshapes: rounded(blendshapes) }),
    ...(head && { head: rounded(head) }),
    ...(gaze && { gaze: rounded(gaze) }),
    ...(breath !== undefined && { breath: round(breath) }),
    ...(mesh && { mesh: encodeMesh(mesh) }),
    ...(tracked === false && { tracked }),
  });
}

/** Writes a track, whole or not at all. Rejects with `output.unwritable` or `output.disk-full`. */
export async function writeMotionTrack(
  path: string,
  { source, relativeTo, rate, loops, frames }: MotionTrack,
): Promise<void> {
  const head = JSON.stringify({ format: trackFormat, version: trackVersion, source, relativeTo, rate, loops });
  const lines: string[] = [];
  for (const frame of frames) {
    lines.push(frameJson(frame));
    if (lines.length % framesAtOnce === 0) await new Promise(setImmediate);
  }
  // A frame a line, so that two tracks can be compared line by line.
  await writeWhole(path, Buffer.from(`${head.slice(0, -1)},"frames":[\n${lines.join(',\n')}\n]}\n`));
}
