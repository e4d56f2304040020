/**
 * One try of a delivery: the file is opened, the place is tried, and how that ended is written down, with what follows from
 * it: delivered, another try, a smaller encoding, the next place, or kept for `/result`.
 */
import type { REST } from 'discord.js';
import type { Logger } from 'pino';

import type { JobQueue } from '../queue/queue.ts';
import { findPictureFault } from '../store/blocks.ts';
import { findConsentFault } from '../store/consents.ts';
import { type Database, inTransaction } from '../store/database.ts';
import {
  askRefit,
  type ClaimedDelivery,
  markDelivered,
  markKept,
  moveToPlace,
  recordTry,
  renewClaim,
  uncertain,
} from '../store/deliveries.ts';
import { MediaMissing, type MediaStore } from '../store/media-store.ts';
import { removeResult, withdrawResult } from '../store/removals.ts';
import type { DeliveryPlace } from '../store/rows.ts';
import type { CardUpdates } from './card-updates.ts';
import {
  noticeAt,
  type OutgoingFile,
  resultAt,
  resultName,
  type Undelivered,
  undeliveredAt,
} from './delivery-message.ts';
import {
  backOff,
  fault,
  judge,
  late,
  mostAttempts,
  nextPlace,
  obstacle,
  smallerLimit,
  smallEnough,
  type Verdict,
} from './delivery-places.ts';
import { type Arrival, findSent, sendTo } from './delivery-send.ts';

export interface Sending {
  readonly db: Database;
  readonly media: MediaStore;
  readonly queue: Pick<JobQueue, 'submitted'>;
  readonly cards: Pick<CardUpdates, 'release'>;
  readonly rest: REST;
  readonly botId: string;
  readonly now: () => number;
  readonly log: Logger;
  readonly leaseMs: number;
  readonly onTry?: (place: DeliveryPlace, outcome: string) => void;
  /** Requests that wait for a smaller encoding, as far as this process knows. */
  readonly refitting: Set<string>;
  /** Breaks off what is being sent. */
  readonly signal: AbortSignal;
}

/** Tries the place where a claimed delivery stands. Rejects with ClaimLost, or as the database does. */
export async function deliver(claimed: ClaimedDelivery, options: Sending): Promise<void> {
  const { db, botId, now, cards, leaseMs } = options;
  const { requestId, place } = claimed;
  const renewal = setInterval(() => {
    void renewClaim(db, requestId, botId, new Date(now())).catch(() => undefined);
  }, leaseMs / 3);
  try {
    // An edit of the card on its way would overwrite the result.
    await cards.release(requestId);
    const blocked = obstacle(claimed, place, now());
    if (blocked !== undefined) {
      await leave(claimed, blocked, options);
      return;
    }
    if (claimed.kind === 'notice') {
      await tryPlace(claimed, undefined, options);
      return;
    }
    // Looked at anew before every try: what was agreed to may have been taken back since, the picture blocked.
    const consent = await findConsentFault(db, claimed.request, new Date(now()));
    const code =
      consent === undefined ? await findPictureFault(db, claimed.request) : (`queue.consent-${consent}` as const);
    if (code !== undefined) {
      const why = { code, now: new Date(now()), maybePosted: mayBeThere(claimed) };
      await withdrawResult(db, requestId, botId, why);
      return;
    }
    const opened = await openResult(claimed, options);
    if (opened === undefined) return;
    const withdrawal = watchWithdrawal(claimed, options);
    try {
      await tryPlace(claimed, opened.file, {
        ...options,
        signal: AbortSignal.any([options.signal, withdrawal.signal]),
      });
    } finally {
      withdrawal.stop();
      await opened.release();
    }
  } finally {
    clearInterval(renewal);
  }
}

/** How often it is looked, while a result is sent, whether it may still be seen; in milliseconds. */
const looksEveryMs = 300;

/** Breaks an upload off when its result is held or removed, or not agreed to any more: a long one is never seen at all. */
function watchWithdrawal(
  { requestId }: ClaimedDelivery,
  { db, now, log }: Sending,
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const withdrawn = new AbortController();
  const look = async (): Promise<void> => {
    const request = await db.request.findUnique({ where: { id: requestId } });
    const isStopped = request === null || request.state === 'held' || request.state === 'removed';
    if (isStopped || (await findConsentFault(db, request, new Date(now()))) !== undefined) withdrawn.abort();
  };
  const looking = setInterval(() => {
    look().catch((error: unknown) => {
      log.debug({ err: error, requestId }, 'it could not be looked at while it was sent');
    });
  }, looksEveryMs);
  const stop = (): void => {
    clearInterval(looking);
  };
  return { signal: withdrawn.signal, stop };
}

async function openResult(
  claimed: ClaimedDelivery,
  options: Sending,
): Promise<{ readonly file: OutgoingFile; readonly release: () => Promise<void> } | undefined> {
  const { db, media, botId, now } = options;
  const { requestId, request } = claimed;
  const object =
    request.resultSha256 === null ? null : await db.mediaObject.findUnique({ where: { sha256: request.resultSha256 } });
  try {
    if (request.resultSha256 === null || object === null) throw new MediaMissing(request.resultSha256 ?? 'none');
    const opened = await media.open(request.resultSha256);
    const file: OutgoingFile = {
      path: opened.path,
      bytes: Number(object.bytes),
      mediaType: object.mediaType,
      name: resultName(request, object.mediaType),
      isSpoiler: request.reply.isSpoiler,
    };
    return { file, release: () => opened.release() };
  } catch (error) {
    if (!(error instanceof MediaMissing)) throw error;
    await tellUndelivered(claimed, 'gone', options);
    await markKept(db, requestId, botId, { problem: 'result-gone', now: new Date(now()) });
    return undefined;
  }
}

