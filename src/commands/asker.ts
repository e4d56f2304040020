/** Who acts and where, as Discord says with the interaction. Checked here as well as by Discord: a client may be changed. */
import { type BaseInteraction, PermissionFlagsBits } from 'discord.js';

export interface Asker {
  readonly id: string;
  readonly guildId: string | null;
  /** Role ids; empty in direct messages. */
  readonly roles: readonly string[];
  /** May delete other people's messages in the channel: then they may stop other people's restorations too. */
  readonly isModerator: boolean;
  readonly channelIsAgeRestricted: boolean;
}

export function askerOf(interaction: BaseInteraction): Asker {
  return {
    id: interaction.user.id,
    guildId: interaction.guildId,
    roles: rolesOf(interaction),
    isModerator: interaction.memberPermissions?.has(PermissionFlagsBits.ManageMessages) ?? false,
    channelIsAgeRestricted: isAgeRestricted(interaction),
  };
}

function rolesOf(interaction: BaseInteraction): readonly string[] {
  if (interaction.inCachedGuild()) return [...interaction.member.roles.cache.keys()];
  return interaction.inRawGuild() ? interaction.member.roles : [];
}

function isAgeRestricted({ channel }: BaseInteraction): boolean {
  // A thread is as its channel is.
  const place = channel?.isThread() ? channel.parent : channel;
  return place !== null && 'nsfw' in place && place.nsfw;
}
