/**
 * Who may ask for work, and who may stop it: pure decisions over facts that the caller has gathered. Each says why not, with
 * what the sentence needs, or nothing when all is well. What costs least to find out comes first, and nothing is downloaded
 * before `refuseAsking` has nothing to say.
 */
import type { Command } from '../store/rows.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

/** Where a member has a moderator's rights: by their roles everywhere, or by a channel's own settings there only. */
export type Moderates = 'guild' | 'channel' | 'nothing';

/** Whether a channel is for adults, as far as it can be known: not every thread is told to a bot. */
export type ChannelAge = 'restricted' | 'open' | 'unknown';

/** A file as Discord describes it. */
export interface ClaimedFile {
  readonly bytes: number;
  readonly contentType?: string | undefined;
}

/** What is known of the one who asks, wherever they do. */
export interface MemberFacts {
  readonly command: Command;
  /** Where the member is blocked, if anywhere. */
  readonly blocked?: 'here' | 'everywhere' | undefined;
  /** Role ids of the member in the guild; empty in direct messages. */
  readonly roles: readonly string[];
  /** Role ids that may use the command; none named means everybody. */
  readonly allowedRoles: readonly string[];
  /** A moderator of the whole guild needs no role. */
  readonly moderates: Moderates;
}

/** Role ids as they stand in a guild's settings; what is no list of ids lets everybody in. */
export function readRoleIds(stored: unknown): readonly string[] {
  return Array.isArray(stored) ? stored.filter((id): id is string => typeof id === 'string') : [];
}

/** What is known of the channel in which something is asked for, or is to be shown. */
export interface PlaceFacts {
  readonly command: Command;
  /** Whether the guild wants all of it in age-restricted channels. */
  readonly ageRestrictedOnly: boolean;
  readonly channelAge: ChannelAge;
}

/** What is known without touching the files. */
export interface AskingFacts extends MemberFacts, PlaceFacts {
  /** What the bot would need in the channel and has not, by the names of discord.js (`AttachFiles`). */
  readonly lackingPermissions: readonly string[];
  /** What the command itself has against what was asked: see restore-policy.ts and animate-policy.ts. */
  readonly unfit?: Refusal | undefined;
  /** Requests of this member that wait or run. */
  readonly openOfMember: number;
  /** Requests of everybody that wait. */
  readonly waiting: number;
  /** Bytes that the media store still takes. */
  readonly room: number;
  readonly claimed: readonly ClaimedFile[];
}

/** Whether this member may ask for it at all; once more when they answer what they were asked. */
export function refuseMember(facts: MemberFacts): Refusal | undefined {
  const { command, blocked, roles, allowedRoles, moderates } = facts;
  if (blocked !== undefined) return new Refusal(`refusal.blocked-${blocked}`);
  if (allowedRoles.length > 0 && moderates !== 'guild' && !allowedRoles.some((role) => roles.includes(role))) {
    return new Refusal('refusal.role-needed', { command, roles: allowedRoles.map((role) => `<@&${role}>`) });
  }
  return undefined;
}

/** Whether the channel may have it. One of which nothing is known may be either kind: it counts as the one that may not. */
export function refusePlace(
  { command, ageRestrictedOnly, channelAge }: PlaceFacts,
  { ageRestrictedChannels }: Pick<Limits, 'ageRestrictedChannels'>,
): Refusal | undefined {
  const isForAdultsOnly = ageRestrictedOnly;
  const isForEverybodyOnly = command === 'animate' && !ageRestrictedChannels;
  if (!isForAdultsOnly && !isForEverybodyOnly) return undefined;
  if (channelAge === 'unknown') return new Refusal('refusal.channel-unknown');
  if (isForAdultsOnly && channelAge === 'open') return new Refusal('refusal.age-restricted-only');
  if (isForEverybodyOnly && channelAge === 'restricted') return new Refusal('refusal.age-restricted-channel');
  return undefined;
}

export function refuseAsking(facts: AskingFacts, limits: Limits): Refusal | undefined {
  const { lackingPermissions, openOfMember, waiting, claimed } = facts;
  const notHere = refuseMember(facts) ?? refusePlace(facts, limits);
  if (notHere !== undefined) return notHere;
  if (lackingPermissions.length > 0) {
    return new Refusal('refusal.bot-lacks-permission', { permissions: lackingPermissions });
  }
  if (facts.unfit !== undefined) return facts.unfit;
  const largest = Math.max(0, ...claimed.map(({ bytes }) => bytes));
  if (largest > limits.maxInputBytes) return tooLarge(largest, limits);
  if (openOfMember >= limits.maxOpenPerUser) {
    return new Refusal('refusal.too-many-open', { open: openOfMember, limit: limits.maxOpenPerUser });
  }
  if (waiting >= limits.maxWaiting) {
    return new Refusal('refusal.queue-full', { waiting, limit: limits.maxWaiting });
  }
  if (claimed.reduce((sum, { bytes }) => sum + bytes, 0) >= facts.room) return new Refusal('refusal.store-full');
  return undefined;
}

/**
 * Whether a member asked too often within 24 hours, whatever became of it: files are fetched and photographs looked at before a
 * request has its place in the quotas.
 * @param times when each was taken in, the oldest first; as many as the limit are enough.
 */
export function refuseTries(times: readonly Date[], { userTriesPerDay: limit }: Limits): Refusal | undefined {
  const [oldest] = times.slice(-limit);
  if (times.length < limit || oldest === undefined) return undefined;
  return new Refusal('refusal.too-many-tries', { limit, freesAt: new Date(oldest.getTime() + 24 * 3_600_000) });
}

export function tooLarge(bytes: number, limits: Limits): Refusal {
  return new Refusal('refusal.file-too-large', { bytes, limit: limits.maxInputBytes });
}

/** Whether a member may stop a request: their own, or as a moderator one of this guild, or of this channel. */
export function mayHandle(
  request: { readonly requesterId: string; readonly guildId: string | null; readonly channelId: string },
  member: {
    readonly id: string;
    readonly guildId: string | null;
    readonly channelId: string | null;
    readonly moderates: Moderates;
  },
): boolean {
  if (request.requesterId === member.id) return true;
  if (request.guildId === null || request.guildId !== member.guildId) return false;
  return member.moderates === 'guild' || (member.moderates === 'channel' && request.channelId === member.channelId);
}
