/** What members can learn about requests and do with them: how many are open, which they may stop, which results are kept. */
import type { Database } from './database.ts';
import { activeStates } from './request-states.ts';
import type { MediaObject, MediaReference, Reply, Request } from './rows.ts';

/** How many requests of a member still ask for work. */
export async function countOpen(db: Database, userId: string): Promise<number> {
  return db.request.count({ where: { requesterId: userId, state: { in: [...activeStates] } } });
}

/** How many requests of everybody wait, those whose clip is being fetched among them. */
export async function countWaiting(db: Database): Promise<number> {
  return db.request.count({ where: { state: { in: ['received', 'waiting'] } } });
}

/** Whose requests: a member's own, and with `guildId` everybody's in that guild too. */
export interface Whose {
  readonly userId: string;
  readonly guildId?: string | undefined;
}

/** Requests that still ask for work, the oldest first. */
export async function openRequests(db: Database, { userId, guildId }: Whose, most: number): Promise<Request[]> {
  return db.request.findMany({
    where: {
      state: { in: [...activeStates] },
      OR: [{ requesterId: userId }, ...(guildId === undefined ? [] : [{ guildId }])],
    },
    orderBy: { createdAt: 'asc' },
    take: most,
  });
}

/** A member's results that can still be had, the newest first. What a moderator holds or removed is not among them. */
export async function keptResults(db: Database, userId: string, now: Date, most: number): Promise<Request[]> {
  return db.request.findMany({
    where: {
      requesterId: userId,
      state: { in: ['delivering', 'delivered', 'kept'] },
      resultSha256: { not: null },
      OR: [{ resultExpiresAt: null }, { resultExpiresAt: { gt: now } }],
    },
    orderBy: { createdAt: 'desc' },
    take: most,
  });
}

export type WholeRequest = Request & {
  readonly reply: Reply | null;
  readonly media: readonly (MediaReference & { readonly object: MediaObject })[];
};

export async function findRequest(db: Database, id: string): Promise<WholeRequest | null> {
  return db.request.findUnique({ where: { id }, include: { reply: true, media: { include: { object: true } } } });
}

/** Requests whose clip is being fetched, or was when its process ended; the oldest first. */
export async function requestsTakenIn(db: Database): Promise<WholeRequest[]> {
  return db.request.findMany({
    where: { state: 'received' },
    orderBy: { createdAt: 'asc' },
    include: { reply: true, media: { include: { object: true } } },
  });
}

/** Notes which message answers a request, once Discord has said. */
export async function learnReply(
  db: Database,
  requestId: string,
  learnt: { readonly messageId?: string; readonly isPrivate: boolean },
): Promise<void> {
  await db.reply.update({ where: { requestId }, data: learnt });
}
