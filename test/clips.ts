/**
 * Short clips for tests, made by ffmpeg from its own test sources and kept in the system's temporary folder under a hash of
 * their recipe, so that each is made once. Damaged ones are made by changing bytes of sound ones.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = join(tmpdir(), 'lumiere-test-clips');

/** ffmpeg's words for an input from its own sources. */
export const picture = (source: string): string[] => ['-f', 'lavfi', '-i', source];
/** H.264 that encodes at once; the clip's content does not matter. */
export const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** Path of a clip with the given `ending`, made by `ffmpeg ...recipe`. */
export async function makeClip(ending: string, recipe: readonly string[]): Promise<string> {
  return await once(ending, recipe.join('\0'), async (path) => {
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...recipe, path]);
  });
}

/** Path of a file with the given bytes. */
export async function makeFile(ending: string, bytes: Uint8Array | string): Promise<string> {
  const hash = createHash('sha256').update(bytes).digest('hex');
  return await once(ending, hash, async (path) => {
    await writeFile(path, bytes);
  });
}

/** Path of a copy of `source` whose bytes went through `change`. */
export async function changeClip(source: string, ending: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  return await makeFile(ending, change(await readFile(source)));
}

/** Path of what `make` makes by a recipe; one word of which changed makes another. */
export async function once(ending: string, recipe: string, make: (path: string) => Promise<void>): Promise<string> {
  const name = createHash('sha256').update(recipe).digest('hex').slice(0, 20);
  const path = join(folder, `${name}.${ending}`);
  if (existsSync(path)) return path;
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `${randomBytes(6).toString('hex')}.${ending}`);
  await make(draft);
  await rename(draft, path).catch(async (error: unknown) => {
    if (!existsSync(path)) throw error; // a folder does not replace one that another process made meanwhile
    await rm(draft, { recursive: true });
  });
  return path;
}

/** An empty folder for what a test writes; `remove` takes it away with all it holds. */
export async function scratchFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'lumiere-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A small, sound clip: 25 frames of 64x48 at 25 a second, with a tone. */
export function soundClip(): Promise<string> {
  return makeClip('mp4', [
    ...picture('testsrc2=s=64x48:r=25:d=1'),
    ...picture('sine=f=440:d=1:r=44100'),
    ...h264,
    ...['-c:a', 'aac', '-movflags', '+faststart'],
  ]);
}

/** Position of the four letters `name` of an MP4 box, from the start of its own name. */
export function boxAt(bytes: Buffer, name: string, from = 0): number {
  const at = bytes.indexOf(name, from, 'latin1');
  if (at < 0) throw new RangeError(`expected a box ${name} but found none`);
  return at;
}
