/** Whether somebody is kept from what costs work: here, everywhere, or not at all. */
import { findUserBlock } from '../store/blocks.ts';
import { pseudonymOf } from '../store/log-chain.ts';
import type { Database } from '../store/database.ts';
import type { Asker } from './asker.ts';

export async function blockOf(
  { id, guildId }: Pick<Asker, 'id' | 'guildId'>,
  { db, logKey }: { readonly db: Database; readonly logKey: Uint8Array },
): Promise<'here' | 'everywhere' | undefined> {
  const block = await findUserBlock(db, { userId: id, guildId: guildId ?? undefined, alias: pseudonymOf(logKey, id) });
  if (block === undefined) return undefined;
  return block.guildId === null ? 'everywhere' : 'here';
}
