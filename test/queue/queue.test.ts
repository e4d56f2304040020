/** The queue as a whole, with real Redis and a real database: order, cancelling, retrying, and what it says of itself. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { LumiereError } from '../../src/engine/errors.ts';
import { defaultPrefix, jobIdOf, shortQueue } from '../../src/queue/names.ts';
import type { RefitWork, RestoreWork } from '../../src/queue/processor.ts';
import type { JobQueue } from '../../src/queue/queue.ts';
import { askCancel, createRequest } from '../../src/store/requests.ts';
import { newRequest } from '../store/fixtures.ts';
import { gated, openWorld, quick, type QueueWorld, stubWork, until } from './world.ts';

let world: QueueWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const stateOf = async (id: string): Promise<string> => (await world.row(id)).state;

describe('a request', () => {
  it('is run, and its end written with result, delivery and quota in one', async () => {
    const queue = await world.queue();
    const worker = await world.worker({ restore: stubWork(50) });
    const ended: string[] = [];
    queue.onEnded((id) => ended.push(id));
    const id = await world.add();
    queue.submitted(id);
    await until(() => ended.includes(id));
    const row = await world.row(id);
    expect(row).toMatchObject({ state: 'delivering', attempts: 1, workerId: worker.id, outcome: { made: true } });
    expect(row.computeSeconds).toBeGreaterThan(0.04);
    expect(row.resultExpiresAt!.getTime() - Date.now()).toBeGreaterThan(71 * 3_600_000);
    const file = await world.media.open(row.resultSha256!);
    await file.release();
    expect(await world.db.delivery.findUnique({ where: { requestId: id } })).toMatchObject({ kind: 'result' });
    expect(await queue.standing(id)).toBeUndefined();
    const events = await world.db.requestEvent.findMany({ where: { requestId: id }, orderBy: { id: 'asc' } });
    expect(events.map(({ to }) => to)).toEqual(['received', 'waiting', 'running', 'delivering']);
    expect(events[2]!.actor).toBe(`worker:${worker.id}`);
  });

  it('is found without anybody saying so', async () => {
    await world.queue();
    await world.worker({ restore: stubWork(10) });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'delivering');
  });

  it('waits while no worker is alive, and says so', async () => {
    const queue = await world.queue();
    const first = await world.add({ predictedSeconds: 10 });
    const second = await world.add({ userId: '201', predictedSeconds: 10 });
    await sleep(600);
    queue.submitted(second);
    expect(await queue.standing(first)).toMatchObject({ state: 'waiting', place: 1, hasWorker: false });
    const standing = await queue.standing(second);
    expect(standing).toMatchObject({ place: 2 });
    expect(standing!.startsAt).toBeUndefined();
    expect((await world.row(first)).dispatchedAt).toBeNull();
    expect((await queue.overview()).workers).toEqual([]);
  });

  it('tells place, times and progress while it waits and runs', async () => {
    const queue = await world.queue();
    await world.worker({ restore: stubWork(600_000) }, { device: 'a fast one' });
    const running = await world.add({ predictedSeconds: 3000 });
    const seen: string[] = [];
    queue.onProgress((id, { stage }) => seen.push(`${id} ${stage}`));
    queue.submitted(running);
    await until(() => seen.includes(`${running} restore`));
    const waiting = await world.add({ userId: '201', predictedSeconds: 20 });
    await until(async () => (await queue.standing(waiting))?.startsAt !== undefined);
    const standing = (await queue.standing(waiting))!;
    expect(standing).toMatchObject({ state: 'waiting', place: 1, hasWorker: true });
    expect(standing.startsAt!.getTime() - Date.now()).toBeGreaterThan(2_000_000);
    expect(standing.endsAt!.getTime() - standing.startsAt!.getTime()).toBe(20_000);
    await until(async () => (await queue.overview()).workers[0]?.requests.length === 1);
    const { entries, workers } = await queue.overview();
    expect(entries.map(({ requestId, state }) => [requestId, state])).toEqual([
      [running, 'running'],
      [waiting, 'waiting'],
    ]);
    expect(entries[0]!.progress).toMatchObject({ stage: 'restore', done: 0, total: 100 });
    expect(workers).toMatchObject([{ device: 'a fast one', slots: 1, requests: [running], closing: false }]);
  });
});

describe('cancelling', () => {
  it('takes a waiting request out at once, and it is never begun', async () => {
    const queue = await world.queue();
    const ran: string[] = [];
    const gate = gated();
    await world.worker({
      restore: stubWork(
        () => gate.opened,
        (id) => ran.push(id),
      ),
    });
    const [first, second] = [await world.add(), await world.add()];
    await until(() => ran.length === 1);
    const ended: string[] = [];
    queue.onEnded((id) => ended.push(id));
    expect(await queue.cancel(second, 'member:200')).toBe('cancelled');
    expect(ended).toEqual([second]);
    expect(await world.row(second)).toMatchObject({ state: 'cancelled', code: 'job.cancelled' });
    gate.open();
    await until(async () => (await stateOf(first)) === 'delivering');
    // One that came after it has had its turn by then.
    const third = await world.add();
    await until(async () => (await stateOf(third)) === 'delivering');
    expect(ran).toEqual([first, third]);
    expect(await queue.cancel(second, 'member:200')).toBe('too-late');
  });

  it('tells whoever listens of one that was stopped in its row alone', async () => {
    const queue = await world.queue();
    const id = await world.add();
    const ended: string[] = [];
    queue.onEnded((other) => ended.push(other));
    await askCancel(world.db, id, 'moderator:1', new Date());
    expect(await queue.cancel(id, 'moderator:1')).toBe('too-late');
    expect(ended).toEqual([id]);
  });

  it.each([
    ['by a call through Redis', true, 600_000],
    ['by the row alone, when the call is lost', false, 200],
  ])('breaks a running one off %s', async (_, called, watch) => {
    const queue = await world.queue();
    let signal: AbortSignal | undefined;
    const work = async (job: RestoreWork) => {
      signal = job.signal;
      return await stubWork(600_000)(job);
    };
    await world.worker({ restore: work }, { timing: { ...quick, lock: 60_000, heartbeatTtl: 60_000, watch } });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'running' && signal !== undefined);
    if (called) expect(await queue.cancel(id, 'member:200')).toBe('asked');
    else await world.db.request.update({ where: { id }, data: { cancelAskedAt: new Date() } });
    await until(async () => (await stateOf(id)) === 'cancelled');
    expect(signal!.aborted).toBe(true);
    expect(await world.row(id)).toMatchObject({ code: 'job.cancelled', attempts: 1 });
    expect(await world.db.delivery.findUnique({ where: { requestId: id } })).toMatchObject({ kind: 'notice' });
  });
});

describe('a fault', () => {
  async function fail(error: () => Error): Promise<{ id: string; runs: number }> {
    await world.queue();
    let runs = 0;
    await world.worker({
      restore: () => {
        runs += 1;
        return Promise.reject(error());
      },
    });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'failed');
    await sleep(500);
    return { id, runs };
  }

  it('of the clip ends the request at the first try, with its reason', async () => {
    const { id, runs } = await fail(() => new LumiereError('input.too-small', { width: 1, height: 1, limit: 16 }));
    expect(runs).toBe(1);
    expect(await world.row(id)).toMatchObject({
      code: 'input.too-small',
      codeParameters: { width: 1, height: 1, limit: 16 },
      attempts: 1,
    });
  });

  it('of ours is not tried again either, and its words stay in the log', async () => {
    const { id, runs } = await fail(() => new TypeError('undefined is not a function'));
    expect(runs).toBe(1);
    expect(await world.row(id)).toMatchObject({ code: 'queue.fault', codeParameters: {} });
  });

  it('that may pass is tried three times', async () => {
    const { id, runs } = await fail(() => new LumiereError('output.disk-full'));
    expect(runs).toBe(3);
    expect(await world.row(id)).toMatchObject({ code: 'output.disk-full', attempts: 3 });
  });

  it('that has passed by the second time leaves no trace but the attempt', async () => {
    await world.queue();
    let runs = 0;
    await world.worker({
      restore: (job) => {
        runs += 1;
        if (runs === 1) return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
        return stubWork(10)(job);
      },
    });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'delivering');
    expect(await world.row(id)).toMatchObject({ attempts: 2, code: null });
  });

  it('is that the clip is gone: said so, not tried again', async () => {
    await world.queue();
    const id = await world.add();
    await world.media.remove((await world.row(id)).inputSha256!);
    await world.worker({ restore: stubWork(10) });
    await until(async () => (await stateOf(id)) === 'failed');
    expect(await world.row(id)).toMatchObject({ code: 'queue.input-gone', attempts: 1 });
  });
});

describe('order', () => {
  it('lets nobody have more running than the limit, however many slots are free', async () => {
    await world.queue();
    let now = 0;
    let most = 0;
    await world.worker(
      {
        restore: async (job) => {
          now += 1;
          most = Math.max(most, now);
          return await stubWork(60)(job).finally(() => (now -= 1));
        },
      },
      { slots: 4 },
    );
    const ids = await Promise.all([world.add(), world.add(), world.add()]);
    await until(async () => (await Promise.all(ids.map(stateOf))).every((state) => state === 'delivering'));
    expect(most).toBe(1);
  });

  it('gives out each request once when two dispatchers are at it', async () => {
    await Promise.all([world.queue(), world.queue()]);
    const ran: string[] = [];
    await world.worker({ restore: stubWork(5, (id) => ran.push(id)) }, { slots: 3 });
    const ids = await Promise.all(Array.from({ length: 30 }, (_, n) => world.add({ userId: String(n % 10) })));
    await until(async () => (await world.db.request.count({ where: { state: 'delivering' } })) === 30);
    expect(ran.sort()).toEqual(ids.sort());
  });

  it('ends what waited too long, and says so', async () => {
    const old = await world.add({ now: new Date(Date.now() - 25 * 3_600_000) });
    const fresh = await world.add();
    const queue = await world.queue();
    const ended: string[] = [];
    queue.onEnded((id) => ended.push(id));
    await until(() => ended.includes(old));
    expect(await world.row(old)).toMatchObject({ state: 'failed', code: 'queue.expired' });
    expect(await stateOf(fresh)).toBe('waiting');
  });

  it('ends what was being fetched when nobody was left to fetch it', async () => {
    const received = async (minutesAgo: number): Promise<string> => {
      const { request } = await createRequest(
        world.db,
        newRequest({ now: new Date(Date.now() - minutesAgo * 60_000) }),
      );
      return request.id;
    };
    const [abandoned, fresh] = [await received(31), await received(29)];
    await world.queue();
    await until(async () => (await stateOf(abandoned)) === 'failed');
    expect(await world.row(abandoned)).toMatchObject({ code: 'queue.expired' });
    expect(await stateOf(fresh)).toBe('received');
  });

  it('remembers who was served lately, however long they had waited for it', async () => {
    const ago = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);
    const served = await world.add({ guildId: '1', now: ago(9) });
    const data = { state: 'delivered', startedAt: ago(0.1), computeSeconds: 300 } as const;
    await world.db.request.update({ where: { id: served }, data });
    const again = await world.add({ guildId: '1', now: ago(8) });
    const other = await world.add({ guildId: '2', userId: '201', now: ago(7) });
    const queue = await world.queue();
    expect([(await queue.standing(other))?.place, (await queue.standing(again))?.place]).toEqual([1, 2]);
  });
});

describe('work that hangs', () => {
  const hangs = (): Promise<never> => new Promise(() => undefined);
  const timing = { ...quick, lock: 60_000, heartbeatTtl: 60_000, stall: 500 };
  /** A machine that stands still for so long breaks off what does not hang, too: it is tried again, which is all it costs. */
  const maxAttempts = 8;

  it('is broken off and tried again, and its slot is free', async () => {
    await world.queue({ maxAttempts });
    let runs = 0;
    const restore = (work: RestoreWork) => ((runs += 1) === 1 ? hangs() : stubWork(10)(work));
    await world.worker({ restore }, { timing, maxAttempts });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'delivering');
    expect((await world.row(id)).attempts).toBeGreaterThan(1);
  });

  it('every time it is tried ends as a device that fails', async () => {
    await world.queue();
    await world.worker({ restore: hangs }, { timing });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'failed');
    expect(await world.row(id)).toMatchObject({ code: 'device.failed', attempts: 3 });
  });

  it('is not what takes long and says so', async () => {
    await world.queue({ maxAttempts });
    const restore = async (work: RestoreWork) => {
      for (let done = 0; done < 8; done += 1) {
        work.progress.update('restore', done, 8);
        await sleep(200);
      }
      return await stubWork(10)(work);
    };
    await world.worker({ restore }, { timing, maxAttempts });
    const id = await world.add();
    await until(async () => ['delivering', 'failed'].includes(await stateOf(id)));
    expect(await stateOf(id)).toBe('delivering');
  });
});

