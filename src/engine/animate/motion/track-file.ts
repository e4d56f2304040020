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

/** What a track may ask of the machine that reads it. */
export const trackLimits = {
  bytes: 64 * 2 ** 20,
  frames: 36_000,
  /** Frames a second. */
  rate: 240,
  /** Degrees, centimetres. */
  turn: 90,
  shift: 500,
  gaze: 60,
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
  rate: z.strictObject({
    num: z
      .int()
      .min(1)
      .max(2 ** 31),
    den: z
      .int()
      .min(1)
      .max(2 ** 31),
  }),
  loops: z.boolean(),
  frames: z.array(frameSchema).min(1).max(trackLimits.frames),
});

/**
 * A track out of parsed JSON. Throws LumiereError `track.version` for a version this program does not know, `track.invalid`
 * with the `place` and what is `wrong` there for anything else.
 */
export function parseMotionTrack(json: unknown): MotionTrack {
  const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
  const known = typeof json === 'object' && json !== null && 'format' in json && json.format === trackFormat;
  if (known && typeof version === 'number' && version > trackVersion)
    throw new LumiereError('track.version', { version, known: trackVersion });
  const read = trackSchema.safeParse(json);
  if (!read.success) {
    const issue = read.error.issues[0]!;
    throw new LumiereError('track.invalid', {
      place: issue.path.join('.') || '-',
      wrong: issue.message.slice(0, 160),
    });
  }
  const { rate: given, relativeTo, loops, source } = read.data;
  const rate = rational(given.num, given.den);
  if (toNumber(rate) > trackLimits.rate || toNumber(rate) < 1)
    throw new LumiereError('track.invalid', { place: 'rate', wrong: `1 to ${trackLimits.rate} frames a second` });
  const frames = read.data.frames.map(({ mesh, blendshapes, head, gaze, breath, tracked }, index): MotionFrame => ({
    ...(blendshapes && { blendshapes }),
    ...(head && { head }),
    ...(gaze && { gaze }),
    ...(breath !== undefined && { breath }),
    ...(mesh !== undefined && { mesh: decodeMesh(mesh, `frames.${index}.mesh`, trackLimits.displacement) }),
    ...(tracked === false && { tracked }),
  }));
  return { relativeTo, rate, loops, frames, source };
}

/** Reads a track. Rejects as `parseMotionTrack` throws, and with `input.not-found`, `input.unreadable`, `track.too-large`, `track.not-json`. */
export async function readMotionTrack(path: string): Promise<MotionTrack> {
  const text = await readText(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new LumiereError('track.not-json', { path }, { cause });
  }
  return parseMotionTrack(json);
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

/** The track as the JSON that `parseMotionTrack` reads. */
export function motionTrackJson(track: MotionTrack): unknown {
  const frames = track.frames.map(({ blendshapes, head, gaze, breath, mesh, tracked }) => ({
    ...(blendshapes && { blendshapes: rounded(blendshapes) }),
    ...(head && { head: rounded(head) }),
    ...(gaze && { gaze: rounded(gaze) }),
    ...(breath !== undefined && { breath: round(breath) }),
    ...(mesh && { mesh: encodeMesh(mesh) }),
    ...(tracked === false && { tracked }),
  }));
  const { source, relativeTo, rate, loops } = track;
  return { format: trackFormat, version: trackVersion, source, relativeTo, rate, loops, frames };
}

/** Writes a track, whole or not at all. Rejects with `output.unwritable` or `output.disk-full`. */
export async function writeMotionTrack(path: string, track: MotionTrack): Promise<void> {
  await writeWhole(path, Buffer.from(`${JSON.stringify(motionTrackJson(track))}\n`));
}
