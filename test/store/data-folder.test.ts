/** A data folder that cannot be used is named before anything is begun in it. */
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { dataFolderFault, requireDataFolder } from '../../src/store/data-folder.ts';
import { scratchFolder } from '../clips.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeEach(async () => {
  scratch = await scratchFolder();
});
afterEach(() => scratch.remove());

/** What is said of a folder: the error's code and the place that it names. */
const said = async (dataDir: string, redisUrl?: string) => {
  const fault = await dataFolderFault({ dataDir, redisUrl });
  return fault && [fault.code, fault.params['path']];
};

describe('the data folder', () => {
  it('may be missing, with folders above it, and is not made by being looked at', async () => {
    expect(await said(join(scratch.path, 'not', 'yet'))).toBeUndefined();
    expect(await readdir(scratch.path)).toEqual([]);
  });

  it('is not a file, nor below one', async () => {
    const file = join(scratch.path, 'file');
    await writeFile(file, '');
    expect(await said(file)).toEqual(['output.data-folder', file]);
    expect(await said(join(file, 'data', 'here'))).toEqual(['output.data-folder', file]);
    const refused = requireDataFolder({ dataDir: file, redisUrl: undefined });
    await expect(refused).rejects.toMatchObject({ code: 'output.data-folder', params: { path: file } });
  });

  it('may be a link to a folder, with parts that are folders as well', async () => {
    const data = join(scratch.path, 'data');
    await mkdir(join(data, 'media'), { recursive: true });
    await symlink(data, join(scratch.path, 'link'));
    expect(await said(join(scratch.path, 'link'))).toBeUndefined();
    await writeFile(join(data, 'redis'), '');
    expect(await said(data)).toEqual(['output.data-folder', join(data, 'redis')]);
    expect(await said(data, 'redis://elsewhere')).toBeUndefined();
  });

  it.skipIf(process.getuid?.() === 0)(
    'belongs to this user, and its parts do, but for keys that are only read',
    async () => {
      const [keys, media] = [join(scratch.path, 'keys'), join(scratch.path, 'media')];
      await mkdir(keys);
      await mkdir(media);
      await chmod(keys, 0o500);
      expect(await said(scratch.path)).toBeUndefined();
      await chmod(media, 0o500);
      expect(await said(scratch.path)).toEqual(['output.data-folder', media]);
    },
  );

  it.skipIf(process.getuid?.() === 0)(
    'is to be made by somebody else where this user may not, who is told no more',
    async () => {
      const data = join(scratch.path, 'a', 'data');
      await chmod(scratch.path, 0o500);
      expect(await said(data)).toEqual(['output.data-folder-unmade', data]);
      await chmod(scratch.path, 0o700);
    },
  );
});