/** A word at least, where the result would have been or at the next place that takes it; whether it arrives changes nothing. */
export async function tellUndelivered(
  delivery: Pick<ClaimedDelivery, 'kind' | 'request' | 'place' | 'tries'>,
  reason: Undelivered,
  { rest, now, log }: Pick<Sending, 'rest' | 'now' | 'log'>,
): Promise<void> {
  for (let place: DeliveryPlace | undefined = delivery.place; place !== undefined; place = nextPlace(delivery, place)) {
    if (obstacle(delivery, place, now()) !== undefined) continue;
    try {
      await sendTo(rest, delivery, place, undeliveredAt(delivery, place, reason));
      return;
    } catch (error) {
      log.debug({ err: error, requestId: delivery.request.id, place }, 'nobody could be told here');
      if (judge(error).act !== 'next') return;
    }
  }
}

async function tryPlace(claimed: ClaimedDelivery, file: OutgoingFile | undefined, options: Sending): Promise<void> {
  const { db, rest, botId, now, onTry, signal } = options;
  const { requestId, place } = claimed;
  let arrival: Arrival;
  let outcome = 'sent';
  try {
    const said = file === undefined ? noticeAt(claimed, place) : resultAt(claimed, place, file);
    const earlier = mayBeThere(claimed)
      ? await findSent(rest, claimed, place, said, { now: now(), signal })
      : undefined;
    if (earlier !== undefined) outcome = 'found';
    // A signal of its own: the REST client listens to it for ever.
    arrival = earlier ?? (await sendTo(rest, claimed, place, said, { file, signal: AbortSignal.any([signal]) }));
  } catch (error) {
    const judged = judge(error);
    // Broken off because the bot ends or the result was withdrawn, which says nothing of the line.
    const verdict = judged.problem === late && signal.aborted ? { ...judged, problem: uncertain } : judged;
    const { problem } = verdict;
    onTry?.(place, problem);
    const level = problem === fault ? 'error' : 'info';
    options.log[level]({ requestId, place, problem, ...(problem === fault && { err: error }) }, 'not delivered');
    await settle(claimed, verdict, file, options);
    return;
  }
  onTry?.(place, outcome);
  // Out of the try: what has arrived is not sent to the next place because the database could not be written.
  await markDelivered(db, requestId, botId, { ...arrival, told: claimed.request.state, now: new Date(now()) });
  if (file !== undefined) await lookAgain(claimed, options);
}

/** Once more when it can be seen: what was taken back while it was sent is taken away. */
async function lookAgain({ request }: ClaimedDelivery, { db, now, log }: Sending): Promise<void> {
  const fault = await findConsentFault(db, request, new Date(now()));
  if (fault === undefined) return;
  const change = { actor: 'bot', code: `queue.consent-${fault}`, now: new Date(now()) };
  await inTransaction(db, (tx) => removeResult(tx, request.id, change));
  log.info({ requestId: request.id, fault }, 'what was just sent is taken away again');
}

/** Whether something that was sent before may have arrived without a word coming back. */
function mayBeThere({ interrupted, tries }: ClaimedDelivery): boolean {
  return interrupted || tries.some(({ outcome }) => outcome.startsWith(uncertain));
}

async function settle(
  claimed: ClaimedDelivery,
  verdict: Verdict,
  file: OutgoingFile | undefined,
  options: Sending,
): Promise<void> {
  const { db, botId, now } = options;
  const { requestId, attempts } = claimed;
  const { problem } = verdict;
  if (verdict.act === 'smaller' || isTooSlow(claimed, problem, file)) {
    await makeSmaller(claimed, problem, file, options);
  } else if (verdict.act === 'next' || attempts + 1 >= mostAttempts) {
    await leave(claimed, problem, options);
  } else {
    const nextAttemptAt = new Date(now() + Math.max(verdict.waitMs ?? 0, backOff(attempts)));
    await recordTry(db, requestId, botId, { problem, nextAttemptAt, now: new Date(now()) });
  }
}

/** Two uploads to one place that took longer than may be waited for: the line is too slow for a file of that size. */
function isTooSlow({ tries, place }: ClaimedDelivery, problem: string, file: OutgoingFile | undefined): boolean {
  if (problem !== late || file === undefined || file.bytes <= smallEnough) return false;
  return tries.some((earlier) => earlier.place === place && earlier.outcome === late);
}

async function makeSmaller(
  claimed: ClaimedDelivery,
  problem: string,
  file: OutgoingFile | undefined,
  options: Sending,
): Promise<void> {
  const { db, botId, now, refitting, queue } = options;
  const { requestId } = claimed;
  const sizeLimit = file === undefined ? undefined : smallerLimit(file.bytes);
  if (sizeLimit === undefined) {
    await tellUndelivered(claimed, { limit: file?.bytes ?? 0 }, options);
    await markKept(db, requestId, botId, { problem, now: new Date(now()) });
    return;
  }
  await askRefit(db, requestId, botId, { sizeLimit, problem, now: new Date(now()) });
  refitting.add(requestId);
  queue.submitted(requestId);
}

/** On to the next place, or kept for `/result` where there is none. */
async function leave(claimed: ClaimedDelivery, problem: string, { db, botId, now }: Sending): Promise<void> {
  const place = nextPlace(claimed, claimed.place);
  const at = { problem, now: new Date(now()) };
  if (place === undefined) await markKept(db, claimed.requestId, botId, { ...at, told: claimed.request.state });
  else await moveToPlace(db, claimed.requestId, botId, { ...at, place });
}
