/** Quotas: windows that slide, places that are given back, and a last place that is taken once. */
import { expect, it } from 'vitest';

import { inTransaction, type Database } from '../../src/store/database.ts';
import {
  checkQuota,
  quotaUse,
  quotaWindowMs,
  type QuotaDecision,
  type QuotaLimits,
  releaseQuota,
  reserveQuota,
  settleQuota,
} from '../../src/store/quotas.ts';
import { createRequest } from '../../src/store/requests.ts';
import { inProcesses, onEachDatabase } from './databases.ts';
import { after, hour, newRequest, start } from './fixtures.ts';

interface Ask {
  readonly user?: string;
  readonly guild?: string | undefined;
  readonly seconds?: number;
  readonly at?: number;
}

/** Reserves for a new request; the id is handed to `made`. */
async function reserve(
  db: Database,
  limits: QuotaLimits,
  { user = 'member', guild, seconds = 10, at = 0 }: Ask = {},
  made: string[] = [],
): Promise<QuotaDecision> {
  const { request } = await createRequest(db, newRequest({ now: after(at) }));
  made.push(request.id);
  const ask = { requestId: request.id, command: 'restore' as const, userId: user, guildId: guild, seconds };
  return reserveQuota(db, { ...ask, limits, now: after(at) });
}

const granted = { granted: true };
const refused = (limit: string, freesAt: Date | undefined) => ({ granted: false, limit, freesAt });

onEachDatabase(({ newUrl, open }) => {
  it('counts the jobs of a user in a window that slides, and says when the next place is free', async () => {
    const { db } = await open();
    const limits = { userJobs: 2 };
    expect(await reserve(db, limits, { at: 0 })).toEqual(granted);
    expect(await reserve(db, limits, { at: hour })).toEqual(granted);
    expect(await reserve(db, limits, { at: 2 * hour })).toEqual(refused('user-jobs', after(quotaWindowMs)));
    expect(await reserve(db, limits, { at: 2 * hour, user: 'another' })).toEqual(granted);
    expect(await reserve(db, limits, { at: quotaWindowMs - 1 })).toEqual(refused('user-jobs', after(quotaWindowMs)));
    expect(await reserve(db, limits, { at: quotaWindowMs })).toEqual(granted);
    expect(await reserve(db, limits, { at: quotaWindowMs })).toEqual(refused('user-jobs', after(quotaWindowMs + hour)));
    expect(await reserve(db, {}, { at: quotaWindowMs })).toEqual(granted);
  });

  it('counts seconds as predicted until they are measured, and waits for as many jobs to leave as it takes', async () => {
    const { db } = await open();
    const limits = { userSeconds: 100 };
    const made: string[] = [];
    for (const [index, seconds] of [30, 30, 40].entries()) {
      expect(await reserve(db, limits, { seconds, at: index * hour }, made)).toEqual(granted);
    }
    const ask = (seconds: number) => checkQuota(db, { userId: 'member', seconds, limits, now: after(3 * hour) });
    expect(await ask(1)).toEqual(refused('user-seconds', after(quotaWindowMs)));
    expect(await ask(60)).toEqual(refused('user-seconds', after(quotaWindowMs + hour)));
    expect(await ask(61)).toEqual(refused('user-seconds', after(quotaWindowMs + 2 * hour)));
    expect(await ask(100)).toEqual(refused('user-seconds', after(quotaWindowMs + 2 * hour)));
    expect(await ask(101)).toEqual(refused('user-seconds', undefined));
    await inTransaction(db, (tx) => settleQuota(tx, made[1]!, 10));
    expect(await ask(20)).toEqual(granted);
    expect(await quotaUse(db, { userId: 'member' }, after(3 * hour))).toEqual({ jobs: 3, seconds: 80 });
  });

  it('holds a guild to its own limits, whoever asks, and leaves direct messages out of them', async () => {
    const { db } = await open();
    const limits = { guildJobs: 2, guildSeconds: 25 };
    expect(await reserve(db, limits, { guild: 'g', user: 'a' })).toEqual(granted);
    expect(await reserve(db, limits, { guild: 'g', user: 'b', seconds: 16 })).toEqual(
      refused('guild-seconds', after(quotaWindowMs)),
    );
    expect(await reserve(db, limits, { guild: 'g', user: 'b' })).toEqual(granted);
    expect(await reserve(db, limits, { guild: 'g', user: 'c' })).toEqual(refused('guild-jobs', after(quotaWindowMs)));
    expect(await reserve(db, limits, { guild: 'other', user: 'c' })).toEqual(granted);
    expect(await reserve(db, limits, { user: 'c' })).toEqual(granted);
    expect(await quotaUse(db, { guildId: 'g' }, start)).toEqual({ jobs: 2, seconds: 20 });
  });

  it('gives a place back once, and never one that was used', async () => {
    const { db } = await open();
    const limits = { userJobs: 1 };
    const made: string[] = [];
    await reserve(db, limits, {}, made);
    await inTransaction(db, (tx) => releaseQuota(tx, made[0]!));
    expect(await reserve(db, limits, {}, made)).toEqual(granted);
    await inTransaction(db, (tx) => settleQuota(tx, made[1]!, 3));
    await inTransaction(db, (tx) => releaseQuota(tx, made[1]!));
    expect(await reserve(db, limits)).toEqual(refused('user-jobs', after(quotaWindowMs)));
    await inTransaction(db, (tx) => settleQuota(tx, made[0]!, 5)); // was given back: stays so
    expect(await quotaUse(db, { userId: 'member' }, start)).toEqual({ jobs: 1, seconds: 3 });
  });

  it('reserves once for a request, however often it asks', async () => {
    const { db } = await open();
    const { request } = await createRequest(db, newRequest());
    const ask = { requestId: request.id, userId: 'm', command: 'restore' as const, seconds: 1, now: start };
    for (let turn = 0; turn < 3; turn++) {
      expect(await reserveQuota(db, { ...ask, limits: { userJobs: 1 } })).toEqual(granted);
    }
    expect(await quotaUse(db, { userId: 'm' }, start)).toEqual({ jobs: 1, seconds: 1 });
  });

  it.each([
    ['one user', ['the-user']],
    ['one guild, each time another user', []],
  ])('takes the last place once when 20 reservations of two processes meet: %s', async (_, user) => {
    const url = await newUrl();
    const { db } = await open(url);
    for (let process = 0; process < 2; process++) {
      for (let turn = 0; turn < 10; turn++) {
        await createRequest(db, newRequest({ id: `request-${process}-${turn}` }));
      }
    }
    const decisions = await inProcesses<boolean[]>(2, ['reserve', url, '10', '7', ...user]);
    expect(decisions.flat().filter(Boolean)).toHaveLength(7);
    expect(await db.quotaReservation.count()).toBe(7);
  });
});
