/** What `lumiere doctor` says of keys and a database that others on the machine may read. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { examineSecrets } from '../../src/cli/doctor-secrets-check.ts';
import { readConfig } from '../../src/config.ts';
import { openIdentity } from '../../src/engine/provenance/identity.ts';
import { openInstallationKey } from '../../src/engine/provenance/installation-key.ts';
import { createTranslate } from '../../src/locale.ts';
import { openDatabase } from '../../src/store/database.ts';
import { scratchFolder } from '../clips.ts';

const t = createTranslate('en');
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let data: string;
beforeAll(async () => {
  scratch = await scratchFolder();
  data = join(scratch.path, 'data');
});
afterAll(() => scratch.remove());

async function examine(): Promise<string[]> {
  const checks = await examineSecrets(readConfig({ LUMIERE_DATA_DIR: data }));
  return checks.map(({ id, state, params }) => `[${state}] ${t(`doctor.${id}.${state}`, params)}`);
}

it('finds nothing to say before anything is there, and of what the program made itself', async () => {
  expect(await examine()).toEqual([]);
  const before = process.umask(0); // whatever the account allows
  try {
    await (await openDatabase({ url: readConfig({ LUMIERE_DATA_DIR: data }).databaseUrl })).close();
    await openIdentity(join(data, 'keys'));
    await openInstallationKey(join(data, 'keys'), 'log');
  } finally {
    process.umask(before);
  }
  expect(await examine()).toEqual([]);
});

it.each(['keys', 'keys/watermark.key', 'keys/log.key', 'keys/c2pa-signing.pem'])('names %s', async (name) => {
  const path = join(data, name);
  await chmod(path, 0o755);
  expect(await examine()).toEqual([
    `[note] others on this machine may read ${path}, where secret keys are. Type: chmod go= ${path}`,
  ]);
  await chmod(path, 0o700);
});

it('names the database where its folder lets others in', async () => {
  const path = join(data, 'lumiere.db');
  await chmod(path, 0o644);
  expect(await examine()).toEqual([]);
  await chmod(data, 0o755);
  expect(await examine()).toEqual([expect.stringContaining(`Type: chmod go= ${path}*`)]);
  await chmod(path, 0o600);
  expect(await examine()).toEqual([]);
});

it("names the operator's own key, wherever it lies", async () => {
  const key = join(scratch.path, 'key.pem');
  await writeFile(key, 'a key');
  await chmod(key, 0o640);
  const certificate = { certificate: join(scratch.path, 'chain.pem'), key };
  const checks = await examineSecrets({ ...readConfig({ LUMIERE_DATA_DIR: data }), certificate });
  expect(checks).toMatchObject([{ id: 'open-key', params: { path: key } }]);
});
