/**
 * The outbox. A delivery is written in the transaction that ends a request; a bot process claims it for a while (a lease),
 * tries, and writes down how the try ended. Whoever lost the claim writes nothing: its result no longer counts.
 */
import { inTransaction, type Database, type Transaction } from './database.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import { fromTheStart, goOnAfterNotice, unclaimed } from './held-deliveries.ts';
import { addReference, type KeptFile, noteUnused } from './media-references.ts';
import type {
  Delivery,
  DeliveryKind,
  DeliveryPlace,
  DeliveryTry,
  JsonObject,
  Reply,
  Request,
  RequestState,
} from './rows.ts';
import { IllegalTransition } from './request-states.ts';
import { changeStateIn, type StateChange } from './state-change.ts';

export type ClaimedDelivery = Delivery & {
  readonly request: Request & { readonly reply: Reply };
  readonly tries: readonly DeliveryTry[];
  /** An earlier claim ran out without a word: what it sent may have arrived, so look before sending. */
  readonly interrupted: boolean;
};

/** A claim that was not renewed for so long is a dead process's. Its sender renews it meanwhile, however long an upload takes. */
export const defaultLeaseMs = 15_000;

/** How tries end after which the message may be there all the same: their outcome begins so. */
export const uncertain = 'unanswered';

/** How the try ends with which it arrived. */
export const sent = 'sent';

/** States of a request whose result goes nowhere. */
const stopped = ['held', 'removed'] as const;

/** Another process has the delivery now, or it has ended. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost';

  constructor(requestId: string) {
    super(`the delivery of request ${requestId} is no longer claimed by this process`);
  }
}

/** Writes the delivery of a request that ends. A private reply and a public one both begin with the interaction's token. */
export async function createDelivery(tx: Transaction, requestId: string, kind: DeliveryKind, now: Date): Promise<void> {
  await tx.delivery.create({
    data: { requestId, kind, state: 'waiting', place: 'interaction', nextAttemptAt: now, createdAt: now },
  });
}

/** Claims the delivery that has been due longest, or one whose claim ran out; undefined when there is none. Held results wait. */
export async function claimDelivery(
  db: Database,
  botId: string,
  now: Date,
  leaseMs = defaultLeaseMs,
): Promise<ClaimedDelivery | undefined> {
  const leaseEnded = new Date(now.getTime() - leaseMs);
  for (;;) {
    const due = await db.delivery.findFirst({
      where: {
        OR: [
          { state: 'waiting', nextAttemptAt: { lte: now } },
          { state: 'sending', claimedAt: { lte: leaseEnded } },
        ],
        AND: { OR: [{ kind: 'notice' }, { request: { state: { notIn: [...stopped] } } }] },
      },
      orderBy: [{ nextAttemptAt: 'asc' }, { requestId: 'asc' }],
    });
    if (due === null) return undefined;
    const { count } = await db.delivery.updateMany({
      where: { requestId: due.requestId, state: due.state, claimedBy: due.claimedBy, claimedAt: due.claimedAt },
      data: { state: 'sending', claimedBy: botId, claimedAt: now },
    });
    if (count === 0) continue; // another process was quicker
    const read = () =>
      db.delivery.findUniqueOrThrow({
        where: { requestId: due.requestId },
        include: { request: { include: { reply: true } }, tries: { orderBy: { id: 'asc' } } },
      });
    let claimed = await read();
    if (claimed.kind === 'notice' && claimed.request.state === 'delivering') {
      await update(db, due.requestId, botId, fromTheStart);
      claimed = await read();
    }
    const reply = claimed.request.reply;
    if (reply === null) throw new Error(`request ${due.requestId} has no reply`);
    return { ...claimed, request: { ...claimed.request, reply }, interrupted: due.state === 'sending' };
  }
}

/** Keeps a claim during a long upload. Throws ClaimLost. */
export async function renewClaim(db: Database, requestId: string, botId: string, now: Date): Promise<void> {
  await update(db, requestId, botId, { claimedAt: now });
}

