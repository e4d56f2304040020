/**
 * What is written down does not stay for good: requests, moderators' actions, agreements and members go after their time, and
 * everything of a guild some days after the bot left it. A few rows at a time, so that nobody waits for it; the chain of the
 * usage log keeps account of what went (src/store/purge.ts).
 */
import { setImmediate } from 'node:timers/promises';

import { type Database, inTransaction } from './database.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import { namesOf } from './log-chain.ts';
import { feedKey } from './feed-place.ts';
import { purge, type PurgeReason, shortenChain } from './purge.ts';
import { activeStates } from './request-states.ts';
import { quotaWindowMs } from './quotas.ts';
import { newRequestId } from './request-id.ts';
import type { Consent } from './rows.ts';

export interface RetentionOptions {
  readonly now: Date;
  /** The installation's `log` key. */
  readonly key: Uint8Array;
  /** How long rows of the log are kept; a guild may shorten it. */
  readonly logDays: number;
  /** How long after the bot left a guild its rows go. */
  readonly guildDays: number;
  readonly signal?: AbortSignal;
}

export interface Retained {
  readonly requests: number;
  readonly actions: number;
  readonly consents: number;
  readonly guilds: number;
}

/** Rows of a transaction: each request brings about ten others with it. */
const requestsAtOnce = 20;
const rowsAtOnce = 100;
const dayMs = 24 * 3_600_000;

/** Removes whatever has had its time. Safe to interrupt and to run twice at once. */
export async function sweepRetention(db: Database, options: RetentionOptions): Promise<Retained> {
  const { now, key, logDays, guildDays, signal } = options;
  const why = { actor: 'bot', now, key, ...(signal !== undefined && { signal }) };
  const before = (days: number): Date => new Date(now.getTime() - days * dayMs);
  let guilds = 0;
  const left = await db.guildSettings.findMany({ where: { leftAt: { lte: before(guildDays) } } });
  for (const { guildId } of left) if (await purgeGuild(db, guildId, why)) guilds++;
  const shorter = await db.guildSettings.findMany({ where: { logRetentionDays: { lt: logDays } } });
  const kept = [
    { where: {}, createdBefore: before(logDays) },
    ...shorter.map(({ guildId, logRetentionDays }) => ({
      where: { guildId },
      createdBefore: before(logRetentionDays ?? logDays),
    })),
  ];
  let requests = 0;
  let actions = 0;
  for (const { where, createdBefore } of kept) {
    const expired = { ...why, reason: 'retention' };
    requests += await purgeRequests(db, { ...where, createdBefore }, expired);
    actions += await purgeActions(db, where, createdBefore, expired);
  }
  const ended = endedBefore(before(logDays));
  const consents = await purgeConsents(db, ended, { ...why, reason: 'retention' });
  await db.quotaReservation.deleteMany({
    where: {
      createdAt: { lt: new Date(now.getTime() - 2 * quotaWindowMs) },
      request: { state: { notIn: [...activeStates] } },
    },
  });
  await db.block.deleteMany({ where: { liftedAt: { lt: before(logDays) } } });
  await db.user.deleteMany({ where: { seenAt: { lt: before(logDays) } } });
  await shortenChain(db, why);
  return { requests, actions, consents, guilds };
}

type Why = PurgeReason & { readonly signal?: AbortSignal };

/**
 * Results that are shown, or were, and to which somebody agreed who may still take that back: only their rows say which messages
 * are to be deleted then. Nobody takes back what was declared of an artwork or an outsider.
 */
