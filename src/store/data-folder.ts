/** Whether an installation's data folder can be used, told in words before anything fails halfway for want of it. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { LumiereError } from '../engine/errors.ts';

/** What the bot and its workers make in it. One that was started by another user, root say, left them as that user's. */
const parts = ['keys', 'media', 'redis', 'scratch'];

/** Rejects with `output.data-folder` when this process could not write there. */
export async function requireDataFolder(folder: string): Promise<void> {
  const path = await unwritableIn(folder);
  if (path !== undefined) throw new LumiereError('output.data-folder', { path });
}

/** The first place that this process may not write, of the folder and what lies in it. Makes nothing, and needs none of it. */
export async function unwritableIn(folder: string): Promise<string | undefined> {
  for (const path of [folder, ...parts.map((part) => join(folder, part))]) {
    const nearest = await nearestOf(path);
    if (!(await isWritableFolder(nearest))) return nearest;
  }
  return undefined;
}

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
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