/** A try failed in a way that can pass: again at the same place at `nextAttemptAt`. Throws ClaimLost. */
export function recordTry(
  db: Database,
  requestId: string,
  botId: string,
  outcome: { readonly problem: string; readonly nextAttemptAt: Date; readonly now: Date },
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const data = { ...unclaimed, state: 'waiting' as const, nextAttemptAt: outcome.nextAttemptAt };
    const { place } = await update(tx, requestId, botId, {
      ...data,
      attempts: { increment: 1 },
      lastProblem: outcome.problem,
    });
    await addTry(tx, requestId, place, outcome.problem, outcome.now);
  });
}

/** A place is given up for the next one, which is due at once. Throws ClaimLost. */
export function moveToPlace(
  db: Database,
  requestId: string,
  botId: string,
  move: { readonly place: DeliveryPlace; readonly problem: string; readonly now: Date },
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const { place } = await claimedPlace(tx, requestId, botId);
    await addTry(tx, requestId, place, move.problem, move.now);
    await update(tx, requestId, botId, {
      ...unclaimed,
      state: 'waiting',
      place: move.place,
      attempts: 0,
      nextAttemptAt: move.now,
      lastProblem: move.problem,
    });
  });
}

/**
 * It has arrived. A result's request becomes `delivered`, unless it is held or removed by now; a notice's keeps the state it
 * speaks of, `told`: where that is another by now, the next one is due. Throws ClaimLost.
 */
export function markDelivered(
  db: Database,
  requestId: string,
  botId: string,
  arrival: {
    readonly channelId?: string;
    readonly messageId: string;
    readonly told?: RequestState;
    readonly now: Date;
  },
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const { place, kind } = await update(tx, requestId, botId, {
      ...unclaimed,
      state: 'delivered',
      channelId: arrival.channelId ?? null,
      messageId: arrival.messageId,
      deliveredAt: arrival.now,
    });
    await addTry(tx, requestId, place, sent, arrival.now);
    if (kind === 'result') await endRequest(tx, requestId, 'delivered', { actor: 'bot', now: arrival.now });
    else await goOnAfterNotice(tx, requestId, arrival);
  });
}

/**
 * Nowhere left to send it: a result waits for /result, unless it is held or removed, and a notice is dropped, unless another is due
 * since (`told` as of `markDelivered`). Throws ClaimLost.
 */
export function markKept(
  db: Database,
  requestId: string,
  botId: string,
  end: { readonly problem: string; readonly told?: RequestState; readonly now: Date },
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const { place, kind } = await update(tx, requestId, botId, {
      ...unclaimed,
      state: 'kept',
      lastProblem: end.problem,
    });
    await addTry(tx, requestId, place, end.problem, end.now);
    if (kind === 'result') {
      await endRequest(tx, requestId, 'kept', { actor: 'bot', now: end.now, code: end.problem });
    } else await goOnAfterNotice(tx, requestId, end);
  });
}

/** Ends the claim of a delivery that shall not be tried again, and writes down why. Throws ClaimLost. */
export async function giveUpClaim(
  tx: Transaction,
  requestId: string,
  botId: string,
  { problem, now }: { readonly problem: string; readonly now: Date },
): Promise<void> {
  const { place } = await update(tx, requestId, botId, { ...unclaimed, state: 'waiting', lastProblem: problem });
  await addTry(tx, requestId, place, problem, now);
}

/** The end of a result's way. One that was held or removed on that way stays so: only its delivery ends. */
async function endRequest(
  tx: Transaction,
  requestId: string,
  to: 'delivered' | 'kept',
  change: StateChange,
): Promise<void> {
  try {
    await changeStateIn(tx, requestId, to, { ...change, from: ['delivering'] });
  } catch (error) {
    if (error instanceof IllegalTransition && stopped.some((state) => state === error.from)) return;
    throw error;
  }
}

