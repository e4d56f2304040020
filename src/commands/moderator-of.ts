/**
 * Whether somebody moderates the guild they stand in. Discord offers these commands to moderators alone, which a guild can
 * change and a made-up interaction or an old button goes round: so every handler asks here first.
 */
import { type BaseInteraction, PermissionFlagsBits } from 'discord.js';

import { Refusal } from '../policy/refusal.ts';

export interface Moderator {
  readonly moderatorId: string;
  readonly guildId: string;
}

/** Any of them is enough. None can be given by a channel's own settings: they hold in the whole guild. */
const enough = [
  PermissionFlagsBits.ModerateMembers,
  PermissionFlagsBits.ManageGuild,
  PermissionFlagsBits.Administrator,
] as const;

/**
 * Who acts and in which guild, by the rights that Discord says with the interaction itself.
 * @throws Refusal `refusal.moderators-only` for everybody else, and in direct messages.
 */
export function moderatorOf(interaction: BaseInteraction): Moderator {
  const moderator = moderatorIn(interaction);
  if (moderator === undefined) throw new Refusal('refusal.moderators-only');
  return moderator;
}

/** The same, undefined for everybody else: for choices under what is being typed, where nothing can be said. */
export function moderatorIn({ guildId, memberPermissions, user }: BaseInteraction): Moderator | undefined {
  if (guildId === null || !memberPermissions?.any([...enough])) return undefined;
  return { moderatorId: user.id, guildId };
}

/**
 * The same for what a guild's managers alone may do, such as changing its settings: ManageGuild or Administrator.
 * @throws Refusal `refusal.managers-only`
 */
export function managerOf(interaction: BaseInteraction): Moderator {
  const { guildId, memberPermissions, user } = interaction;
  if (guildId === null || memberPermissions?.has(PermissionFlagsBits.ManageGuild) !== true) {
    throw new Refusal('refusal.managers-only');
  }
  return { moderatorId: user.id, guildId };
}
