/**
 * How the delivery of a result goes on that was held: in its row a notice says so, and from there it begins anew when the result is
 * released, or says something else when it is deleted. Whoever sends the notice meanwhile ends that first.
 */
import type { Transaction } from './database.ts';
import type { RequestState } from './rows.ts';

export const unclaimed = { claimedBy: null, claimedAt: null } as const;

/** What is set where a result's delivery begins anew. */
export const fromTheStart = {
  kind: 'result',
  place: 'interaction',
  attempts: 0,
  lastProblem: null,
  channelId: null,
  messageId: null,
  deliveredAt: null,
} as const;

/**
 * Makes the delivery of a result that was held begin anew. A word about its being held that is being sent just now ends first;
 * then it is `claimDelivery` that makes it the result's.
 */
export async function deliverAnew(tx: Transaction, requestId: string, now: Date): Promise<void> {
  const data = { ...fromTheStart, ...unclaimed, state: 'waiting', nextAttemptAt: now } as const;
  const { count } = await tx.delivery.updateMany({ where: { requestId, state: { not: 'sending' } }, data });
  if (count === 0 && (await tx.delivery.findUnique({ where: { requestId } })) === null) {
    await tx.delivery.create({ data: { requestId, ...data, createdAt: now } });
  }
}

/** Where the state that a notice spoke of is not the request's any more, what is to be sent now is due. */
export async function goOnAfterNotice(
  tx: Transaction,
  id: string,
  { told, now }: { readonly told?: RequestState; readonly now: Date },
): Promise<void> {
  if (told === undefined) return;
  // Takes the row's lock: whoever changes the state comes before, and is seen here, or after, and sees how this ended.
  const { count } = await tx.request.updateMany({ where: { id, state: told }, data: { attempts: { increment: 0 } } });
  if (count > 0) return;
  await tx.delivery.update({ where: { requestId: id }, data: { state: 'waiting', attempts: 0, nextAttemptAt: now } });
}
