/** Makes and finds users, guilds and channels. Refuses what does not exist with the codes Discord uses. */
import { PermissionFlagsBits } from 'discord.js';
import type { Clock } from '../clock.ts';
import { apiErrors, Refusal } from '../errors.ts';
import { type Channel, DEFAULT_UPLOAD_LIMIT, type Guild, type GuildMember, type Role, type User } from './model.ts';

/** What everybody may do in a new guild. */
export const DEFAULT_PERMISSIONS =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.ReadMessageHistory |
  PermissionFlagsBits.UseApplicationCommands |
  PermissionFlagsBits.UseExternalApps;

export interface World {
  readonly bot: User;
  readonly users: ReadonlyMap<string, User>;
  readonly guilds: ReadonlyMap<string, Guild>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly addUser: (username: string, locale: string) => User;
  readonly addGuild: (name: string, options: { locale: string; boostTier: Guild['boostTier'] }) => Guild;
  readonly addRole: (guild: Guild, name: string, permissions: bigint) => Role;
  readonly addChannel: (guild: Guild, name: string) => Channel;
  readonly join: (guild: Guild, userId: string, roleIds: readonly string[]) => GuildMember;
  readonly removeGuild: (guildId: string) => void;
  /** The direct channel with a user, made when first asked for. */
  readonly directChannel: (userId: string) => Channel;
  /** @throws Refusal 10004 */
  readonly guild: (id: string) => Guild;
  /** @throws Refusal 10003 */
  readonly channel: (id: string) => Channel;
  /** @throws Refusal 10013 */
  readonly user: (id: string) => User;
  /** @throws Refusal 10007 */
  readonly member: (guildId: string, userId: string) => GuildMember;
}

function found<T>(value: T | undefined, error: ConstructorParameters<typeof Refusal>[0]): T {
  if (value === undefined) throw new Refusal(error);
  return value;
}

/** @param botId the application's id, which is its bot user's id as well. */
export function createWorld(clock: Clock, nextId: () => string, botId: string): World {
  const users = new Map<string, User>();
  const guilds = new Map<string, Guild>();
  const channels = new Map<string, Channel>();

  const enter = (id: string, username: string, bot: boolean, locale: string): User => {
    const user: User = { id, username, bot, locale, acceptsDirectMessages: true, uploadLimit: DEFAULT_UPLOAD_LIMIT };
    users.set(id, user);
    return user;
  };
  const bot = enter(botId, 'lumiere', true, 'en-US');

  const join: World['join'] = (guild, userId, roleIds) => {
    const member: GuildMember = { userId, roleIds: [...roleIds], joinedAt: clock.now() };
    guild.members.set(userId, member);
    return member;
  };
  const addRole: World['addRole'] = (guild, name, permissions) => {
    const role: Role = { id: nextId(), name, permissions };
    guild.roles.set(role.id, role);
    return role;
  };
  const addChannel: World['addChannel'] = (guild, name) => {
    const channel: Channel = {
      id: nextId(),
      name,
      kind: 'text',
      guildId: guild.id,
      overwrites: new Map(),
      isAgeRestricted: false,
    };
    channels.set(channel.id, channel);
    guild.channelIds.add(channel.id);
    return channel;
  };

  return {
    bot,
    users,
    guilds,
    channels,
    addUser: (username, locale) => enter(nextId(), username, false, locale),
    addGuild: (name, { locale, boostTier }) => {
      const id = nextId();
      const owner = enter(nextId(), `owner-of-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`, false, locale);
      const guild: Guild = {
        id,
        name,
        ownerId: owner.id,
        locale,
        boostTier,
        // The role that everybody has carries the guild's own id.
        roles: new Map([[id, { id, name: '@everyone', permissions: DEFAULT_PERMISSIONS }]]),
        members: new Map(),
        channelIds: new Set(),
      };
      guilds.set(id, guild);
      join(guild, owner.id, []);
      join(guild, bot.id, []);
      return guild;
    },
    addRole,
    addChannel,
    join,
    removeGuild: (guildId) => {
      for (const id of guilds.get(guildId)?.channelIds ?? []) channels.delete(id);
      guilds.delete(guildId);
    },
    directChannel: (userId) => {
      const known = [...channels.values()].find(({ recipientId }) => recipientId === userId);
      if (known) return known;
      const channel: Channel = {
        id: nextId(),
        name: '',
        kind: 'direct',
        recipientId: userId,
        overwrites: new Map(),
        isAgeRestricted: false,
      };
      channels.set(channel.id, channel);
      return channel;
    },
    guild: (id) => found(guilds.get(id), apiErrors.unknownGuild),
    channel: (id) => found(channels.get(id), apiErrors.unknownChannel),
    user: (id) => found(users.get(id), apiErrors.unknownUser),
    member: (guildId, userId) =>
      found(found(guilds.get(guildId), apiErrors.unknownGuild).members.get(userId), apiErrors.unknownMember),
  };
}
