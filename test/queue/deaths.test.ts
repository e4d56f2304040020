/**
 * Deaths: workers and redis-server are killed with SIGKILL in the middle of work. Nothing is lost, nothing is finished twice,
 * and what kills every worker that touches it is given up.
 */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { cancelChannel, defaultPrefix } from '../../src/queue/names.ts';
import { openWorld, quick, type QueueWorld, stubWork, until } from './world.ts';

let world: QueueWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const stateOf = async (id: string): Promise<string> => (await world.row(id)).state;
const begun = async (): Promise<string[]> => {
  const text = await readFile(join(world.folder, 'work.log'), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line.startsWith('begin ') ? [line.slice(6)] : []));
};
/** How often each request came to an end, by the events that cannot be changed afterwards. */
const endsOf = async (id: string): Promise<number> =>
  await world.db.requestEvent.count({ where: { requestId: id, to: { in: ['delivering', 'failed', 'cancelled'] } } });

async function killRedis(): Promise<void> {
  const [server] = world.redisServers();
  process.kill(server!.pid, 'SIGKILL');
  await until(() => world.redisServers().some(({ pid }) => pid !== server!.pid));
}

/** Redis stands still, connections and all; the function returned lets it go on. */
function stopRedis(): () => void {
  const [server] = world.redisServers();
  process.kill(server!.pid, 'SIGSTOP');
  return () => process.kill(server!.pid, 'SIGCONT');
}

describe('a worker that is killed', () => {
  it('loses its job to another, which ends it', async () => {
    await world.queue();
    const first = await world.workerProcess(600_000);
    const ids = [await world.add()];
    await until(async () => (await begun()).length === 1);
    const { workerId: dying } = await world.row(ids[0]!);
    const second = await world.workerProcess(500);
    ids.push(await world.add({ userId: '201' }));
    await until(async () => (await begun()).length >= 2);
    first.kill('SIGKILL');
    await once(first, 'exit');
    await until(async () => (await Promise.all(ids.map(stateOf))).every((state) => state === 'delivering'));
    const rows = await Promise.all(ids.map(world.row));
    expect(dying).not.toBeNull();
    expect(rows.map(({ workerId }) => workerId)).not.toContain(dying);
    expect(new Set(rows.map(({ workerId }) => workerId)).size).toBe(1);
    expect(rows[0]!.attempts).toBeGreaterThan(1);
    expect(await Promise.all(ids.map(endsOf))).toEqual([1, 1]);
    second.kill('SIGTERM');
    await once(second, 'exit');
    expect(second.exitCode).toBe(0);
  });

  it('three times over by the same request: that one is given up, the next is not', async () => {
    await world.queue();
    const poison = await world.add({ now: new Date(Date.now() - 1000) });
    for (let time = 1; time <= 3; time += 1) {
      const worker = await world.workerProcess(60_000);
      await until(async () => (await begun()).length === time);
      worker.kill('SIGKILL');
      await once(worker, 'exit');
    }
    const innocent = await world.add();
    await world.worker({ restore: stubWork(20) });
    await until(async () => (await stateOf(poison)) === 'failed' && (await stateOf(innocent)) === 'delivering');
    expect(await world.row(poison)).toMatchObject({ code: 'queue.worker-lost', attempts: 3 });
    expect(await world.db.delivery.findUnique({ where: { requestId: poison } })).toMatchObject({ kind: 'notice' });
    expect(await world.row(innocent)).toMatchObject({ attempts: 1 });
  });

  it('and was asked to cancel: the request is cancelled, not begun again', async () => {
    const queue = await world.queue();
    const worker = await world.workerProcess(60_000);
    const id = await world.add();
    await until(async () => (await begun()).length === 1);
    process.kill(worker.pid!, 'SIGSTOP');
    expect(await queue.cancel(id, 'member:200')).toBe('asked');
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await world.worker({ restore: stubWork(20) });
    await until(async () => (await stateOf(id)) === 'cancelled');
    expect(await begun()).toHaveLength(1);
  });
});

describe('a worker that stood still', () => {
  it('finds on waking that another has its request, and leaves it alone', async () => {
    await world.queue();
    const sleeper = await world.workerProcess('until told');
    const id = await world.add();
    await until(async () => (await begun()).length === 1);
    process.kill(sleeper.pid!, 'SIGSTOP');
    const other = await world.worker({ restore: stubWork(1000) });
    await until(async () => (await world.row(id)).workerId === other.id);
    // Its work is done as soon as it wakes.
    await writeFile(join(world.folder, 'told'), '');
    process.kill(sleeper.pid!, 'SIGCONT');
    await until(async () => (await stateOf(id)) === 'delivering');
    // Whatever it does about it, it has done when it has ended.
    sleeper.kill('SIGTERM');
    await once(sleeper, 'exit');
    expect(await world.row(id)).toMatchObject({ state: 'delivering', workerId: other.id, attempts: 2 });
    const ends = await world.db.requestEvent.findMany({ where: { requestId: id, to: 'delivering' } });
    expect(ends.map(({ actor }) => actor)).toEqual([`worker:${other.id}`]);
  });
});

