/** Who acts and where, as Discord says with the interaction. Checked here as well as by Discord: a client may be changed. */
import { type BaseInteraction, PermissionFlagsBits } from 'discord.js';

import type { Moderates } from '../policy/asking.ts';

export interface Asker {
  readonly id: string;
  readonly guildId: string | null;
  /** Role ids; empty in direct messages. */
  readonly roles: readonly string[];
  readonly channelId: string | null;
  /** Where they may delete other people's messages, and with that stop other people's restorations. */
  readonly moderates: Moderates;
}

export function askerOf(interaction: BaseInteraction): Asker {
  return {
    id: interaction.user.id,
    guildId: interaction.guildId,
    roles: rolesOf(interaction),
    channelId: interaction.channelId,
    moderates: moderatesOf(interaction),
  };
}

/** What comes with the interaction holds for its channel; what holds everywhere is what the roles themselves give. */
function moderatesOf(interaction: BaseInteraction): Moderates {
  const needed = PermissionFlagsBits.ManageMessages;
  if (interaction.inCachedGuild() && interaction.member.permissions.has(needed)) return 'guild';
  return interaction.memberPermissions?.has(needed) === true ? 'channel' : 'nothing';
}

function rolesOf(interaction: BaseInteraction): readonly string[] {
  if (interaction.inCachedGuild()) return [...interaction.member.roles.cache.keys()];
  return interaction.inRawGuild() ? interaction.member.roles : [];
}
