/**
 * Feeds Redis from the database: as many requests as there are free slots, in the fair order. Any number of
 * dispatchers may run; one at a time does a round, and a round that is done twice changes nothing.
 */
import { randomUUID } from 'node:crypto';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

import type { Database } from '../store/database.ts';
import { fairOrder, type FairLimits } from './fair-order.ts';
import { requestJob, type RequestJob } from './job.ts';
import { dispatchLock, jobIdOf } from './names.ts';
import { readQueueRows } from './queue-rows.ts';
import { type LiveWorker, liveWorkers } from './workers.ts';

export interface DispatchContext {
  readonly db: Database;
  readonly redis: Redis;
  readonly prefix: string;
  readonly requests: Queue;
  readonly results: Queue;
  readonly limits: FairLimits;
  readonly maxAttempts: number;
  /** Milliseconds before a job that failed for a passing reason is tried again; twice as long the next time. */
  readonly retryMs: number;
  readonly now: () => number;
  readonly log: Logger;
}

/** A dispatcher that died in a round holds the others up for so long. */
const lockMs = 10_000;
/** Gives the lock back only if it is still ours. */
const unlock = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end";

/** Jobs of a queue that BullMQ knows, by what it means to do with them. */
export async function jobsInRedis(queue: Queue): Promise<{ readonly soon: Set<string>; readonly later: Set<string> }> {
  const [soon, later] = await Promise.all([
    queue.getRanges(['wait', 'active', 'prioritized'], 0, -1),
    queue.getRanges(['delayed'], 0, -1),
  ]);
  return { soon: new Set(soon), later: new Set(later) };
}

/** One round. Resolves to the workers that are alive; undefined when another dispatcher is at it. */
export async function dispatch(context: DispatchContext): Promise<readonly LiveWorker[] | undefined> {
  const { redis, prefix } = context;
  const key = dispatchLock(prefix);
  const token = randomUUID();
  if ((await redis.set(key, token, 'PX', lockMs, 'NX')) === null) return undefined;
  try {
    const workers = await liveWorkers(redis, prefix);
    await dispatchRequests(context, workers);
    return workers;
  } finally {
    await redis.eval(unlock, 1, key, token);
  }
}

async function dispatchRequests(context: DispatchContext, workers: readonly LiveWorker[]): Promise<void> {
  const { db, requests, limits, maxAttempts, retryMs, now, log } = context;
  const slots = workers.filter(({ closing }) => !closing).reduce((sum, worker) => sum + worker.slots, 0);
  if (slots === 0) return;
  const inRedis = await jobsInRedis(requests);
  const free = slots - inRedis.soon.size;
  if (free <= 0) return;
  const { waiting, running, served } = await readQueueRows(db, now());
  const commands = new Map(waiting.map(({ id, command }) => [id, command]));
  // Given out and not begun yet: their turn is taken.
  const given = waiting.filter(({ id }) => inRedis.soon.has(id));
  const open = waiting.filter(({ id }) => !inRedis.soon.has(id) && !inRedis.later.has(id));
  for (const { id } of fairOrder(open, [...served, ...given], [...running, ...given], limits, free)) {
    const data: RequestJob = { version: 1, kind: commands.get(id)!, requestId: id };
    await requests.add(data.kind, requestJob.parse(data), {
      jobId: jobIdOf(data),
      attempts: maxAttempts,
      backoff: { type: 'exponential', delay: retryMs },
      // The request's row says what became of it.
      removeOnComplete: true,
      removeOnFail: true,
    });
    await db.request.updateMany({ where: { id, state: 'waiting' }, data: { dispatchedAt: new Date(now()) } });
    log.debug({ requestId: id }, 'dispatched');
  }
}
