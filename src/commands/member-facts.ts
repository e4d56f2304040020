/** What decides whether a member may ask for a command at all: where they are blocked, and which roles are let in. */
import { DiscordAPIError, PermissionFlagsBits, RESTJSONErrorCodes } from 'discord.js';

import type { BotServices } from '../discord/command.ts';
import { type MemberFacts, readRoleIds } from '../policy/asking.ts';
import { Refusal } from '../policy/refusal.ts';
import type { Database } from '../store/database.ts';
import { guildSettings } from '../store/guild-settings.ts';
import type { Command, GuildSettings, Request } from '../store/rows.ts';
import type { Asker } from './asker.ts';
import { blockOf } from './block-of.ts';

const isUnknown = (error: unknown): boolean =>
  error instanceof DiscordAPIError &&
  (error.code === RESTJSONErrorCodes.UnknownMember || error.code === RESTJSONErrorCodes.UnknownUser);

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
 * The same of whoever asked for a request, when somebody else lets it go on, maybe a day later: Discord is asked whether they are
 * still there, and for their roles. Where it cannot be asked they have none. Rejects with `refusal.member-gone`.
 */
export async function factsOfRequester(
  { requesterId, guildId, command }: Pick<Request, 'requesterId' | 'guildId' | 'command'>,
  services: Pick<BotServices, 'db' | 'client' | 'logKey'>,
): Promise<MemberFacts> {
  const { db, client } = services;
  const settings = guildId === null ? undefined : await guildSettings(db, guildId);
  const nobody = { id: requesterId, guildId, channelId: null, roles: [] } as const;
  const facts = await memberFacts({ ...nobody, moderates: 'nothing' }, command, settings, services);
  if (guildId === null) return facts;
  const member = await client.guilds.cache
    .get(guildId)
    // What is cached may be older than their leaving.
    ?.members.fetch({ user: requesterId, force: true })
    .catch((error: unknown) => {
      if (isUnknown(error)) throw new Refusal('refusal.member-gone');
      return undefined;
    });
  if (member === undefined) return facts;
  const moderates = member.permissions.has(PermissionFlagsBits.ManageMessages) ? 'guild' : 'nothing';
  return { ...facts, roles: [...member.roles.cache.keys()], moderates };
}
