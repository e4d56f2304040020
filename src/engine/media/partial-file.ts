/**
 * A file that is written under a temporary name in the folder of the real one and takes its place whole, or not at all.
 * What is unfinished when this process ends is removed.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

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

function writeError(error: unknown, target: string): LumiereError {
  const code = (error as NodeJS.ErrnoException).code;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new LumiereError(full ? 'output.disk-full' : 'output.unwritable', { path: target }, { cause: error });
}
