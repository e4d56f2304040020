/**
 * Two requests at once for the last place, again and again: never both. 100 pairs; 1,000 with
 * `npm run test:long -- test/store/quota-race.test.ts`.
 */
import { describe, expect, it } from 'vitest';

import type { Database } from '../../src/store/database.ts';
import { type QuotaDecision, type QuotaLimits, reserveQuota } from '../../src/store/quotas.ts';
import { createRequest } from '../../src/store/requests.ts';
import { isLong } from '../long.ts';
import { onEachDatabase } from './databases.ts';
import { newRequest, start } from './fixtures.ts';

const pairs = isLong ? 1000 : 100;
/** Side by side, each for a place of its own. */
const together = 10;

/** What the last place is of: one job or 10 seconds are left of it. */
const places: readonly { readonly name: string; readonly limits: QuotaLimits; readonly guild: boolean }[] = [
  { name: 'a job of a user', limits: { userJobs: 1 }, guild: false },
  { name: 'the seconds of a user', limits: { userSeconds: 19 }, guild: false },
  { name: 'a job of a guild', limits: { guildJobs: 1 }, guild: true },
  { name: 'the seconds of a guild', limits: { guildSeconds: 19 }, guild: true },
];

async function pair(db: Database, which: string, { limits, guild }: (typeof places)[number]): Promise<QuotaDecision[]> {
  const ask = async (turn: number): Promise<QuotaDecision> => {
    const { request } = await createRequest(db, newRequest({ id: `${which}-${turn}` }));
    const who = guild ? { userId: `${which}-${turn}`, guildId: which } : { userId: which };
    return reserveQuota(db, { ...who, requestId: request.id, command: 'restore', seconds: 10, limits, now: start });
  };
  return Promise.all([ask(0), ask(1)]);
}

onEachDatabase(({ open }) => {
  describe('two at once for the last place', () => {
    it.each(places)(`one gets it, never both and never none: $name`, { timeout: 240_000 }, async (place) => {
      const { db } = await open();
      const granted: number[] = [];
      const share = Math.ceil(pairs / places.length);
      for (let from = 0; from < share; from += together) {
        const decisions = await Promise.all(
          Array.from({ length: Math.min(together, share - from) }, (_, at) => pair(db, `place-${from + at}`, place)),
        );
        granted.push(...decisions.map((pairOf) => pairOf.filter((decision) => decision.granted).length));
      }
      expect(granted).toEqual(Array.from({ length: share }, () => 1));
      expect(await db.quotaReservation.count()).toBe(share);
    });
  });
});
