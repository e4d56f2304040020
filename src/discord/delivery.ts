/**
 * The sender of the outbox: claims what is due, tries its place, writes down how that ended. Each step stands in the
 * database before the next one begins, so a bot that dies anywhere delivers after its restart, and nothing twice.
 */
import type { REST } from 'discord.js';
import type { Logger } from 'pino';

import type { JobQueue } from '../queue/queue.ts';
import type { Database } from '../store/database.ts';
import {
  askRefit,
  claimDelivery,
  type ClaimedDelivery,
  ClaimLost,
  listRefits,
  markDelivered,
  markKept,
  moveToPlace,
  recordTry,
  renewClaim,
} from '../store/deliveries.ts';
import { MediaMissing, type MediaStore } from '../store/media-store.ts';
import type { DeliveryPlace } from '../store/rows.ts';
import type { CardUpdates } from './card-updates.ts';
import { noticeAt, type OutgoingFile, resultAt, resultName, sizeNoticeAt } from './delivery-message.ts';
import {
  backOff,
  fault,
  judge,
  mostAttempts,
  nextPlace,
  obstacle,
  smallerLimit,
  uncertain,
  type Verdict,
} from './delivery-places.ts';
import { type Arrival, findSent, sendTo } from './delivery-send.ts';

export interface DeliveryOptions {
  readonly db: Database;
  readonly media: MediaStore;
  readonly queue: Pick<JobQueue, 'onEnded' | 'submitted'>;
  readonly cards: Pick<CardUpdates, 'release'>;
  /** `deliveryRest` of client.ts. */
  readonly rest: REST;
  /** Names this process in claims: another one each time it starts. */
  readonly botId: string;
  readonly now: () => number;
  readonly log: Logger;
  /** How often the outbox is looked at, in milliseconds; 1 s when left out. */
  readonly pollMs?: number;
  /** A claim that is not renewed for so long counts as dead, in milliseconds; 15 s when left out. */
  readonly leaseMs?: number;
  /** Told of each try, for measures. */
  readonly onTry?: (place: DeliveryPlace, outcome: string) => void;
}

export interface DeliverySender {
  /** Looks at the outbox now. */
  readonly wake: () => void;
  /** Takes up nothing more; what is being sent after `graceMs` (4 s) is broken off and left to the next start. */
  readonly close: (graceMs?: number) => Promise<void>;
}

/** A slow upload must not hold up the others. */
const atOnce = 3;
const looksEvery = 1000;
const lease = 15_000;
const closeGrace = 4000;

export function startDelivery(options: DeliveryOptions): DeliverySender {
  const { db, queue, botId, now, log, leaseMs = lease } = options;
  const sending = new Set<Promise<void>>();
  const refitting = new Set<string>();
  const breaking = new AbortController();
  let isClosed = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;

  const look = async (): Promise<void> => {
    await watchRefits();
    while (!isClosed && sending.size < atOnce) {
      const claimed = await claimDelivery(db, botId, new Date(now()), leaseMs);
      if (claimed === undefined) return;
      const sent = deliver(claimed, { ...options, leaseMs, refitting, signal: breaking.signal })
        .catch((error: unknown) => {
          const level = error instanceof ClaimLost ? 'info' : 'error';
          log[level]({ err: error, requestId: claimed.requestId }, 'a delivery was left to the next claim');
        })
        .finally(() => {
          sending.delete(sent);
          wake();
        });
      sending.add(sent);
    }
  };

  const wake = (): void => {
    if (isClosed) return;
    if (looking !== undefined) {
      lookAgain = true;
      return;
    }
    looking = look()
      .catch((error: unknown) => {
        log.error({ err: error }, 'the outbox could not be read');
      })
      .finally(() => {
        looking = undefined;
        if (!lookAgain) return;
        lookAgain = false;
        wake();
      });
  };

  /** The queue encodes again by itself. Of a result that cannot become small enough nobody else tells. */
  const watchRefits = async (): Promise<void> => {
    const open = new Set((await listRefits(db)).map(({ requestId }) => requestId));
    for (const requestId of [...refitting].filter((one) => !open.has(one))) {
      refitting.delete(requestId);
      await tellIfKept(requestId, options);
    }
    for (const requestId of open) refitting.add(requestId);
  };

  const timer = setInterval(wake, options.pollMs ?? looksEvery);
  const stopListening = queue.onEnded(wake);
  wake();
  return {
    wake,
    close: async (graceMs = closeGrace) => {
      isClosed = true;
      const late = setTimeout(() => {
        breaking.abort();
      }, graceMs);
      clearInterval(timer);
      stopListening();
      await looking;
      await Promise.all(sending);
      clearTimeout(late);
    },
  };
}

async function tellIfKept(requestId: string, options: DeliveryOptions): Promise<void> {
  const row = await options.db.delivery.findUnique({
    where: { requestId },
    include: { request: { include: { reply: true } } },
  });
  const reply = row?.request.reply;
  if (row?.state !== 'kept' || !reply) return;
  await tellSize({ request: { ...row.request, reply } }, row.place, row.sizeLimit ?? 0, options);
}

