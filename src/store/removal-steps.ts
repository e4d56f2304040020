/** The steps by which src/discord/removal.ts takes messages away: each is written down, so that any process goes on with it. */
import { type Database, inTransaction } from './database.ts';
import { uncertain } from './deliveries.ts';
import { tellRequester } from './removals.ts';
import type { Delivery, DeliveryTry, Posting, Removal, Reply, Request } from './rows.ts';

export type ClaimedRemoval = Removal & {
  readonly request: Request & { readonly reply: Reply; readonly postings: readonly Posting[] };
  /** When it was claimed. */
  readonly now: Date;
};

/** A process that took one up is given that long, in milliseconds, before another does. */
const leaseMs = 60_000;

/** Takes up the removal that has been due longest; undefined when there is none. */
export async function claimRemoval(db: Database, now: Date): Promise<ClaimedRemoval | undefined> {
  for (;;) {
    const due = await db.removal.findFirst({
      where: { state: 'waiting', nextAttemptAt: { lte: now } },
      orderBy: [{ nextAttemptAt: 'asc' }, { requestId: 'asc' }],
    });
    if (due === null) return undefined;
    const { requestId, nextAttemptAt, createdAt } = due;
    const { count } = await db.removal.updateMany({
      where: { requestId, state: 'waiting', nextAttemptAt, createdAt },
      data: { nextAttemptAt: new Date(now.getTime() + leaseMs) },
    });
    if (count === 0) continue; // another process was quicker
    const request = await db.request.findUniqueOrThrow({
      where: { id: requestId },
      include: { reply: true, postings: true },
    });
    const { reply } = request;
    if (reply === null) throw new Error(`request ${requestId} has no reply`);
    return { ...due, now, request: { ...request, reply } };
  }
}

export type EndedDelivery = Delivery & { readonly tries: readonly DeliveryTry[] };

/**
 * The delivery of a request whose messages are to go, once nobody sends it any more: `being-sent` while a living process does.
 * One that is due, or that a dead process left, ends here; the latter with a try that nobody heard the end of. Undefined where
 * there is none.
 */
export function settleDelivery(
  db: Database,
  requestId: string,
  { now, leaseMs: claimMs }: { readonly now: Date; readonly leaseMs: number },
): Promise<EndedDelivery | 'being-sent' | undefined> {
  return inTransaction(db, async (tx) => {
    const read = () => tx.delivery.findUnique({ where: { requestId }, include: { tries: true } });
    const delivery = await read();
    if (delivery === null) return undefined;
    const { kind, state, place, claimedAt } = delivery;
    if (kind !== 'result') return delivery;
    if (state === 'sending') {
      if (claimedAt !== null && claimedAt.getTime() + claimMs > now.getTime()) return 'being-sent';
      const data = { state: 'cancelled', claimedBy: null, claimedAt: null } as const;
      const { count } = await tx.delivery.updateMany({ where: { requestId, state, claimedAt }, data });
      if (count === 0) return 'being-sent';
      const at = claimedAt ?? now;
      await tx.deliveryTry.create({ data: { deliveryId: requestId, place, outcome: uncertain, at } });
      return (await read()) ?? undefined;
    }
    // Its sender let go of it since.
    await tx.delivery.updateMany({
      where: { requestId, kind, state: { in: ['waiting', 'refitting', 'kept'] } },
      data: { state: 'cancelled' },
    });
    return (await read()) ?? undefined;
  });
}

/** Notes where a result is, and since when, that was sent without a word coming back. */
export async function foundMessage(
  db: Database,
  requestId: string,
  {
    now,
    ...at
  }: { readonly channelId: string; readonly messageId: string; readonly place: Delivery['place']; readonly now: Date },
): Promise<EndedDelivery | undefined> {
  await db.delivery.updateMany({ where: { requestId, kind: 'result' }, data: { ...at, deliveredAt: now } });
  return (await db.delivery.findUnique({ where: { requestId }, include: { tries: true } })) ?? undefined;
}

/** Another try later; with a `problem` it counts as one, unless `isTry` says that it was none. */
export async function postponeRemoval(
  db: Database,
  { requestId, createdAt }: ClaimedRemoval,
  {
    nextAttemptAt,
    problem,
    isTry = true,
  }: { readonly nextAttemptAt: Date; readonly problem?: string; readonly isTry?: boolean },
): Promise<void> {
  const counted = problem === undefined ? {} : { problem, ...(isTry && { attempts: { increment: 1 } }) };
  await db.removal.updateMany({
    where: { requestId, createdAt, state: 'waiting' },
    data: { nextAttemptAt, ...counted },
  });
}

/**
 * It has ended: all is gone, or `problem` says why not. The requester is told that there is nothing any more, or not until the
 * result is released.
 */
export function endRemoval(
  db: Database,
  { requestId, createdAt }: ClaimedRemoval,
  { now, problem }: { readonly now: Date; readonly problem?: string | undefined },
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const { count } = await tx.removal.updateMany({
      where: { requestId, createdAt, state: 'waiting' },
      data: { state: problem === undefined ? 'done' : 'failed', problem: problem ?? null, doneAt: now },
    });
    if (count === 0) return; // asked for once more meanwhile
    const { state } = await tx.request.findUniqueOrThrow({ where: { id: requestId }, select: { state: true } });
    if (state === 'removed' || state === 'held') await tellRequester(tx, requestId, now);
  });
}

/** What became of the messages of these requests, with where the results were. */
export function removalsOf(
  db: Database,
  requestIds: readonly string[],
): Promise<(Removal & { readonly request: Request & { readonly delivery: Delivery | null } })[]> {
  return db.removal.findMany({
    where: { requestId: { in: [...requestIds] } },
    include: { request: { include: { delivery: true } } },
  });
}
