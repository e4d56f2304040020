/**
 * A bot process of which only the sender of the outbox runs, for the test that kills it: at each point that it is told, once,
 * and without a word, as a power cut would. Started with its orders as JSON in the first argument.
 */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';

import { createRests } from '../../src/discord/client.ts';
import { startDelivery } from '../../src/discord/delivery.ts';
import { openDatabase } from '../../src/store/database.ts';
import { localMediaStore } from '../../src/store/local-media-store.ts';

/** `claimed`: nothing is sent; `opened`: the file is at hand; `told`: Discord has answered and nothing is written of it. */
export type DyingPoint = 'claimed' | 'opened' | 'told';

export interface SenderOrders {
  readonly databaseUrl: string;
  readonly mediaFolder: string;
  readonly token: string;
  readonly rest: { readonly api: string; readonly cdn: string };
  /** By request. */
  readonly dieAt: Readonly<Record<string, DyingPoint>>;
  readonly results: Readonly<Record<string, string>>;
}

const orders = JSON.parse(process.argv[2] ?? '') as SenderOrders;
const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const { db } = await openDatabase({ url: orders.databaseUrl });
const media = localMediaStore({ folder: orders.mediaFolder });
let current: string | undefined;

startDelivery({
  db,
  rest: createRests(orders).deliveryRest,
  media: {
    ...media,
    open: async (sha256) => {
      const opened = await media.open(sha256);
      const requestId = orders.results[sha256];
      if (requestId !== undefined && orders.dieAt[requestId] === 'opened') die();
      return opened;
    },
  },
  queue: { onEnded: () => () => undefined, submitted: () => undefined },
  cards: {
    release: (requestId) => {
      current = requestId;
      if (orders.dieAt[requestId] === 'claimed') die();
      return Promise.resolve();
    },
  },
  onTry: () => {
    if (current !== undefined && orders.dieAt[current] === 'told') die();
  },
  botId: randomUUID(),
  now: Date.now,
  log: pino({ level: 'warn' }),
  pollMs: 40,
  leaseMs: 500,
});
