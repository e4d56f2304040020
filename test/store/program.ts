/** What the store's tests run in processes of their own: prints `ready`, waits for a line, works, prints what came of it. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { openDatabase, type Database } from '../../src/store/database.ts';
import { claimDelivery, markDelivered } from '../../src/store/deliveries.ts';
import { sealLog } from '../../src/store/log-chain.ts';
import { reserveQuota } from '../../src/store/quotas.ts';
import { changeState } from '../../src/store/requests.ts';
import { IllegalTransition } from '../../src/store/request-states.ts';
import { start } from './fixtures.ts';

const [index = '', action = '', url = '', ...words] = process.argv.slice(2);

async function ready(): Promise<void> {
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
}

/** Opens the database first, so that only the work itself meets the other process. */
async function withDatabase<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
  const { db, close } = await openDatabase({ url });
  await ready();
  return work(db).finally(close);
}

const actions: Readonly<Record<string, () => Promise<unknown>>> = {
  open: async () => {
    await ready();
    const { migrated, close } = await openDatabase({ url });
    await close();
    return migrated;
  },
  reserve: () => {
    const [count, limit, oneUser] = words;
    return withDatabase((db) =>
      Promise.all(
        Array.from({ length: Number(count) }, async (_, turn) => {
          const userId = oneUser ?? `member-${index}-${turn}`;
          const limits = oneUser === undefined ? { guildJobs: Number(limit) } : { userJobs: Number(limit) };
          const requestId = `request-${index}-${turn}`;
          const ask = { requestId, userId, guildId: 'guild', command: 'restore' as const, seconds: 1, limits };
          const { granted } = await reserveQuota(db, { ...ask, now: start });
          return granted;
        }),
      ),
    );
  },
  deliver: () =>
    withDatabase(async (db) => {
      const mine: string[] = [];
      for (;;) {
        const claimed = await claimDelivery(db, `bot-${index}`, start);
        if (claimed === undefined) return mine;
        mine.push(claimed.requestId);
        // Whichever comes first keeps what it has until the other has one as well.
        const others = { requestId: { not: claimed.requestId }, state: { not: 'waiting' } } as const;
        while (mine.length === 1 && (await db.delivery.count({ where: others })) === 0) await sleep(5);
        await markDelivered(db, claimed.requestId, `bot-${index}`, { messageId: 'message', now: start });
      }
    }),
  seal: () =>
    withDatabase(async (db) => {
      let sealed = 0;
      for (;;) {
        const count = await sealLog(db, new Uint8Array(32).fill(7), { now: start, limit: 7 });
        if (count === 0) return sealed;
        sealed += count;
      }
    }),
  start: () =>
    withDatabase(async (db) => {
      let begun = 0;
      for (const id of words) {
        try {
          const change = { actor: `worker:${index}`, now: start, from: ['waiting' as const], set: { workerId: index } };
          await changeState(db, id, 'running', change);
          begun++;
        } catch (error) {
          if (!(error instanceof IllegalTransition)) throw error;
        }
      }
      return begun;
    }),
};

const result = await actions[action]!();
process.stdout.write(JSON.stringify(result));
process.stdin.destroy();