const canBeTakenBack = (now: Date): Prisma.RequestWhereInput => {
  const holds: Prisma.ConsentWhereInput = {
    ...{ state: 'given', subjectId: { not: null }, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
  };
  return {
    state: { in: ['held', 'delivered', 'kept'] },
    OR: [{ consent: holds }, { madeFrom: { consent: holds } }],
  };
};

/**
 * Removes requests that have ended, with all that belongs to them: those older than a time, or of a guild, or both. Their
 * files go with the next sweep. One whose messages are still to be taken away stays until they are, and one whose time is over
 * as long as the agreement to it. Resolves to how many.
 */
export async function purgeRequests(
  db: Database,
  which: { readonly createdBefore?: Date; readonly guildId?: string },
  why: Why,
): Promise<number> {
  const { createdBefore, guildId } = which;
  if (createdBefore === undefined && guildId === undefined) throw new Error('a purge of everything is not offered');
  const where: Prisma.RequestWhereInput = {
    state: { notIn: [...activeStates, 'delivering'] },
    NOT: [{ removal: { state: 'waiting' } }, ...(createdBefore === undefined ? [] : [canBeTakenBack(why.now)])],
    ...(createdBefore === undefined ? {} : { createdAt: { lt: createdBefore } }),
    // Ids sort by time: where no guild is named, the oldest are found without a look at all the others.
    ...(guildId === undefined ? { id: { lt: newRequestId((createdBefore?.getTime() ?? 0) + 1) } } : { guildId }),
  };
  const orderBy = guildId === undefined ? { id: 'asc' as const } : { createdAt: 'asc' as const };
  return inPortions(why, async () => {
    const rows = await db.request.findMany({ where, orderBy, take: requestsAtOnce, select: { id: true } });
    if (rows.length === 0) return 0;
    return purge(db, why, async (tx, chain) => {
      const still = await tx.request.findMany({ where: { AND: where, id: { in: idsOf(rows) } }, select: { id: true } });
      const ids = idsOf(still); // one of them may have moved on meanwhile
      const events = await tx.requestEvent.findMany({ where: { requestId: { in: ids } }, select: { id: true } });
      await chain.remove('RequestEvent', idsOf(events));
      return (await tx.request.deleteMany({ where: { id: { in: ids } } })).count;
    });
  });
}

/** @param before absent: all. They are numbered as time goes, so the oldest are looked at and no others. */
async function purgeActions(
  db: Database,
  where: { readonly guildId?: string },
  before: Date | undefined,
  why: Why,
): Promise<number> {
  return inPortions(why, async () => {
    const orderBy = where.guildId === undefined ? { id: 'asc' as const } : { at: 'asc' as const };
    const oldest = await db.moderatorAction.findMany({
      where,
      orderBy,
      take: rowsAtOnce,
      select: { id: true, at: true },
    });
    const ids = idsOf(oldest.filter(({ at }) => before === undefined || at < before));
    if (ids.length === 0) return 0;
    return purge(db, why, async (tx, chain) => {
      await chain.remove('ModeratorAction', ids);
      return (await tx.moderatorAction.deleteMany({ where: { id: { in: ids } } })).count;
    });
  });
}

/** Those that a request still refers to stay as long as it does. With an agreement goes the refusal that it ended. */
async function purgeConsents(db: Database, which: Prisma.ConsentWhereInput, why: Why): Promise<number> {
  const free = { requests: { none: {} } };
  const where = { ...which, ...free };
  return inPortions(why, async () => {
    const rows = await db.consent.findMany({ where, take: requestsAtOnce, select: { id: true } });
    if (rows.length === 0) return 0;
    return purge(db, why, async (tx, chain) => {
      const still = await tx.consent.findMany({ where: { ...where, id: { in: idsOf(rows) } } });
      const gone = new Set(idsOf(still));
      for (const consent of still) {
        const refusals = await tx.consent.findMany({ where: { ...endedBy(consent, why.key), ...free } });
        for (const { id } of refusals) gone.add(id);
      }
      const ids = [...gone];
      const events = await tx.consentEvent.findMany({ where: { consentId: { in: ids } }, select: { id: true } });
      await chain.remove('ConsentEvent', idsOf(events));
      return (await tx.consent.deleteMany({ where: { id: { in: ids } } })).count;
    });
  });
}

/**
 * Refusals for good that are over since this agreement was given (consent-lookups.ts `standingConsent`), under any name of the
 * two: left behind, they would be the last word again.
 */
function endedBy({ kind, scope, subjectId, decidedAt, ...given }: Consent, key: Uint8Array): Prisma.ConsentWhereInput {
  if (kind !== 'member' || scope !== 'requester' || subjectId === null || decidedAt === null) return { id: { in: [] } };
  return {
    subjectId: { in: namesOf(key, subjectId) },
    requesterId: { in: namesOf(key, given.requesterId) },
    ...{ guildId: given.guildId, kind, scope, state: 'refused', decidedAt: { lt: decidedAt } },
  };
}

/**
 * Over for so long. A member who does not want to be asked by somebody any more is not asked again because time has passed:
 * such a refusal goes with an agreement that they gave later.
 */
function endedBefore(time: Date): Prisma.ConsentWhereInput {
  return {
    OR: [
      { state: 'given', expiresAt: { lt: time } },
      { state: 'revoked', revokedAt: { lt: time } },
      { state: 'refused', scope: 'photo', decidedAt: { lt: time } },
      { state: { in: ['expired', 'asked'] }, askedAt: { lt: time } },
    ],
  };
}

/** Everything of a guild that the bot left. False while something of it is still under way. */
async function purgeGuild(db: Database, guildId: string, parts: Omit<Why, 'reason'>): Promise<boolean> {
  const why = { ...parts, reason: 'guild left' };
  await purgeRequests(db, { guildId }, why);
  if ((await db.request.count({ where: { guildId } })) > 0) return false;
  await purgeConsents(db, { guildId }, why);
  await purgeActions(db, { guildId }, undefined, why);
  await db.block.deleteMany({ where: { guildId } });
  return inTransaction(db, async (tx) => {
    // The bot may be back by now: then what it is told from here on stays.
    const { count } = await tx.guildSettings.deleteMany({ where: { guildId, leftAt: { not: null } } });
    if (count > 0) await tx.installationValue.deleteMany({ where: { key: feedKey(guildId) } });
    return count > 0;
  });
}

const idsOf = <Id>(rows: readonly { readonly id: Id }[]): Id[] => rows.map(({ id }) => id);

/** Repeats until a portion is empty; what else waits for the database goes between. */
async function inPortions({ signal }: Why, portion: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (;;) {
    if (signal?.aborted === true) return sum;
    const count = await portion();
    if (count === 0) return sum;
    sum += count;
    await setImmediate();
  }
}
