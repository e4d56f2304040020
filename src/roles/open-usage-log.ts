/** The usage log as the bot opens it: its key, made at the first start, and the beginning of its chain. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';

import { openInstallationKey } from '../engine/provenance/installation-key.ts';
import type { Database } from '../store/database.ts';
import { startLog } from '../store/log-chain-start.ts';

/** Resolves to the installation's `log` key. What is not as it should be is said in the bot's own log, and kept for the audit. */
export async function openUsageLog(db: Database, folder: string, log: Logger): Promise<Uint8Array> {
  const isNewKey = await access(join(folder, 'log.key')).then(
    () => false,
    () => true,
  );
  const key = await openInstallationKey(folder, 'log');
  const start = await startLog(db, key, { isNewKey });
  if (start === 'gone') log.error('the head of the usage log is gone: see what `lumiere audit` finds');
  return key;
}