describe('a smaller encoding', () => {
  const write = (order: string[], kind: string) => async (work: Pick<RestoreWork, 'folder'>) => {
    order.push(kind);
    const path = join(work.folder, 'made.mp4');
    await writeFile(path, kind);
    return { path, mediaType: 'video/mp4' };
  };
  const deliveryOf = (requestId: string) => world.db.delivery.findUniqueOrThrow({ where: { requestId } });
  async function wanted(queue: JobQueue): Promise<string> {
    const restorer = await world.worker({ restore: stubWork(10) });
    const id = await world.add();
    queue.submitted(id);
    await until(async () => (await stateOf(id)) === 'delivering');
    await restorer.close(1000);
    await world.db.delivery.update({ where: { requestId: id }, data: { state: 'refitting', sizeLimit: 100 } });
    return id;
  }

  it('that a closing worker broke off is begun again, however often', async () => {
    const queue = await world.queue({ maxAttempts: 1 });
    const id = await wanted(queue);
    for (let time = 1; time <= 2; time += 1) {
      let began = false;
      const refit = async ({ signal }: RefitWork): Promise<never> => {
        began = true;
        await once(signal, 'abort');
        throw new LumiereError('job.cancelled');
      };
      const worker = await world.worker({ refit }, { maxAttempts: 1 });
      await until(() => began);
      await worker.close(3500);
      expect(await deliveryOf(id)).toMatchObject({ state: 'refitting' });
    }
    await world.worker({ refit: write([], 'refit') }, { maxAttempts: 1 });
    await until(async () => (await deliveryOf(id)).state === 'waiting');
  });

  it('goes before comparisons', async () => {
    const queue = await world.queue();
    const id = await wanted(queue);
    await world.db.delivery.update({ where: { requestId: id }, data: { state: 'waiting' } });
    const wish = { maxBytes: 1000, labels: ['before', 'after'] as [string, string] };
    const compared = queue.compare(id, wish);
    const redis = new Redis(world.redis.address);
    const isThere = async (job: Parameters<typeof jobIdOf>[0]): Promise<boolean> =>
      (await redis.exists(`${defaultPrefix}:${shortQueue}:${jobIdOf(job)}`)) === 1;
    await until(() => isThere({ version: 1, kind: 'compare', requestId: id, ...wish }));
    await world.db.delivery.update({ where: { requestId: id }, data: { state: 'refitting' } });
    queue.submitted(id);
    await until(() => isThere({ version: 1, kind: 'refit', requestId: id, maxBytes: 100 }));
    redis.disconnect();
    const order: string[] = [];
    await world.worker({ refit: write(order, 'refit'), compare: write(order, 'compare') });
    await compared;
    expect(order).toEqual(['refit', 'compare']);
  });
});
