/**
 * Who may have which clip restored: pure decisions over facts that the caller has gathered. Each says why not, with what
 * the sentence needs, or nothing when all is well. What costs least to find out comes first, and nothing is downloaded
 * before `refuseAsking` has nothing to say.
 */
import type { QuotaLimit, QuotaLimits } from '../store/quotas.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';

/** Where a member has a moderator's rights: by their roles everywhere, or by a channel's own settings there only. */
export type Moderates = 'guild' | 'channel' | 'nothing';

/** What is known without touching the clip. */
export interface AskingFacts {
  /** Where the member is blocked, if anywhere. */
  readonly blocked?: 'here' | 'everywhere' | undefined;
  /** Role ids of the member in the guild; empty in direct messages. */
  readonly roles: readonly string[];
  /** Role ids that may use the command; none named means everybody. */
  readonly allowedRoles: readonly string[];
  /** A moderator of the whole guild needs no role. */
  readonly moderates: Moderates;
  readonly ageRestrictedOnly: boolean;
  readonly channelIsAgeRestricted: boolean;
  /** What the bot would need in the channel and has not, by the names of discord.js (`AttachFiles`). */
  readonly lackingPermissions: readonly string[];
  /** Requests of this member that wait or run. */
  readonly openOfMember: number;
  /** Requests of everybody that wait. */
  readonly waiting: number;
  /** Bytes that the media store still takes. */
  readonly room: number;
  /** What Discord says of the file. */
  readonly claimed: { readonly bytes: number; readonly contentType?: string | undefined };
}

export function refuseAsking(facts: AskingFacts, limits: Limits): Refusal | undefined {
  const { roles, allowedRoles, lackingPermissions, openOfMember, waiting, claimed } = facts;
  if (facts.blocked !== undefined) return new Refusal(`refusal.blocked-${facts.blocked}`);
  if (allowedRoles.length > 0 && facts.moderates !== 'guild' && !allowedRoles.some((role) => roles.includes(role))) {
    return new Refusal('refusal.role-needed', { roles: allowedRoles.map((role) => `<@&${role}>`) });
  }
  if (facts.ageRestrictedOnly && !facts.channelIsAgeRestricted) return new Refusal('refusal.age-restricted-only');
  if (lackingPermissions.length > 0) {
    return new Refusal('refusal.bot-lacks-permission', { permissions: lackingPermissions });
  }
  if (isSurelyNoVideo(claimed.contentType)) return new Refusal('refusal.not-a-video');
  if (claimed.bytes > limits.maxInputBytes) return tooLarge(claimed.bytes, limits);
  if (openOfMember >= limits.maxOpenPerUser) {
    return new Refusal('refusal.too-many-open', { open: openOfMember, limit: limits.maxOpenPerUser });
  }
  if (waiting >= limits.maxWaiting) {
    return new Refusal('refusal.queue-full', { waiting, limit: limits.maxWaiting });
  }
  if (claimed.bytes >= facts.room) return new Refusal('refusal.store-full');
  return undefined;
}

export function tooLarge(bytes: number, limits: Limits): Refusal {
  return new Refusal('refusal.file-too-large', { bytes, limit: limits.maxInputBytes });
}

/** Pictures that can move; what else calls itself a picture stands still. */
const movingPictures: ReadonlySet<string> = new Set([
  'image/gif',
  'image/webp',
  'image/png',
  'image/apng',
  'image/avif',
]);

/** Whole families of files that hold no moving picture. Everything that is not on the list is looked at. */
const neverVideo = /^(image|text|audio|font)\/|^application\/(json|pdf|zip|x-(7z|rar|tar)[\w-]*|gzip)$/;

/**
 * True for what its name already gives away, so that a photograph need not be fetched to be refused. A name that promises
 * a video proves nothing: the bytes are looked at.
 */
export function isSurelyNoVideo(contentType: string | undefined): boolean {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  return type !== undefined && !movingPictures.has(type) && neverVideo.test(type);
}

/** A clip that has been looked at: its length, in seconds. What it costs is the quota's business. */
export function refuseClip({ seconds }: { readonly seconds: number }, limits: Limits): Refusal | undefined {
  // A hair over is an encoder's rounding, not a longer film.
  if (seconds <= limits.maxClipSeconds + 0.5) return undefined;
  return new Refusal('refusal.clip-too-long', { seconds, limit: limits.maxClipSeconds });
}

/** Which allowance is used up, and when enough of it is free again; absent when it never is. */
export interface QuotaUsed {
  readonly limit: QuotaLimit;
  readonly freesAt: Date | undefined;
}

/** @param seconds of compute that the clip is predicted to take; 0 when nothing is known of it yet. */
export function quotaRefusal({ limit, freesAt }: QuotaUsed, limits: Limits, seconds: number): Refusal {
  const allowed = {
    'user-jobs': limits.userJobsPerDay,
    'user-seconds': limits.userComputeSecondsPerDay,
    'guild-jobs': limits.guildJobsPerDay,
    'guild-seconds': limits.guildComputeSecondsPerDay,
  }[limit];
  if (freesAt !== undefined) return new Refusal(`refusal.quota-${limit}`, { limit: allowed, freesAt });
  if (limit.endsWith('-jobs') || allowed <= 0) return new Refusal('refusal.turned-off');
  return new Refusal('refusal.clip-too-costly', { seconds, limit: allowed });
}

/** The limits as the store counts them. */
export function quotaLimits(limits: Limits): QuotaLimits {
  return {
    userJobs: limits.userJobsPerDay,
    userSeconds: limits.userComputeSecondsPerDay,
    guildJobs: limits.guildJobsPerDay,
    guildSeconds: limits.guildComputeSecondsPerDay,
  };
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
