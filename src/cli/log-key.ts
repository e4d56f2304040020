/** The key that seals the usage log, for a command of the machine that the bot runs on. */
import { join } from 'node:path';

import { LumiereError } from '../engine/errors.ts';

/**
 * Looked for and not made: a log that was written with another key would seem altered from end to end. Rejects with
 * `audit.no-key` where there is none, with `provenance.*` where what is there is none or cannot be read.
 */
export async function openLogKey({ dataDir }: { readonly dataDir: string }): Promise<Uint8Array> {
  const folder = join(dataDir, 'keys');
  const { readInstallationKey } = await import('../engine/provenance/installation-key.ts');
  const key = await readInstallationKey(folder, 'log');
  if (key === undefined) throw new LumiereError('audit.no-key', { path: join(folder, 'log.key') });
  return key;
}
