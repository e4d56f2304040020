/**
 * Files that appear whole or not at all: written under a temporary name beside their place and renamed at the end. The
 * temporary file goes when the work fails, is cancelled, or the process leaves before it is done.
 */
import { rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { LumiereError } from './errors.ts';

const unfinished = new Set<string>();
let watching = false;

/**
 * Calls `write` with the temporary path (same folder, same ending; the file exists and is empty), then puts the file at
 * `path`. Throws `output.unwritable` or `output.disk-full` (`path`) when the file cannot be made (its folder must exist),
 * and whatever `write` throws.
 */
export async function writeWhole(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const target = resolve(path);
  const temporary = join(dirname(target), `.${process.pid}-${unfinished.size}.part.${basename(target)}`);
  if (!watching) {
    watching = true;
    process.once('exit', () => {
      for (const file of unfinished) rmSync(file, { force: true });
    });
  }
  const unwritable = (cause: unknown): never => {
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new LumiereError(full ? 'output.disk-full' : 'output.unwritable', { path: target }, { cause });
  };
  unfinished.add(temporary);
  try {
    // Asked before the work begins, not after hours of it.
    await writeFile(temporary, '').catch(unwritable);
    await write(temporary);
    await rename(temporary, target).catch(unwritable);
  } finally {
    await rm(temporary, { force: true });
    unfinished.delete(temporary);
  }
}
