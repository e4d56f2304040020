/**
 * Users, guilds, roles and channels as Discord's API and gateway write them. Plain objects: what is answered over REST
 * is held to the API description, which says more than a type would.
 */
import { ChannelType } from 'discord.js';
import type { Channel, Guild, GuildMember, Role, User } from './model.ts';
import type { World } from './world.ts';

export type ApiObject = Readonly<Record<string, unknown>>;

export const describeUser = (user: User): ApiObject => ({
  id: user.id,
  username: user.username,
  global_name: user.username,
  discriminator: '0',
  avatar: null,
  public_flags: 0,
  flags: 0,
  bot: user.bot,
  primary_guild: null,
});

export const describeRole = (role: Role, position: number): ApiObject => ({
  id: role.id,
  name: role.name,
  permissions: String(role.permissions),
  position,
  color: 0,
  colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
  hoist: false,
  managed: false,
  mentionable: false,
  icon: null,
  unicode_emoji: null,
  flags: 0,
});

export const describeRoles = (guild: Guild): ApiObject[] => [...guild.roles.values()].map(describeRole);

/** A membership without its user, as `resolved.members` holds it. */
export const describeMembership = (member: GuildMember): ApiObject => ({
  nick: null,
  avatar: null,
  banner: null,
  roles: [...member.roleIds],
  joined_at: new Date(member.joinedAt).toISOString(),
  premium_since: null,
  deaf: false,
  mute: false,
  flags: 0,
  pending: false,
  communication_disabled_until: null,
});

export const describeMember = (world: World, member: GuildMember): ApiObject => ({
  user: describeUser(world.user(member.userId)),
  ...describeMembership(member),
});

export function describeTextChannel(channel: Channel, guildId: string): ApiObject {
  return {
    id: channel.id,
    type: ChannelType.GuildText,
    guild_id: guildId,
    name: channel.name,
    position: 0,
    permission_overwrites: [...channel.overwrites.values()].map(({ id, type, allow, deny }) => ({
      id,
      type: type === 'role' ? 0 : 1,
      allow: String(allow),
      deny: String(deny),
    })),
    nsfw: channel.isAgeRestricted,
    topic: null,
    parent_id: null,
    rate_limit_per_user: 0,
    last_message_id: null,
    flags: 0,
  };
}

export function describeDirectChannel(world: World, channel: Channel, recipientId: string): ApiObject {
  return {
    id: channel.id,
    type: ChannelType.DM,
    last_message_id: null,
    recipients: [describeUser(world.user(recipientId))],
    flags: 0,
  };
}

export function describeChannel(world: World, channel: Channel): ApiObject {
  if (channel.guildId !== undefined) return describeTextChannel(channel, channel.guildId);
  if (channel.recipientId !== undefined) return describeDirectChannel(world, channel, channel.recipientId);
  throw new Error(`channel ${channel.id} is of no guild and of no person`);
}

/** The part of a guild that both the REST answer and GUILD_CREATE hold. */
export const describeGuild = (guild: Guild): ApiObject => ({
  id: guild.id,
  name: guild.name,
  icon: null,
  description: null,
  home_header: null,
  splash: null,
  discovery_splash: null,
  features: [],
  banner: null,
  owner_id: guild.ownerId,
  application_id: null,
  region: 'automatic',
  afk_channel_id: null,
  afk_timeout: 300,
  system_channel_id: null,
  system_channel_flags: 0,
  widget_enabled: false,
  widget_channel_id: null,
  verification_level: 0,
  roles: describeRoles(guild),
  default_message_notifications: 0,
  mfa_level: 0,
  explicit_content_filter: 0,
  max_presences: null,
  max_members: 500_000,
  max_stage_video_channel_users: 50,
  max_video_channel_users: 25,
  vanity_url_code: null,
  premium_tier: guild.boostTier,
  premium_subscription_count: 0,
  preferred_locale: guild.locale,
  rules_channel_id: null,
  safety_alerts_channel_id: null,
  public_updates_channel_id: null,
  premium_progress_bar_enabled: false,
  nsfw: false,
  nsfw_level: 0,
  emojis: [],
  stickers: [],
  incidents_data: null,
});

/** GUILD_CREATE: the guild with its channels and, of its members, the bot alone (the others need a privileged intent). */
export function describeGuildCreate(world: World, guild: Guild): ApiObject {
  const bot = guild.members.get(world.bot.id);
  return {
    ...describeGuild(guild),
    joined_at: new Date(bot?.joinedAt ?? 0).toISOString(),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: bot ? [describeMember(world, bot)] : [],
    channels: [...guild.channelIds].map((id) => describeTextChannel(world.channel(id), guild.id)),
    threads: [],
    voice_states: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}
