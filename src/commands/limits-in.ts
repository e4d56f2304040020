/** The limits that hold where something is asked. */
import type { BotServices } from '../discord/command.ts';
import { type Limits, limitsFor } from '../policy/limits.ts';
import { guildSettings } from '../store/guild-settings.ts';

export async function limitsIn(
  { db, limits }: Pick<BotServices, 'db' | 'limits'>,
  guildId: string | null,
): Promise<Limits> {
  return limitsFor(limits, guildId === null ? undefined : await guildSettings(db, guildId));
}
