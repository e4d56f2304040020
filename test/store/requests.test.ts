/** Requests from the asking to the end, with whoever else wants the same row at the same moment. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { inTransaction, type Database } from '../../src/store/database.ts';
import { addReference } from '../../src/store/media-references.ts';
import { stopRequest } from '../../src/store/moderation.ts';
import { reserveQuota } from '../../src/store/quotas.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { IllegalTransition } from '../../src/store/request-states.ts';
import {
  askCancel,
  changeState,
  createRequest,
  finishRequest,
  forgetExpiredTokens,
  RequestMissing,
  RequestTaken,
} from '../../src/store/requests.ts';
import { inProcesses, onEachDatabase } from './databases.ts';
import { after, finished, hour, newRequest, newSha256, runningRequest, secretToken, start } from './fixtures.ts';

describe('ids of requests', () => {
  it('are UUIDs of version 7 that sort by time', () => {
    const id = newRequestId(Date.parse('2022-02-22T19:22:22.000Z'), () => Buffer.from('0cc318c4dc0c0c07398f', 'hex'));
    expect(id).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f'); // the example of RFC 9562, A.6
    const ids = [5, 70_000, 2 ** 40, 2 ** 47].map((ms) => newRequestId(ms));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(Array.from({ length: 1000 }, () => newRequestId(1))).size).toBe(1000);
  });
});

const everything = (db: Database, id: string) =>
  db.request.findUniqueOrThrow({
    where: { id },
    include: {
      events: { orderBy: { id: 'asc' } },
      delivery: true,
      quota: true,
      media: true,
      reply: true,
      sources: true,
    },
  });

async function reserved(db: Database, requestId: string): Promise<void> {
  const ask = { requestId, userId: 'member', command: 'restore' as const, seconds: 20, limits: {}, now: start };
  expect(await reserveQuota(db, ask)).toEqual({ granted: true });
}

const clipUrl = 'https://cdn.example/clip.mp4?ex=1&hm=c2lnbmF0dXJl';
const sources = [{ role: 'input', url: clipUrl }] as const;

async function withInput(db: Database, requestId: string): Promise<void> {
  const file = { sha256: newSha256(), bytes: 5, mediaType: 'video/mp4' };
  await inTransaction(db, (tx) => addReference(tx, { requestId, role: 'input', ...file, expiresAt: null }));
}

onEachDatabase(({ dialect, newUrl, open }) => {
  it('writes a request once however often its interaction comes', async () => {
    const { db } = await open();
    const asked = newRequest();
    const all = await Promise.all(Array.from({ length: 10 }, () => createRequest(db, { ...asked, id: randomUUID() })));
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(all.map(({ request }) => request.id)).size).toBe(1);
    const id = all[0]!.request.id;
    expect(await everything(db, id)).toMatchObject({
      state: 'received',
      parameters: asked.parameters,
      createdAt: start,
      reply: { token: secretToken, uploadLimit: 10_485_760, messageId: null },
      events: [{ from: null, to: 'received', actor: 'member:member' }],
    });
    expect(await db.request.count()).toBe(1);
  });

  it('knows where the clip is until the clip is kept', async () => {
    const { db } = await open();
    const { id } = (await createRequest(db, newRequest({ sources }))).request;
    const other = (await createRequest(db, newRequest({ sources }))).request;
    expect((await everything(db, id)).sources).toEqual([{ requestId: id, role: 'input', url: clipUrl }]);
    await withInput(db, id);
    expect((await everything(db, id)).sources).toEqual([]);
    expect((await everything(db, other.id)).sources).toHaveLength(1);
  });

  it('dates what goes with each state, counts attempts, and frees a request that is handed back', async () => {
    const { db } = await open();
    const { id } = (await createRequest(db, newRequest())).request;
    expect(await changeState(db, id, 'waiting', { actor: 'bot', now: after(1) })).toMatchObject({ queuedAt: after(1) });
    const set = { workerId: 'one', dispatchedAt: after(2) };
    expect(await changeState(db, id, 'running', { actor: 'worker:one', now: after(3), set })).toMatchObject({
      startedAt: after(3),
      attempts: 1,
      workerId: 'one',
    });
    expect(await changeState(db, id, 'waiting', { actor: 'worker:one', now: after(4) })).toMatchObject({
      queuedAt: after(1),
      startedAt: null,
      dispatchedAt: null,
      workerId: null,
    });
    await changeState(db, id, 'running', { actor: 'worker:two', now: after(5), set: { workerId: 'two' } });
    expect(await finishRequest(db, id, finished(), after(6))).toMatchObject({ attempts: 2, finishedAt: after(6) });
  });

  it('gives each request to one of two workers that want all of them', async () => {
    const url = await newUrl();
    const { db } = await open(url);
    const ids: string[] = [];
    for (let count = 0; count < 12; count++) {
      const { request } = await createRequest(db, newRequest());
      await changeState(db, request.id, 'waiting', { actor: 'bot', now: start });
      ids.push(request.id);
    }
    const begun = await inProcesses<number>(2, ['start', url, ...ids]);
    expect(begun[0]! + begun[1]!).toBe(12);
    expect(await db.requestEvent.count({ where: { to: 'running' } })).toBe(12);
    expect(await db.request.count({ where: { state: 'running', attempts: 1 } })).toBe(12);
  });

  it('ends a request with its result, quota, files and delivery in one transaction', async () => {
    const { db } = await open();
    const { id } = await runningRequest(db);
    await reserved(db, id);
    await withInput(db, id);
    const result = finished();
    await finishRequest(db, id, { ...result, heldBy: 'one' }, after(10));
    expect(await everything(db, id)).toMatchObject({
      state: 'delivering',
      outcome: result.outcome,
      computeSeconds: 7.5,
      resultSha256: result.file.sha256,
      finishedAt: after(10),
      quota: { state: 'settled', reservedSeconds: 20, settledSeconds: 7.5 },
      media: [{ role: 'result', sha256: result.file.sha256, expiresAt: result.expiresAt }],
      delivery: { kind: 'result', state: 'waiting', place: 'interaction', nextAttemptAt: after(10) },
    });
  });

  it('keeps the input for a comparison when told', async () => {
    const { db } = await open();
    const { id } = await runningRequest(db);
    await withInput(db, id);
    await finishRequest(db, id, finished({ keepInputUntil: after(hour) }), start);
    const { media } = await everything(db, id);
    expect(media.find(({ role }) => role === 'input')).toMatchObject({ expiresAt: after(hour) });
  });

  it('ends nothing by half: a fault in the middle leaves all as it was', async () => {
    const { db } = await open();
    const { id } = await runningRequest(db);
    await reserved(db, id);
    await withInput(db, id);
    // The last thing written is the delivery; one that is there already makes it fail.
    await db.delivery.create({
      data: { requestId: id, kind: 'notice', state: 'waiting', place: 'interaction', nextAttemptAt: start },
    });
    await expect(finishRequest(db, id, finished(), start)).rejects.toMatchObject({ code: 'P2002' });
    expect(await everything(db, id)).toMatchObject({
      state: 'running',
      resultSha256: null,
      quota: { state: 'reserved' },
      media: [{ role: 'input' }],
    });
    expect(await db.mediaObject.count()).toBe(1);
  });

  it('takes no result from a worker that lost the request, and only one result', async () => {
    const { db } = await open();
    const { id } = await runningRequest(db);
    await changeState(db, id, 'running', { actor: 'worker:two', now: after(1), set: { workerId: 'two' } });
    await expect(finishRequest(db, id, finished({ heldBy: 'one' }), start)).rejects.toBeInstanceOf(RequestTaken);
    const both = [1, 2].map(() => finishRequest(db, id, finished({ heldBy: 'two' }), start));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(IllegalTransition);
    }
    expect(await db.mediaReference.count({ where: { requestId: id } })).toBe(1);
  });

  it('gives back the quota of a failure, charges a cancelled request for what it used, and tells the requester of both', async () => {
    const { db } = await open();
    const [failed, cancelled] = [await runningRequest(db), await runningRequest(db)];
    for (const { id } of [failed, cancelled]) {
      await reserved(db, id);
      await withInput(db, id);
    }
    const codeParameters = { detail: 'lost' };
    await finishRequest(db, failed.id, { kind: 'failed', actor: 'bot', code: 'worker.lost', codeParameters }, start);
    const cancel = { kind: 'cancelled', actor: 'worker:one', code: 'job.cancelled', computeSeconds: 3 } as const;
    await finishRequest(db, cancelled.id, cancel, start);
    const told = { kind: 'notice', state: 'waiting' };
    expect(await everything(db, failed.id)).toMatchObject({
      state: 'failed',
      code: 'worker.lost',
      codeParameters,
      quota: { state: 'released' },
      media: [],
      delivery: told,
    });
    expect(await everything(db, cancelled.id)).toMatchObject({
      state: 'cancelled',
      quota: { state: 'settled', settledSeconds: 3 },
      media: [],
      delivery: told,
    });
  });

  it('cancels at once what has not begun, asks the worker of what runs, and comes too late for the rest', async () => {
    const { db } = await open();
    const { id } = (await createRequest(db, newRequest())).request;
    await reserved(db, id);
    expect(await askCancel(db, id, 'member:member', after(1))).toBe('cancelled');
    expect(await everything(db, id)).toMatchObject({
      state: 'cancelled',
      code: 'job.cancelled',
      quota: { state: 'released' },
      delivery: { kind: 'notice' },
    });
    expect(await askCancel(db, id, 'member:member', after(2))).toBe('too-late');
    const running = await runningRequest(db);
    expect(await askCancel(db, running.id, 'moderator:m', after(3))).toBe('asked');
    expect(await askCancel(db, running.id, 'moderator:m', after(4))).toBe('asked');
    expect(await everything(db, running.id)).toMatchObject({ state: 'running', cancelAskedAt: after(3) });
    await expect(askCancel(db, 'nothing', 'bot', start)).rejects.toBeInstanceOf(RequestMissing);
  });

  it('stops what is somebody else’s with the row that says who did, or not at all', async () => {
    const { db } = await open();
    const by = { moderatorId: 'm', guildId: 'guild', now: after(1) };
    const [{ request: waits }, runs] = [await createRequest(db, newRequest()), await runningRequest(db)];
    const actions = () => db.moderatorAction.findMany({ orderBy: { id: 'asc' } });
    expect(await stopRequest(db, waits.id, { ...by, guildId: 'elsewhere' })).toBe('unknown');
    expect(await stopRequest(db, waits.id, by)).toBe('cancelled');
    expect(await stopRequest(db, waits.id, by)).toBe('too-late');
    expect(await stopRequest(db, runs.id, by)).toBe('asked');
    const code = 'queue.deleted-by-moderator';
    expect(await everything(db, waits.id)).toMatchObject({ state: 'cancelled', code, delivery: { kind: 'notice' } });
    expect(await everything(db, runs.id)).toMatchObject({ state: 'running', code, cancelAskedAt: after(1) });
    const row = { kind: 'deleteResult', moderatorId: 'm', targetUserId: 'member', detail: { stopped: true } };
    expect(await actions()).toMatchObject([
      { ...row, requestId: waits.id },
      { ...row, requestId: runs.id },
    ]);

    const refused =
      dialect === 'sqlite'
        ? `CREATE TRIGGER "full" BEFORE INSERT ON "ModeratorAction" BEGIN SELECT RAISE(ABORT, 'full'); END`
        : 'ALTER TABLE "ModeratorAction" ADD CONSTRAINT "full" CHECK (false) NOT VALID';
    await db.$executeRawUnsafe(refused);
    const { request: third } = await createRequest(db, newRequest());
    await expect(stopRequest(db, third.id, by)).rejects.toThrow();
    expect(await everything(db, third.id)).toMatchObject({ state: 'received', code: null, delivery: null });
  });

  it('never cancels without a word what a worker takes at the same moment', async () => {
    const url = await newUrl();
    const [one, two] = [await open(url), await open(url)];
    for (let round = 0; round < 10; round++) {
      const { id } = (await createRequest(one.db, newRequest())).request;
      await changeState(one.db, id, 'waiting', { actor: 'bot', now: start });
      const [cancel, begin] = await Promise.allSettled([
        askCancel(one.db, id, 'member:member', start),
        changeState(two.db, id, 'running', { actor: 'worker:one', now: start, from: ['waiting'] }),
      ]);
      const row = await one.db.request.findUniqueOrThrow({ where: { id } });
      expect(cancel).toMatchObject({
        status: 'fulfilled',
        value: begin.status === 'fulfilled' ? 'asked' : 'cancelled',
      });
      expect(row.state).toBe(begin.status === 'fulfilled' ? 'running' : 'cancelled');
      expect(row.cancelAskedAt === null).toBe(begin.status === 'rejected');
    }
  });

  it('empties tokens and the addresses of clips when they have expired, and not before', async () => {
    const { db } = await open();
    const { id } = (await createRequest(db, newRequest({ sources }))).request;
    expect(await forgetExpiredTokens(db, after(15 * 60_000 - 1))).toBe(0);
    expect(await everything(db, id)).toMatchObject({ reply: { token: secretToken }, sources: [{ url: clipUrl }] });
    expect(await forgetExpiredTokens(db, after(15 * 60_000))).toBe(2);
    expect(await everything(db, id)).toMatchObject({ reply: { token: null }, sources: [] });
    expect(await forgetExpiredTokens(db, after(hour))).toBe(0);
  });
});
