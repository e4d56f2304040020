/** A data folder that cannot be used is named before anything is begun in it. */
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { requireDataFolder, unwritableIn } from '../../src/store/data-folder.ts';
import { scratchFolder } from '../clips.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeEach(async () => {
  scratch = await scratchFolder();
});
afterEach(() => scratch.remove());

describe('the data folder', () => {
  it('may be missing, with folders above it, and is not made by being looked at', async () => {
    expect(await unwritableIn(join(scratch.path, 'not', 'yet'))).toBeUndefined();
    expect(await readdir(scratch.path)).toEqual([]);
  });

  it('is not a file, nor below one', async () => {
    const file = join(scratch.path, 'file');
    await writeFile(file, '');
    expect(await unwritableIn(file)).toBe(file);
    expect(await unwritableIn(join(file, 'data', 'here'))).toBe(file);
    await expect(requireDataFolder(file)).rejects.toMatchObject({ code: 'output.data-folder', params: { path: file } });
  });

  it('may be a link to a folder, with parts that are folders as well', async () => {
    const data = join(scratch.path, 'data');
    await mkdir(join(data, 'keys'), { recursive: true });
    await symlink(data, join(scratch.path, 'link'));
    expect(await unwritableIn(join(scratch.path, 'link'))).toBeUndefined();
    await writeFile(join(data, 'redis'), '');
    expect(await unwritableIn(data)).toBe(join(data, 'redis'));
  });

  it.skipIf(process.getuid?.() === 0)('belongs to this user, and its parts do', async () => {
    const keys = join(scratch.path, 'keys');
    await mkdir(keys);
    await chmod(keys, 0o500);
    expect(await unwritableIn(scratch.path)).toBe(keys);
    await chmod(scratch.path, 0o500);
    expect(await unwritableIn(join(scratch.path, 'data'))).toBe(scratch.path);
    await chmod(scratch.path, 0o700);
  });
});
