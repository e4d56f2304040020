/**
 * Results that shall be gone: the request's state, its files and its delivery in one transaction, and a row for what Discord
 * must take away (src/discord/removal.ts does). Whoever decides it, a person who agreed no longer, a moderator, a member who
 * erases what is theirs, comes through here.
 */
import { type Database, inTransaction, type Transaction } from './database.ts';
import { giveUpClaim, uncertain } from './deliveries.ts';
import { dropReferences } from './media-references.ts';
import { IllegalTransition, shownStates } from './request-states.ts';
import { askCancelIn } from './requests.ts';
import { changeStateIn } from './state-change.ts';

export interface RemovalChange {
  /** "member:ID", "moderator:ID", "bot" or "operator". A requester who removes their own result is not told of it. */
  readonly actor: string;
  /** Of src/queue/reasons.ts: what the requester is told. */
  readonly code: string;
  readonly now: Date;
}

/**
 * The request becomes `removed`, from any state in which it has a result: its references drop, its delivery ends, and what
 * was or may have been posted is taken away; so does what was made from it. Resolves to false when there was nothing to remove.
 */
export async function removeResult(
  tx: Transaction,
  requestId: string,
  change: RemovalChange,
  { maybePosted = false }: { readonly maybePosted?: boolean } = {},
): Promise<boolean> {
  const from = [...shownStates, 'held'] as const;
  try {
    await changeStateIn(tx, requestId, 'removed', { ...change, from });
  } catch (error) {
    if (error instanceof IllegalTransition) return false;
    throw error;
  }
  const copies = await tx.request.findMany({ where: { madeFromId: requestId }, select: { id: true } });
  for (const { id } of copies) await stopAndRemoveIn(tx, id, change);
  await dropReferences(tx, requestId);
  // One that is being sent is left to whoever sends it: how that ends says what there is to take away.
  await tx.delivery.updateMany({
    where: { requestId, kind: 'result', state: { in: ['waiting', 'refitting', 'kept'] } },
    data: { state: 'cancelled' },
  });
  await tellAnew(tx, requestId, change.now);
  if (maybePosted || (await isPosted(tx, requestId))) {
    await askRemoval(tx, requestId, { reason: change.code, now: change.now });
  } else {
    await tellRequester(tx, requestId, change.now);
  }
  return true;
}

/** `stopped`: it will come to nothing; `stopping`: a worker has it and will stop; `removed`: its result is; else nothing is left. */
export type Stopped = 'stopped' | 'stopping' | 'removed' | 'nothing';

/** The same for a request in any state: one that waits or runs is cancelled, and comes to no result whatever a worker does. */
export async function stopAndRemoveIn(tx: Transaction, requestId: string, change: RemovalChange): Promise<Stopped> {
  const cancelled = await askCancelIn(tx, requestId, change);
  if (cancelled !== 'too-late') return cancelled === 'cancelled' ? 'stopped' : 'stopping';
  return (await removeResult(tx, requestId, change)) ? 'removed' : 'nothing';
}

/** `stopAndRemoveIn` in a transaction of its own. Throws RequestMissing. */
export function stopAndRemove(db: Database, requestId: string, change: RemovalChange): Promise<Stopped> {
  return inTransaction(db, (tx) => stopAndRemoveIn(tx, requestId, change));
}

/** Writes down that a request's messages are to be taken away, whatever state it is in; once more where they were before. */
export async function askRemoval(
  tx: Transaction,
  requestId: string,
  { reason, now }: { readonly reason: string; readonly now: Date },
): Promise<void> {
  const fresh = { state: 'waiting', reason, attempts: 0, nextAttemptAt: now, problem: null, doneAt: null } as const;
  await tx.removal.upsert({
    where: { requestId },
    create: { requestId, ...fresh, createdAt: now },
    update: { ...fresh, createdAt: now },
  });
}

/**
 * A result whose sender finds that it may not be sent: it is removed by `code`. Throws ClaimLost.
 *
 * @param maybePosted an earlier try may have arrived.
 */
export function withdrawResult(
  db: Database,
  requestId: string,
  botId: string,
  { code, now, maybePosted }: { readonly code: string; readonly now: Date; readonly maybePosted: boolean },
): Promise<void> {
  return inTransaction(db, async (tx) => {
    await giveUpClaim(tx, requestId, botId, { problem: code, now });
    await removeResult(tx, requestId, { actor: 'bot', code, now }, { maybePosted });
  });
}

/** Whether anybody was, or may have been, shown the result. */
export async function isPosted(tx: Transaction, requestId: string): Promise<boolean> {
  const delivery = await tx.delivery.findUnique({ where: { requestId }, include: { tries: true } });
  const isSent =
    delivery?.kind === 'result' &&
    (delivery.state === 'sending' ||
      delivery.messageId !== null ||
      delivery.tries.some(({ outcome }) => outcome.startsWith(uncertain)));
  return isSent || (await tx.posting.count({ where: { requestId } })) > 0;
}

/**
 * The requester is told why there is nothing any more, or not at present: where the progress still stands, or, when a result took
 * its place, to them directly. Not one who wanted it so, nor of a held result of which a message stays that Discord lets nobody
 * take away: that it is held back would not be so, and where that one stands must stay known.
 */
export async function tellRequester(tx: Transaction, requestId: string, now: Date): Promise<void> {
  const { state } = await tx.request.findUniqueOrThrow({ where: { id: requestId }, select: { state: true } });
  if (state === 'removed' && (await isOwnWish(tx, requestId))) return;
  const notice = { ...anew(now), kind: 'notice' } as const;
  const unread = {
    ...({ requestId, kind: 'result', state: { not: 'sending' } } as const),
    ...(state === 'held' && { messageId: null, request: { postings: { none: { isPrivate: false } } } }),
  };
  const shown = { ...unread, deliveredAt: { not: null } };
  await tx.delivery.updateMany({ where: shown, data: { ...notice, place: 'direct' } });
  await tx.delivery.updateMany({ where: unread, data: { ...notice, place: 'interaction' } });
}

/** What a notice said, that the result is held back, is over: the next one says what is so now, at the same place. */
async function tellAnew(tx: Transaction, requestId: string, now: Date): Promise<void> {
  if (await isOwnWish(tx, requestId)) return;
  // One that is being sent is left to its sender, which looks (`markDelivered`).
  const where = { requestId, kind: 'notice', state: { not: 'sending' } } as const;
  await tx.delivery.updateMany({ where, data: anew(now) });
}

const anew = (now: Date) =>
  ({ state: 'waiting', attempts: 0, nextAttemptAt: now, claimedBy: null, claimedAt: null }) as const;

/** The requester removed it themselves. */
async function isOwnWish(tx: Transaction, requestId: string): Promise<boolean> {
  const { requesterId, events } = await tx.request.findUniqueOrThrow({
    where: { id: requestId },
    select: { requesterId: true, events: { where: { to: 'removed' } } },
  });
  return events.some(({ actor }) => actor === `member:${requesterId}`);
}
