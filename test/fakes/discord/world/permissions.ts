/** What a user may do in a channel: Discord's documented order of roles and channel overwrites. */
import { PermissionFlagsBits } from 'discord.js';
import { apiErrors, Refusal } from '../errors.ts';
import type { Channel } from './model.ts';
import type { World } from './world.ts';

const EVERYTHING = Object.values(PermissionFlagsBits).reduce((all, flag) => all | flag, 0n);

const DIRECT =
  PermissionFlagsBits.ViewChannel |
  PermissionFlagsBits.SendMessages |
  PermissionFlagsBits.EmbedLinks |
  PermissionFlagsBits.AttachFiles |
  PermissionFlagsBits.ReadMessageHistory;

/** Permissions of a user in a guild before any channel has its say. None for somebody who is not a member. */
export function permissionsInGuild(world: World, userId: string, guildId: string): bigint {
  const guild = world.guilds.get(guildId);
  const member = guild?.members.get(userId);
  if (!guild || !member) return 0n;
  if (guild.ownerId === userId) return EVERYTHING;
  const granted = [guildId, ...member.roleIds].reduce((all, id) => all | (guild.roles.get(id)?.permissions ?? 0n), 0n);
  return granted & PermissionFlagsBits.Administrator ? EVERYTHING : granted;
}

/** Permissions of a user in a channel. Without a view of the channel there are none at all. */
export function permissionsIn(world: World, userId: string, channel: Channel): bigint {
  if (channel.guildId === undefined) return channel.recipientId === userId || userId === world.bot.id ? DIRECT : 0n;
  const base = permissionsInGuild(world, userId, channel.guildId);
  if (base === EVERYTHING || base === 0n) return base;
  const roleIds = world.guilds.get(channel.guildId)?.members.get(userId)?.roleIds ?? [];
  const apply = (permissions: bigint, ids: readonly string[]): bigint => {
    const overwrites = ids.flatMap((id) => channel.overwrites.get(id) ?? []);
    const denied = overwrites.reduce((all, { deny }) => all | deny, 0n);
    const allowed = overwrites.reduce((all, { allow }) => all | allow, 0n);
    return (permissions & ~denied) | allowed;
  };
  const permissions = apply(apply(apply(base, [channel.guildId]), roleIds), [userId]);
  return permissions & PermissionFlagsBits.ViewChannel ? permissions : 0n;
}

/** @throws Refusal 50001 when the bot cannot see the channel, 50013 when it lacks one of `needed` there. */
export function requireBotPermissions(world: World, channel: Channel, needed: bigint): void {
  const granted = permissionsIn(world, world.bot.id, channel);
  if (!(granted & PermissionFlagsBits.ViewChannel)) throw new Refusal(apiErrors.missingAccess);
  if ((granted & needed) !== needed) throw new Refusal(apiErrors.missingPermissions);
}
