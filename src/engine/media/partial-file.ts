/**
 * A file that is written under a temporary name in the folder of the real one and takes its place whole, or not at all.
 * What is unfinished when this process ends is removed. Everything written here fails with `output.disk-full` or
 * `output.unwritable`, never with the bare error of the system.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { isDiskFull } from '../disk-error.ts';
import { LumiereError } from '../errors.ts';

export interface PartialFile {
  /** Where to write. */
  readonly path: string;
  /** Puts the file in its place, over an older one. Resolves to its size in bytes. */
  commit(): Promise<number>;
  /** Removes it; nothing happens once it is committed. */
  discard(): Promise<void>;
}

const unfinished = new Set<string>();
let watching = false;

/**
 * Begins a file that shall stand at `target`. Rejects with `output.unwritable` when the folder is missing or closed to us or
 * `target` is a folder, `output.disk-full` when there is no room even for a name.
 */
export async function beginPartialFile(target: string): Promise<PartialFile> {
  const place = resolve(target);
  const existing = await stat(place).catch(() => undefined);
  if (existing && !existing.isFile()) throw new LumiereError('output.unwritable', { path: target });
  // A long name would not leave room for what makes it ours.
  const name = `.${basename(place).slice(0, 80)}.${randomBytes(6).toString('hex')}.part`;
  const path = join(dirname(place), name);
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    throw writeError(error, target);
  }
  unfinished.add(path);
  if (!watching) {
    watching = true;
    process.once('exit', () => {
      for (const left of unfinished) rmSync(left, { force: true });
    });
  }
  return {
    path,
    commit: async () => {
      try {
        const { size } = await stat(path);
        await rename(path, place);
        unfinished.delete(path);
        return size;
      } catch (error) {
        throw writeError(error, target);
      }
    },
    discard: async () => {
      if (!unfinished.has(path)) return;
      await rm(path, { force: true });
      unfinished.delete(path);
    },
  };
}

/** Puts `data` at `target`, whole or not at all. Rejects with `output.unwritable` or `output.disk-full`. */
export async function writeWhole(target: string, data: Uint8Array): Promise<void> {
  const file = await beginPartialFile(target);
  try {
    await writeFile(file.path, data).catch((error: unknown) => {
      throw writeError(error, target);
    });
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** Makes a folder and those above it, where they are missing. Rejects with `output.unwritable` or `output.disk-full`. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw writeError(error, path);
  });
}

/**
 * A new folder for what lasts only as long as a job, in `place` or else the system's temporary folder; the caller removes
 * it. Rejects with `output.unwritable` or `output.disk-full`, whose `path` is the folder it could not be made in.
 */
export async function makeScratchFolder(prefix: string, place = tmpdir()): Promise<string> {
  return await mkdtemp(join(place, prefix)).catch((error: unknown) => {
    throw writeError(error, place);
  });
}

function writeError(error: unknown, target: string): LumiereError {
  const code = isDiskFull(error) ? 'output.disk-full' : 'output.unwritable';
  return new LumiereError(code, { path: target }, { cause: error });
}