/** The requester fetched a kept result with /result. One that was held or removed meanwhile stays so. */
export function markFetched(db: Database, requestId: string, now: Date): Promise<void> {
  return inTransaction(db, async (tx) => {
    const data = { state: 'delivered' as const, deliveredAt: now };
    const kept = { requestId, state: 'kept', kind: 'result', request: { state: 'kept' } } as const;
    const { count } = await tx.delivery.updateMany({ where: kept, data });
    if (count > 0) await changeStateIn(tx, requestId, 'delivered', { actor: 'bot', now });
  });
}

/** The place takes fewer bytes than the result has: it must be encoded again, to `sizeLimit` bytes. Throws ClaimLost. */
export function askRefit(
  db: Database,
  requestId: string,
  botId: string,
  refusal: { readonly sizeLimit: number; readonly problem: string; readonly now: Date },
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const { place } = await update(tx, requestId, botId, {
      ...unclaimed,
      state: 'refitting',
      sizeLimit: refusal.sizeLimit,
      lastProblem: refusal.problem,
    });
    await addTry(tx, requestId, place, refusal.problem, refusal.now);
  });
}

/** Requests that wait for a smaller encoding, oldest first. Held and removed results do not. */
export async function listRefits(db: Database): Promise<{ readonly requestId: string; readonly sizeLimit: number }[]> {
  const rows = await db.delivery.findMany({
    where: { state: 'refitting', request: { state: { notIn: [...stopped] } } },
    orderBy: { requestId: 'asc' },
  });
  return rows.map(({ requestId, sizeLimit }) => ({ requestId, sizeLimit: sizeLimit ?? 0 }));
}

/**
 * A refit ended: with a smaller file, which is due at once, or with the code of why there is none, and the result is kept.
 * A refit that ended already changes nothing and resolves to false.
 */
export function finishRefit(
  db: Database,
  requestId: string,
  end: { readonly file: KeptFile; readonly outcome?: JsonObject } | { readonly problem: string },
  now: Date,
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const data: Prisma.DeliveryUncheckedUpdateManyInput =
      'file' in end ? { state: 'waiting', nextAttemptAt: now } : { state: 'kept', lastProblem: end.problem };
    const { count } = await tx.delivery.updateMany({ where: { requestId, state: 'refitting' }, data });
    if (count === 0) {
      if ('file' in end) await noteUnused(tx, end.file);
      return false;
    }
    if ('file' in end) {
      const { resultExpiresAt } = await tx.request.findUniqueOrThrow({ where: { id: requestId } });
      await addReference(tx, { requestId, role: 'result', ...end.file, expiresAt: resultExpiresAt });
      const outcome = end.outcome === undefined ? {} : { outcome: end.outcome as Prisma.InputJsonObject };
      await tx.request.update({ where: { id: requestId }, data: { resultSha256: end.file.sha256, ...outcome } });
    } else {
      await endRequest(tx, requestId, 'kept', { actor: 'bot', now, code: end.problem });
    }
    return true;
  });
}

async function update(
  tx: Database | Transaction,
  requestId: string,
  botId: string,
  data: Prisma.DeliveryUncheckedUpdateManyInput,
): Promise<Delivery> {
  const [delivery] = await tx.delivery.updateManyAndReturn({
    where: { requestId, state: 'sending', claimedBy: botId },
    data,
  });
  if (delivery === undefined) throw new ClaimLost(requestId);
  return delivery;
}

async function claimedPlace(tx: Transaction, requestId: string, botId: string): Promise<Delivery> {
  const delivery = await tx.delivery.findFirst({ where: { requestId, state: 'sending', claimedBy: botId } });
  if (delivery === null) throw new ClaimLost(requestId);
  return delivery;
}

async function addTry(
  tx: Transaction,
  deliveryId: string,
  place: DeliveryPlace,
  outcome: string,
  at: Date,
): Promise<void> {
  await tx.deliveryTry.create({ data: { deliveryId, place, outcome, at } });
}
