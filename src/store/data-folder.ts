/** Whether an installation's data folder can be used, told in words before anything fails halfway for want of it. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { LumiereError } from '../engine/errors.ts';

interface Places {
  readonly dataDir: string;
  /** Of a Redis elsewhere; where there is none, a server of our own keeps its files in the data folder. */
  readonly redisUrl: string | undefined;
}

/** Rejects with `dataFolderFault`. */
export async function requireDataFolder(places: Places): Promise<void> {
  const fault = await dataFolderFault(places);
  if (fault !== undefined) throw fault;
}

/**
 * `output.data-folder` or `output.data-folder-unmade` when this process could not write there, or in what the bot and its workers
 * make in it: one that was started by another user, root say, left that as that user's. Makes nothing, and needs none of it.
 * Keys may lie in a folder that is only read: what must be written there says so itself.
 */
export async function dataFolderFault({ dataDir: folder, redisUrl }: Places): Promise<LumiereError | undefined> {
  const parts = ['media', 'scratch', ...(redisUrl === undefined ? ['redis'] : [])];
  for (const path of [folder, ...parts.map((part) => join(folder, part))]) {
    const nearest = await nearestOf(path);
    if (await isWritableFolder(nearest)) continue;
    const isAbove = folder !== nearest && isWithin(folder, nearest);
    // To open what lies above it, perhaps the root of all, would be bad advice.
    if (isAbove && (await isFolder(nearest))) return new LumiereError('output.data-folder-unmade', { path: folder });
    return new LumiereError('output.data-folder', { path: nearest });
  }
  return undefined;
}

const isWithin = (path: string, folder: string): boolean => !relative(folder, path).startsWith('..');

/** The path, or what is there of the folders that it would be made in. */
async function nearestOf(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    (error: unknown) => !['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''),
  );
  return isThere || dirname(path) === path ? path : nearestOf(dirname(path));
}

async function isWritableFolder(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return await isFolder(path);
  } catch {
    return false;
  }
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path)).isDirectory();