/** A word at least, where the result would have been; whether it arrives changes nothing. */
async function tellSize(
  delivery: Pick<ClaimedDelivery, 'request'>,
  place: DeliveryPlace,
  limit: number,
  { rest, log }: DeliveryOptions,
): Promise<void> {
  try {
    await sendTo(rest, delivery, place, sizeNoticeAt(delivery, place, limit));
  } catch (error) {
    log.debug({ err: error, requestId: delivery.request.id }, 'nobody could be told of a result that is too large');
  }
}

interface Sending extends DeliveryOptions {
  readonly leaseMs: number;
  /** Requests that wait for a smaller encoding, as far as this process knows. */
  readonly refitting: Set<string>;
  /** Breaks off what is being sent. */
  readonly signal: AbortSignal;
}

async function deliver(claimed: ClaimedDelivery, options: Sending): Promise<void> {
  const { db, botId, now, cards, leaseMs } = options;
  const { requestId, place } = claimed;
  // An edit of the card on its way would overwrite the result.
  await cards.release(requestId);
  const blocked = obstacle(claimed, place, now());
  if (blocked !== undefined) {
    await leave(claimed, blocked, options);
    return;
  }
  const renewal = setInterval(() => {
    void renewClaim(db, requestId, botId, new Date(now())).catch(() => undefined);
  }, leaseMs / 3);
  try {
    if (claimed.kind === 'notice') {
      await tryPlace(claimed, undefined, options);
      return;
    }
    const opened = await openResult(claimed, options);
    if (opened === undefined) return;
    try {
      await tryPlace(claimed, opened.file, options);
    } finally {
      await opened.release();
    }
  } finally {
    clearInterval(renewal);
  }
}

async function openResult(
  claimed: ClaimedDelivery,
  { db, media, botId, now }: Sending,
): Promise<{ readonly file: OutgoingFile; readonly release: () => Promise<void> } | undefined> {
  const { requestId, request } = claimed;
  const object =
    request.resultSha256 === null
      ? null
      : await db.mediaObject.findUnique({ where: { sha256: request.resultSha256 }, select: { bytes: true } });
  try {
    if (request.resultSha256 === null || object === null) throw new MediaMissing(request.resultSha256 ?? 'none');
    const opened = await media.open(request.resultSha256);
    const file: OutgoingFile = {
      path: opened.path,
      bytes: Number(object.bytes),
      name: resultName(request.inputName),
      isSpoiler: request.reply.isSpoiler,
    };
    return { file, release: () => opened.release() };
  } catch (error) {
    if (!(error instanceof MediaMissing)) throw error;
    await markKept(db, requestId, botId, { problem: 'result-gone', now: new Date(now()) });
    return undefined;
  }
}

async function tryPlace(claimed: ClaimedDelivery, file: OutgoingFile | undefined, options: Sending): Promise<void> {
  const { db, rest, botId, now, onTry, signal } = options;
  const { requestId, place } = claimed;
  let arrival: Arrival;
  let outcome = 'sent';
  try {
    const said = file === undefined ? noticeAt(claimed, place) : resultAt(claimed, place, file.bytes);
    const earlier = mayBeThere(claimed) ? await findSent(rest, claimed, place, said, now()) : undefined;
    if (earlier !== undefined) outcome = 'found';
    // A signal of its own: the REST client listens to it for ever.
    arrival = earlier ?? (await sendTo(rest, claimed, place, said, { file, signal: AbortSignal.any([signal]) }));
  } catch (error) {
    const verdict = judge(error);
    const { problem } = verdict;
    onTry?.(place, problem);
    const level = problem === fault ? 'error' : 'info';
    options.log[level]({ requestId, place, problem, ...(problem === fault && { err: error }) }, 'not delivered');
    await settle(claimed, verdict, file, options);
    return;
  }
  onTry?.(place, outcome);
  // Out of the try: what has arrived is not sent to the next place because the database could not be written.
  await markDelivered(db, requestId, botId, { ...arrival, now: new Date(now()) });
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
  const { requestId, attempts, place } = claimed;
  const { problem } = verdict;
  if (verdict.act === 'next' || (verdict.act === 'again' && attempts + 1 >= mostAttempts)) {
    await leave(claimed, problem, options);
  } else if (verdict.act === 'again') {
    const nextAttemptAt = new Date(now() + Math.max(verdict.waitMs ?? 0, backOff(attempts)));
    await recordTry(db, requestId, botId, { problem, nextAttemptAt, now: new Date(now()) });
  } else {
    const sizeLimit = file === undefined ? undefined : smallerLimit(file.bytes);
    if (sizeLimit !== undefined) {
      await askRefit(db, requestId, botId, { sizeLimit, problem, now: new Date(now()) });
      options.refitting.add(requestId);
      options.queue.submitted(requestId);
      return;
    }
    await tellSize(claimed, place, file?.bytes ?? 0, options);
    await markKept(db, requestId, botId, { problem, now: new Date(now()) });
  }
}

/** On to the next place, or kept for `/result` where there is none. */
async function leave(claimed: ClaimedDelivery, problem: string, { db, botId, now }: Sending): Promise<void> {
  const place = nextPlace(claimed, claimed.place);
  const at = { problem, now: new Date(now()) };
  if (place === undefined) await markKept(db, claimed.requestId, botId, at);
  else await moveToPlace(db, claimed.requestId, botId, { ...at, place });
}
