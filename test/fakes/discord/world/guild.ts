/** A guild as a test builds and changes it; the gateway tells the bot of every change. */
import type { State } from '../state.ts';
import { createMember, type Member } from '../member/member.ts';
import { describeGuild, describeGuildCreate, describeRole, describeTextChannel } from './describe.ts';
import type { Channel, Guild, Overwrite, Role } from './model.ts';

export interface MemberOptions {
  /** As Discord writes locales; `en-US` by default. */
  readonly locale?: string;
  readonly roles?: readonly Role[];
  /** Largest upload their own subscription allows, in bytes; 10 MiB by default. */
  readonly uploadLimit?: number;
}

export interface GuildFixture {
  readonly id: string;
  readonly guild: Guild;
  /** The channel of that name, made when first asked for. */
  readonly channel: (name: string) => Channel;
  readonly role: (name: string, ...permissions: readonly bigint[]) => Role;
  /** Somebody who joins, standing in the guild's first channel. The same name in two guilds is the same person. */
  readonly member: (name: string, options?: MemberOptions) => Member;
  /** Takes permissions from the bot in one channel. */
  readonly botMayNot: (channel: Channel, ...permissions: readonly bigint[]) => void;
  /** Gives them back. */
  readonly botMay: (channel: Channel, ...permissions: readonly bigint[]) => void;
  readonly setAgeRestricted: (channel: Channel, isAgeRestricted: boolean) => void;
  readonly setBoostTier: (tier: Guild['boostTier']) => void;
  /** Somebody throws the bot out. */
  readonly removeBot: () => void;
  /** A member leaves, or is banned. The bot is told of neither: it does not ask for that intent. */
  readonly removeMember: (id: string) => void;
}

const together = (permissions: readonly bigint[]): bigint => permissions.reduce((all, one) => all | one, 0n);

export function createGuildFixture(state: State, guild: Guild): GuildFixture {
  const { world } = state;
  const channel: GuildFixture['channel'] = (name) => {
    const known = [...guild.channelIds].map((id) => world.channel(id)).find((one) => one.name === name);
    if (known) return known;
    const made = world.addChannel(guild, name);
    state.dispatch('CHANNEL_CREATE', describeTextChannel(made, guild.id));
    return made;
  };
  const changeBot = (where: Channel, change: (overwrite: Overwrite) => void): void => {
    const botId = world.bot.id;
    const overwrite: Overwrite = where.overwrites.get(botId) ?? { id: botId, type: 'user', allow: 0n, deny: 0n };
    change(overwrite);
    where.overwrites.set(botId, overwrite);
    state.dispatch('CHANNEL_UPDATE', describeTextChannel(where, guild.id));
  };
  return {
    id: guild.id,
    guild,
    channel,
    role: (name, ...permissions) => {
      const role = world.addRole(guild, name, together(permissions));
      state.dispatch('GUILD_ROLE_CREATE', { guild_id: guild.id, role: describeRole(role, guild.roles.size) });
      return role;
    },
    member: (name, { locale = 'en-US', roles = [], uploadLimit } = {}) => {
      const known = [...world.users.values()].find(({ username }) => username === name);
      const user = known ?? world.addUser(name, locale);
      if (uploadLimit !== undefined) user.uploadLimit = uploadLimit;
      world.join(
        guild,
        user.id,
        roles.map(({ id }) => id),
      );
      const [first] = guild.channelIds;
      return createMember(state, user, first === undefined ? channel('general') : world.channel(first));
    },
    botMayNot: (where, ...permissions) => {
      changeBot(where, (overwrite) => {
        overwrite.deny |= together(permissions);
      });
    },
    botMay: (where, ...permissions) => {
      changeBot(where, (overwrite) => {
        overwrite.deny &= ~together(permissions);
      });
    },
    setAgeRestricted: (where, isAgeRestricted) => {
      where.isAgeRestricted = isAgeRestricted;
      state.dispatch('CHANNEL_UPDATE', describeTextChannel(where, guild.id));
    },
    setBoostTier: (tier) => {
      guild.boostTier = tier;
      state.dispatch('GUILD_UPDATE', describeGuild(guild));
    },
    removeMember: (id) => {
      guild.members.delete(id);
    },
    removeBot: () => {
      guild.members.delete(world.bot.id);
      state.dispatch('GUILD_DELETE', { id: guild.id });
    },
  };
}

/** Makes a guild and tells the bot that it was invited. */
export function addGuild(
  state: State,
  name: string,
  options: { readonly locale?: string; readonly boostTier?: Guild['boostTier'] },
): GuildFixture {
  const { locale = 'en-US', boostTier = 0 } = options;
  const guild = state.world.addGuild(name, { locale, boostTier });
  state.dispatch('GUILD_CREATE', describeGuildCreate(state.world, guild));
  return createGuildFixture(state, guild);
}
