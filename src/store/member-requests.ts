/** What members can learn about requests and do with them: how many are open, which they may stop, which results are kept. */
import { inTransaction, type Database } from './database.ts';
import { activeStates, IllegalTransition, shownStates } from './request-states.ts';
import type { JsonObject, MediaObject, MediaReference, MediaSource, Reply, Request } from './rows.ts';
import { changeStateIn, type StateChange } from './state-change.ts';

/** How many requests of a member still ask for work. */
export async function countOpen(db: Database, userId: string): Promise<number> {
  return db.request.count({ where: { requesterId: userId, state: { in: [...activeStates] } } });
}

/**
 * When the newest `most` requests of a member (under any of these names) after a time were taken in, the oldest first, whatever
 * became of them.
 */
export async function takenInSince(db: Database, userIds: string[], after: Date, most: number): Promise<Date[]> {
  const rows = await db.request.findMany({
    where: { requesterId: { in: userIds }, createdAt: { gt: after } },
    orderBy: { createdAt: 'desc' },
    take: most,
    select: { createdAt: true },
  });
  return rows.map(({ createdAt }) => createdAt).reverse();
}

/** How many requests of everybody wait, those whose files are being fetched among them. */
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

/** A member's results that are kept, the newest first; what a moderator holds is among them, though it cannot be had yet. */
export async function keptResults(db: Database, userId: string, now: Date, most: number): Promise<Request[]> {
  return db.request.findMany({
    where: {
      requesterId: userId,
      state: { in: [...shownStates, 'held'] },
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

/** A request with what is still to be fetched for it. */
export type TakenIn = WholeRequest & { readonly sources: readonly MediaSource[] };

/**
 * Requests that are being taken in, or were when their process ended; the oldest first. One whose member is asked something
 * is among them while the question can be shown: nobody knows whether it was, and to show it again changes nothing. So is one
 * about which somebody else was to be asked and of whose question no message is known, however long ago that was.
 */
export async function requestsTakenIn(db: Database, now: Date): Promise<TakenIn[]> {
  const canBeShown = { token: { not: null }, tokenExpiresAt: { gt: now } };
  const unasked = { state: 'asked', messageId: null } as const;
  return db.request.findMany({
    where: {
      OR: [{ state: 'received' }, { state: 'asking', OR: [{ reply: canBeShown }, { consent: unasked }] }],
    },
    orderBy: { createdAt: 'asc' },
    include: { reply: true, media: { include: { object: true } }, sources: true },
  });
}

/** Notes which message answers a request, once Discord has said. */
export async function learnReply(
  db: Database,
  requestId: string,
  learnt: { readonly messageId?: string; readonly isPrivate?: boolean; readonly questionId?: string },
): Promise<void> {
  await db.reply.update({ where: { requestId }, data: learnt });
}

/** Notes which private message asks the member something, while they are asked. False when they answered meanwhile. */
export async function noteQuestion(db: Database, requestId: string, questionId: string): Promise<boolean> {
  const { count } = await db.reply.updateMany({
    where: { requestId, request: { state: 'asking' } },
    data: { questionId, messageId: null },
  });
  return count > 0;
}

/** Writes down what the member answered, while there is more to ask. */
export async function answerQuestion(db: Database, requestId: string, parameters: JsonObject): Promise<void> {
  await db.request.updateMany({ where: { id: requestId, state: 'asking', consentId: null }, data: { parameters } });
}

/**
 * The interaction by which a member said the last that was to be said answers the request from now on, and it is taken in
 * again with what was said. Throws IllegalTransition, and changes nothing, when another did so before, or when somebody else
 * is asked by now: then theirs is the next word.
 */
export function claimAnswer(
  db: Database,
  requestId: string,
  {
    parameters,
    reply,
  }: {
    readonly parameters: JsonObject;
    /** `messageId`: what Discord made of the interaction's first answer. */
    readonly reply: Pick<Reply, 'token' | 'tokenExpiresAt' | 'uploadLimit' | 'isPrivate' | 'messageId'>;
  },
  change: Pick<StateChange, 'actor' | 'now'>,
): Promise<Request> {
  return inTransaction(db, async (tx) => {
    const set = { parameters };
    const request = await changeStateIn(tx, requestId, 'received', { ...change, from: ['asking'], set });
    if (request.consentId !== null) throw new IllegalTransition(requestId, 'asking', 'received');
    await tx.reply.update({ where: { requestId }, data: { ...reply, questionId: null } });
    return request;
  });
}
