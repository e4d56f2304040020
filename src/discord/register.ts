/** Tells Discord of the commands, once for each change of their definitions and not once for each start. */
import { createHash } from 'node:crypto';
import { type REST, Routes } from 'discord.js';

import type { Database } from '../store/database.ts';
import { readInstallationValue, writeInstallationValue } from '../store/installation-values.ts';
import type { Command } from './command.ts';

const hashKey = 'commands.sha256';

/** Resolves to whether they were sent. Rejects as the REST client does; then they are sent by the next start. */
export async function registerCommands(options: {
  readonly rest: REST;
  readonly applicationId: string;
  readonly db: Database;
  readonly commands: readonly Command[];
}): Promise<boolean> {
  const { rest, applicationId, db, commands } = options;
  const definitions = commands.flatMap((command) => (command.kind === 'components' ? [] : [command.definition]));
  const hash = createHash('sha256')
    .update(JSON.stringify([applicationId, definitions]))
    .digest('hex');
  if ((await readInstallationValue(db, hashKey)) === hash) return false;
  await rest.put(Routes.applicationCommands(applicationId), { body: definitions });
  await writeInstallationValue(db, hashKey, hash);
  return true;
}
