/** What exists on the server: users, guilds, roles, channels. Plain records; `world.ts` makes and finds them. */

export interface User {
  readonly id: string;
  readonly username: string;
  readonly bot: boolean;
  /** As Discord writes locales: `en-US`, `fr`, `it`. */
  locale: string;
  /** Whether bots may write to them. */
  acceptsDirectMessages: boolean;
  /** Largest upload their own subscription allows, in bytes. */
  uploadLimit: number;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
}

/** What a role or a user may or may not do in one channel, over what their roles say. */
export interface Overwrite {
  readonly id: string;
  readonly type: 'role' | 'user';
  allow: bigint;
  deny: bigint;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'text' | 'direct';
  /** The guild of a text channel. */
  readonly guildId?: string;
  /** The person that the bot writes to in a direct channel. */
  readonly recipientId?: string;
  readonly overwrites: Map<string, Overwrite>;
  isAgeRestricted: boolean;
}

export interface GuildMember {
  readonly userId: string;
  readonly roleIds: string[];
  readonly joinedAt: number;
}

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  locale: string;
  /** 0 to 3: what the guild's boosts have bought. */
  boostTier: 0 | 1 | 2 | 3;
  readonly roles: Map<string, Role>;
  readonly members: Map<string, GuildMember>;
  readonly channelIds: Set<string>;
}

const MEBIBYTE = 1024 * 1024;

/** Bytes a file may have in a guild, by boost tier. */
export const guildUploadLimit = (tier: Guild['boostTier']): number => [10, 10, 50, 100][tier]! * MEBIBYTE;

/** Bytes a file may have where nobody has paid for more. */
export const DEFAULT_UPLOAD_LIMIT = 10 * MEBIBYTE;
