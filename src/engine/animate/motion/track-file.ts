/**
 * Motion tracks on disk: JSON, version 1, as `docs/motion-track.md` specifies it. A frame stands on a line of its own, so that
 * two tracks can be compared, and a long one is read and written in slices while others get their turn.
 */
import { open } from 'node:fs/promises';

import { LumiereError } from '../../errors.ts';
import { writeWhole } from '../../media/partial-file.ts';
import { encodeMesh } from './mesh-text.ts';
import type { HeadMotion, MotionFrame, MotionTrack } from './track.ts';
import { checkLength, framesAtOnce, parseMotionTrack, trackFormat, trackLimits, trackVersion } from './track-schema.ts';

const newLine = 0x0a;
/** Bytes that a line of a track has at the very most. */
const longestLine = 32 * 2 ** 10;

/**
 * Reads a track. Rejects as `parseMotionTrack` does, and with `input.not-found`, `input.unreadable`, `track.too-large`,
 * `track.not-json`, or `track.layout` for a large file that does not give each frame a line.
 */
export async function readMotionTrack(path: string): Promise<MotionTrack> {
  const bytes = await readBytes(path);
  return await parseMotionTrack((await parseByLine(bytes)) ?? parseAtOnce(bytes, path));
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > trackLimits.bytes)
        throw new LumiereError('track.too-large', { path, bytes: size, limit: trackLimits.bytes });
      return await file.readFile();
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

/** The JSON of a file as `writeMotionTrack` lays it out, or undefined for any other layout. */
async function parseByLine(bytes: Buffer): Promise<unknown> {
  let at = 0;
  /** The next line; undefined at the end, and where one is longer than a track's. */
  const next = (): string | undefined => {
    const end = bytes.indexOf(newLine, at);
    if (end < 0 || end - at > longestLine) return undefined;
    const line = bytes.toString('utf8', at, end).trimEnd();
    at = end + 1;
    return line;
  };
  const first = next();
  if (!first?.endsWith('"frames":[')) return undefined;
  try {
    const head = JSON.parse(`${first}]}`) as object;
    const frames: unknown[] = [];
    // One frame too many is enough to be refused.
    while (frames.length <= trackLimits.frames) {
      const line = next();
      if (line === undefined) return undefined;
      const isLast = !line.endsWith(',');
      frames.push(JSON.parse(isLast ? line : line.slice(0, -1)));
      if (isLast) return next() === ']}' && at === bytes.length ? { ...head, frames } : undefined;
      if (frames.length % framesAtOnce === 0) await new Promise(setImmediate);
    }
    return { ...head, frames };
  } catch {
    // A line is not a whole frame: it is another layout, or no JSON at all.
    return undefined;
  }
}

function parseAtOnce(bytes: Buffer, path: string): unknown {
  if (bytes.length > trackLimits.bytesAtOnce)
    throw new LumiereError('track.layout', { path, bytes: bytes.length, limit: trackLimits.bytesAtOnce });
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new LumiereError('track.not-json', { path }, { cause });
  }
}

/** Five decimals: a hundredth of a millimetre, of a degree, of a thousandth. `-0` becomes 0. */
const round = (value: number): number => Math.round(value * 1e5) / 1e5 + 0;
const rounded = (value: number, least: number, most = -least): number => round(Math.min(most, Math.max(least, value)));

function headJson({ yaw, pitch, roll, x, y, z }: HeadMotion): HeadMotion {
  const { turn, shift, nearest } = trackLimits;
  return {
    yaw: rounded(yaw, -turn),
    pitch: rounded(pitch, -turn),
    roll: rounded(roll, -turn),
    x: rounded(x, -shift),
    y: rounded(y, -shift),
    z: rounded(z, nearest, shift),
  };
}

/** One frame as `parseMotionTrack` reads it: what goes beyond a track's limits is held at them. */
function frameJson({ blendshapes, head, gaze, breath, mesh, tracked }: MotionFrame): string {
  const limits = trackLimits;
  return JSON.stringify({
    ...(blendshapes && {
      blendshapes: Object.fromEntries(
        Object.entries(blendshapes).map(([name, weight]: [string, number]) => [name, rounded(weight, 0, 1)]),
      ),
    }),
    ...(head && { head: headJson(head) }),
    ...(gaze && { gaze: { x: rounded(gaze.x, -limits.gaze), y: rounded(gaze.y, -limits.gaze) } }),
    ...(breath !== undefined && { breath: rounded(breath, -limits.breath) }),
    ...(mesh && { mesh: encodeMesh(mesh, limits.displacement) }),
    ...(tracked === false && { tracked }),
  });
}

/**
 * Writes a track, whole or not at all, so that `readMotionTrack` reads it. Rejects with `output.unwritable`, `output.disk-full`,
 * `track.invalid` for a rate, `track.too-long` or `track.too-large` for a length that no track may have.
 */
export async function writeMotionTrack(
  path: string,
  { source, relativeTo, rate, loops, frames }: MotionTrack,
): Promise<void> {
  checkLength(rate, frames.length);
  const head = JSON.stringify({ format: trackFormat, version: trackVersion, source, relativeTo, rate, loops });
  const slices: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"frames":[\n`)];
  for (let from = 0; from < frames.length; from += framesAtOnce) {
    const lines = frames
      .slice(from, from + framesAtOnce)
      .map(frameJson)
      .join(',\n');
    slices.push(Buffer.from(from + framesAtOnce < frames.length ? `${lines},\n` : lines));
    await new Promise(setImmediate);
  }
  slices.push(Buffer.from('\n]}\n'));
  const size = slices.reduce((sum, slice) => sum + slice.length, 0);
  if (size > trackLimits.bytes)
    throw new LumiereError('track.too-large', { path, bytes: size, limit: trackLimits.bytes });
  await writeWhole(path, await joined(slices, size));
}

async function joined(slices: readonly Buffer[], size: number): Promise<Buffer> {
  const whole = Buffer.allocUnsafe(size);
  let at = 0;
  for (const slice of slices) {
    at += slice.copy(whole, at);
    await new Promise(setImmediate);
  }
  return whole;
}
