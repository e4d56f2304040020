/**
 * Files that appear whole or not at all: written under a temporary name beside their place and renamed at the end. The
 * temporary file goes when the work fails, is cancelled, or the process leaves before it is done.
 */
import { rmSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { LumiereError } from './errors.ts';

const unfinished = new Set<string>();
let watching = false;

/**
 * Calls `write` with the temporary path (same folder, same ending), then puts the file at `path`. The folder is made when
 * it is missing. Throws `output.unwritable` when the folder or the file cannot be made, and whatever `write` throws.
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
  await mkdir(dirname(target), { recursive: true }).catch((cause: unknown) => {
    throw new LumiereError('output.unwritable', { path: target }, { cause });
  });
  unfinished.add(temporary);
  try {
    await write(temporary);
    await rename(temporary, target).catch((cause: unknown) => {
      throw new LumiereError('output.unwritable', { path: target }, { cause });
    });
  } finally {
    await rm(temporary, { force: true });
    unfinished.delete(temporary);
  }
}
