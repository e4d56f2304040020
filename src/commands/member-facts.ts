/** What decides whether a member may ask for a command at all: where they are blocked, and which roles are let in. */
import { PermissionFlagsBits } from 'discord.js';

import type { BotServices } from '../discord/command.ts';
import { type MemberFacts, readRoleIds } from '../policy/asking.ts';
import type { Database } from '../store/database.ts';
import { guildSettings } from '../store/guild-settings.ts';
import type { Command, GuildSettings, Request } from '../store/rows.ts';
import type { Asker } from './asker.ts';
import { blockOf } from './block-of.ts';

export async function memberFacts(
  asker: Asker,
  command: Command,
  settings: Pick<GuildSettings, 'restoreRoles' | 'animateRoles'> | undefined,
  services: { readonly db: Database; readonly logKey: Uint8Array },
): Promise<MemberFacts> {
  return {
    command,
    blocked: await blockOf(asker, services),
    roles: asker.roles,
    allowedRoles: readRoleIds(command === 'restore' ? settings?.restoreRoles : settings?.animateRoles),
    moderates: asker.moderates,
  };
}

/**
 * The same of whoever asked for a request, when somebody else lets it go on. Their roles are asked of Discord where the guild
 * names any; who is not there any more has none.
 */
export async function factsOfRequester(
  { requesterId, guildId, command }: Pick<Request, 'requesterId' | 'guildId' | 'command'>,
  services: Pick<BotServices, 'db' | 'client' | 'logKey'>,
): Promise<MemberFacts> {
  const { db, client } = services;
  const settings = guildId === null ? undefined : await guildSettings(db, guildId);
  const nobody = { id: requesterId, guildId, channelId: null, roles: [] } as const;
  const facts = await memberFacts({ ...nobody, moderates: 'nothing' }, command, settings, services);
  if (guildId === null || facts.allowedRoles.length === 0) return facts;
  const member = await client.guilds.cache
    .get(guildId)
    ?.members.fetch(requesterId)
    .catch(() => undefined);
  if (member === undefined) return facts;
  const moderates = member.permissions.has(PermissionFlagsBits.ManageMessages) ? 'guild' : 'nothing';
  return { ...facts, roles: [...member.roles.cache.keys()], moderates };
}
