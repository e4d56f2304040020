/** The keys that seal the usage log and bind its list of made files, for a command of the machine that the bot runs on. */
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

export const watermarkKeyPath = ({ dataDir }: { readonly dataDir: string }): string =>
  join(dataDir, 'keys', 'watermark.key');

/** Looked for and not made; undefined where there is none. Rejects as `openLogKey` where it cannot be used. */
export async function openWatermarkKey({ dataDir }: { readonly dataDir: string }): Promise<Uint8Array | undefined> {
  const { readInstallationKey } = await import('../engine/provenance/installation-key.ts');
  return readInstallationKey(join(dataDir, 'keys'), 'watermark');
}
