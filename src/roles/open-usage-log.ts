/** The usage log as the bot opens it: its key, made at the first start, and the beginning of its chain. */
import type { Logger } from 'pino';

import { openInstallationKey, readInstallationKey } from '../engine/provenance/installation-key.ts';
import type { Database } from '../store/database.ts';
import { startLog } from '../store/log-chain-start.ts';

/** Resolves to the installation's `log` key. What is not as it should be is said in the bot's own log, and kept for the audit. */
export async function openUsageLog(db: Database, folder: string, log: Logger): Promise<Uint8Array> {
  const isNewKey = (await readInstallationKey(folder, 'log')) === undefined;
  const key = await openInstallationKey(folder, 'log');
  const start = await startLog(db, key, { isNewKey });
  if (start === 'gone') log.error('the head of the usage log is gone: see what `lumiere audit` finds');
  if (start === 'other-key') {
    log.error(
      'the usage log was sealed with another log.key, or its head was changed: stop the bot and put the right key back, if there is one; what is sealed from here on is under this one',
    );
  }
  return key;
}
