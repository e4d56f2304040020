/**
 * The sender of the outbox: claims what is due and has it tried, a few at a time (delivery-try.ts). Each step stands in the
 * database before the next one begins, so a bot that dies anywhere delivers after its restart, and nothing twice.
 */
import type { REST } from 'discord.js';
import type { Logger } from 'pino';

import type { JobQueue } from '../queue/queue.ts';
import { repeating } from '../repeating.ts';
import type { Database } from '../store/database.ts';
import { claimDelivery, ClaimLost, defaultLeaseMs, listRefits } from '../store/deliveries.ts';
import type { MediaStore } from '../store/media-store.ts';
import type { DeliveryPlace } from '../store/rows.ts';
import type { CardUpdates } from './card-updates.ts';
import { deliver, tellUndelivered } from './delivery-try.ts';

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
  /** A claim that is not renewed for so long counts as dead, in milliseconds; `defaultLeaseMs` when left out. */
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
const closeGrace = 4000;

export function startDelivery(options: DeliveryOptions): DeliverySender {
  const { db, queue, botId, now, log, leaseMs = defaultLeaseMs } = options;
  const sending = new Set<Promise<void>>();
  const refitting = new Set<string>();
  const breaking = new AbortController();

  const look = async (signal: AbortSignal): Promise<void> => {
    await watchRefits();
    while (!signal.aborted && sending.size < atOnce) {
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

  /** The queue encodes again by itself. Of a result that cannot become small enough nobody else tells. */
  const watchRefits = async (): Promise<void> => {
    const open = new Set((await listRefits(db)).map(({ requestId }) => requestId));
    for (const requestId of [...refitting].filter((one) => !open.has(one))) {
      refitting.delete(requestId);
      await tellIfKept(requestId, options);
    }
    for (const requestId of open) refitting.add(requestId);
  };

  const looks = repeating(look, options.pollMs ?? looksEvery, (error) => {
    log.error({ err: error }, 'the outbox could not be read');
  });
  const { wake } = looks;
  const stopListening = queue.onEnded(wake);
  return {
    wake,
    close: async (graceMs = closeGrace) => {
      const late = setTimeout(() => {
        breaking.abort();
      }, graceMs);
      stopListening();
      await looks.close();
      await Promise.all(sending);
      clearTimeout(late);
    },
  };
}

async function tellIfKept(requestId: string, options: DeliveryOptions): Promise<void> {
  const row = await options.db.delivery.findUnique({
    where: { requestId },
    include: { request: { include: { reply: true } }, tries: true },
  });
  const reply = row?.request.reply;
  if (row?.state !== 'kept' || !reply) return;
  await tellUndelivered({ ...row, request: { ...row.request, reply } }, { limit: row.sizeLimit ?? 0 }, options);
}
