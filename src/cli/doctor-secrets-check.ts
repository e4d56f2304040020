/** What `lumiere doctor` looks at of secrets on the disk: whether others on this machine may read keys or the database. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Config } from '../config.ts';
import { dialectOf } from '../store/database.ts';
import { sqlitePath } from '../store/sqlite.ts';
import type { Check } from './doctor-checks.ts';

type Places = Pick<Config, 'dataDir' | 'certificate' | 'databaseUrl'>;

/** A `note` for each that is open to others. What is not there, or cannot be looked at, is for other checks to tell. */
export async function examineSecrets({ dataDir, certificate, databaseUrl }: Places): Promise<Check[]> {
  const keys = join(dataDir, 'keys');
  const names = (await readdir(keys).catch(() => [])).filter((name) => /\.(key|pem)$/.test(name)).sort();
  const own = [keys, ...names.map((name) => join(keys, name)), ...(certificate ? [certificate.key] : [])];
  const checks: Check[] = [];
  for (const path of own) {
    if (await isOpen(path, 0o077)) checks.push({ id: 'open-key', state: 'note', params: { path } });
  }
  const path = dialectOf(databaseUrl) === 'sqlite' ? sqlitePath(databaseUrl) : undefined;
  // In a folder that is closed to others the file's own permissions let nobody in.
  if (path !== undefined && (await isOpen(dirname(path), 0o011)) && (await isOpen(path, 0o077))) {
    checks.push({ id: 'open-database', state: 'note', params: { path } });
  }
  return checks;
}

async function isOpen(path: string, bits: number): Promise<boolean> {
  const mode = await stat(path).then(
    (found) => found.mode,
    () => 0,
  );
  return (mode & bits) !== 0;
}