describe('Redis', () => {
  it('killed and started again in the middle of work: every request ends once', async () => {
    const queue = await world.queue();
    const progress = new Set<string>();
    queue.onProgress((id) => progress.add(id));
    const ran: string[] = [];
    // A job that Redis gave out as it died comes round when its lock is over.
    await world.worker({ restore: stubWork(400, (id) => ran.push(id)) }, { slots: 2, timing: quick });
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => world.add({ userId: String(n) })));
    for (let time = 1; time <= 3; time += 1) {
      await until(() => ran.length >= time * 3);
      await killRedis();
    }
    await until(async () => (await world.db.request.count({ where: { state: 'delivering' } })) === 12);
    expect(await Promise.all(ids.map(endsOf))).toEqual(Array<number>(12).fill(1));
    expect(new Set(ran).size).toBe(12);
    // The last of them began after the last death.
    await until(() => progress.has(ran.at(-1)!));
  });

  it('that lost everything it knew: every request still ends once, and what ran goes on', async () => {
    await world.queue();
    const ran: string[] = [];
    await world.worker({ restore: stubWork(800, (id) => ran.push(id)) });
    const ids = await Promise.all(Array.from({ length: 4 }, (_, n) => world.add({ userId: String(n) })));
    await until(() => ran.length >= 2);
    const redis = new Redis(world.redis.address);
    await redis.flushall();
    redis.disconnect();
    await until(async () => (await world.db.request.count({ where: { state: 'delivering' } })) === 4);
    expect(ran.sort()).toEqual(ids.sort());
    expect(await Promise.all(ids.map(endsOf))).toEqual([1, 1, 1, 1]);
  });

  it('that lost everything together with the worker: the request is put back by the reconciler', async () => {
    await world.queue();
    const worker = await world.workerProcess(60_000);
    const id = await world.add();
    await until(async () => (await begun()).length === 1);
    const redis = new Redis(world.redis.address);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await redis.flushall();
    redis.disconnect();
    await world.worker({ restore: stubWork(20) });
    await until(async () => (await stateOf(id)) === 'delivering');
    expect(await world.row(id)).toMatchObject({ attempts: 2 });
    const events = await world.db.requestEvent.findMany({ where: { requestId: id }, orderBy: { id: 'asc' } });
    expect(events.map(({ to, actor }) => `${to} ${actor.split(':')[0]!}`).slice(2)).toEqual([
      'running worker',
      'waiting bot',
      'running worker',
      'delivering worker',
    ]);
  });

  it('that comes back hears cancellations again', async () => {
    const queue = await world.queue();
    await world.worker({ restore: stubWork(600_000) }, { timing: { ...quick, lock: 60_000, watch: 600_000 } });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'running');
    await killRedis();
    await until(() => queue.isConnected());
    const redis = new Redis(world.redis.address);
    const listeners = (): Promise<unknown[]> => redis.pubsub('NUMSUB', cancelChannel(defaultPrefix));
    await until(async () => Number((await listeners())[1]) > 0);
    redis.disconnect();
    expect(await queue.cancel(id, 'member:200')).toBe('asked');
    await until(async () => (await stateOf(id)) === 'cancelled');
  });

  it('that is away holds nobody up who asks or cancels', async () => {
    const queue = await world.queue();
    await world.worker({ restore: stubWork(60_000) });
    const [running, waiting] = [await world.add(), await world.add()];
    await until(async () => (await stateOf(running)) === 'running');
    const goOn = stopRedis();
    queue.submitted(waiting);
    expect(await queue.standing(waiting)).toMatchObject({ place: 1 });
    expect(await queue.cancel(waiting, 'member:200')).toBe('cancelled');
    expect(await queue.cancel(running, 'member:200')).toBe('asked');
    await until(async () => (await stateOf(running)) === 'cancelled');
    goOn();
  });
});

describe('closing a worker', () => {
  it('lets a job end that can, within the grace', async () => {
    await world.queue();
    const ran: string[] = [];
    const worker = await world.worker({ restore: stubWork(1000, (one) => ran.push(one)) });
    const id = await world.add();
    await until(() => ran.length > 0);
    await worker.close(600_000);
    expect(await world.row(id)).toMatchObject({ state: 'delivering', attempts: 1 });
  });

  it('hands back one that cannot, uncounted, and the next worker runs it', async () => {
    const queue = await world.queue();
    const worker = await world.worker({ restore: stubWork(60_000) });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'running');
    await worker.close(4000);
    // By then, unless the machine stood still just there.
    await until(async () => (await stateOf(id)) === 'waiting');
    expect(await world.row(id)).toMatchObject({ state: 'waiting', attempts: 0, workerId: null });
    await until(async () => (await queue.overview()).workers.length === 0);
    await world.worker({ restore: stubWork(20) });
    await until(async () => (await stateOf(id)) === 'delivering');
    expect(await world.row(id)).toMatchObject({ attempts: 1 });
  });

  it('does not hang on a Redis that does not answer', async () => {
    await world.queue();
    const worker = await world.worker({ restore: stubWork(60_000) });
    const id = await world.add();
    await until(async () => (await stateOf(id)) === 'running');
    const goOn = stopRedis();
    await worker.close(4000);
    await until(async () => (await stateOf(id)) === 'waiting');
    goOn();
  });
});
