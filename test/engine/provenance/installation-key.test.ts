import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openInstallationKey } from '../../../src/engine/provenance/installation-key.ts';
import { scratchFolder } from '../../clips.ts';

let folder: Awaited<ReturnType<typeof scratchFolder>>;
beforeEach(async () => {
  folder = await scratchFolder();
});
afterEach(() => folder.remove());

it('makes one key for all that ask at once, and gives it again', async () => {
  const keys = join(folder.path, 'keys');
  const asked = await Promise.all(Array.from({ length: 20 }, () => openInstallationKey(keys, 'watermark')));
  asked.push(await openInstallationKey(keys, 'watermark'));
  expect(new Set(asked.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
  expect(asked[0]).toHaveLength(32);
  expect(await readdir(keys)).toEqual(['watermark.key']);
});

it('makes another key for each purpose and folder', async () => {
  const [one, other] = [join(folder.path, 'a'), join(folder.path, 'b')];
  const keys = await Promise.all([
    openInstallationKey(one, 'watermark'),
    openInstallationKey(one, 'log'),
    openInstallationKey(other, 'log'),
  ]);
  expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(3);
});

it('lets only its owner read it', async () => {
  await openInstallationKey(folder.path, 'log');
  expect((await stat(join(folder.path, 'log.key'))).mode & 0o777).toBe(0o600);
});

it.each(['', 'abc', `${'0'.repeat(63)}g`, '00'.repeat(33)])('never takes %j for a key', async (text) => {
  await mkdir(folder.path, { recursive: true });
  await writeFile(join(folder.path, 'log.key'), text);
  await expect(openInstallationKey(folder.path, 'log')).rejects.toMatchObject({
    code: 'provenance.log-key-damaged',
  });
});
