/**
 * Secret files of an installation: made when they are first asked for, readable by their owner alone, and the same for every
 * process that asks at that moment.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { LumiereError } from '../errors.ts';

/** The text at `path`, or undefined where nothing is. Rejects with `provenance.keys-unreadable` where something else is there. */
export async function readKeyFile(path: string): Promise<string | undefined> {
  return readable(path, readFile(path, 'utf8'));
}

/** The names in a folder of keys, or undefined where there is none. Rejects with `provenance.keys-unreadable`. */
export async function readKeyFolder(path: string): Promise<readonly string[] | undefined> {
  return readable(path, readdir(path));
}

/**
 * What stands at `path`; where nothing does, `text`, or what another process wrote there meanwhile. Folders are made. Rejects with
 * `provenance.keys-unwritable`.
 */
export async function writeKeyFileOnce(path: string, text: string): Promise<string> {
  await writable(path, async () => {
    const draft = await writeDraft(path, text);
    try {
      // Written whole under another name first: a link is made by one of several only.
      await link(draft, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    } finally {
      await rm(draft, { force: true });
    }
  });
  return readFile(path, 'utf8');
}

/** Puts `text` in the place of what stands at `path`, whole or not at all. Rejects with `provenance.keys-unwritable`. */
export async function replaceKeyFile(path: string, text: string): Promise<void> {
  await writable(path, async () => {
    await rename(await writeDraft(path, text), path);
  });
}

async function writeDraft(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

/** What an operator can mend: rights, or something else in the place of a file or of a folder. */
const mendable: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP'];

async function readable<Result>(path: string, reading: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reading;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    throw mendable.includes(code) ? new LumiereError('provenance.keys-unreadable', { path }, { cause: error }) : error;
  }
}

async function writable(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!mendable.includes(codeOf(error))) throw error;
    throw new LumiereError('provenance.keys-unwritable', { path: dirname(path) }, { cause: error });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
