/** The limits that hold where something is asked, and for whom. */
import type { BotServices } from '../discord/command.ts';
import { type Limits, limitsFor } from '../policy/limits.ts';
import { readRoleQuotas } from '../policy/role-quotas.ts';
import { guildSettings } from '../store/guild-settings.ts';

/** @param roles of the member that they are for; none gives what holds for everybody. */
export async function limitsIn(
  { db, limits }: Pick<BotServices, 'db' | 'limits'>,
  guildId: string | null,
  roles: readonly string[] = [],
): Promise<Limits> {
  return limitsFor(limits, guildId === null ? undefined : await guildSettings(db, guildId), roles);
}

/**
 * The limits for whoever asked for a request, whoever acts now. Their roles are asked of Discord where the guild gives quotas to
 * any; where Discord does not say, what holds for everybody does.
 */
export async function limitsOfRequester(
  { db, limits, client }: Pick<BotServices, 'db' | 'limits' | 'client'>,
  { guildId, requesterId }: { readonly guildId: string | null; readonly requesterId: string },
): Promise<Limits> {
  const settings = guildId === null ? undefined : await guildSettings(db, guildId);
  if (guildId === null || readRoleQuotas(settings?.roleQuotas).length === 0) return limitsFor(limits, settings);
  const guild = client.guilds.cache.get(guildId);
  const member = await guild?.members.fetch(requesterId).catch(() => undefined);
  return limitsFor(limits, settings, member === undefined ? [] : [...member.roles.cache.keys()]);
}
