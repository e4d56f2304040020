/**
 * The queue as the bot uses it: dispatches, keeps database and Redis together, tells how things stand, and passes on what
 * workers say. Answers come from the database and from memory, so that a Redis that is away delays work and nothing else.
 */
import { Queue, QueueEvents } from 'bullmq';
import type { Logger } from 'pino';

import { repeating } from '../repeating.ts';
import type { Database } from '../store/database.ts';
import { askCancel } from '../store/requests.ts';
import { dispatch, type DispatchContext } from './dispatcher.ts';
import type { FairLimits } from './fair-order.ts';
import { jobProgress, type JobProgress } from './job.ts';
import type { JobQueue } from './job-queue.ts';
import { cancelChannel, defaultMaxAttempts, defaultPrefix, requestQueue, shortQueue } from './names.ts';
import { createReconciler } from './reconcile.ts';
import { connectRedis, disconnect, quietly } from './redis.ts';
import { createRefits } from './refits.ts';
import { createShortJobs } from './short-jobs.ts';
import { createStandings, type Heard } from './standings.ts';
import type { LiveWorker } from './workers.ts';

export type {
  ComparisonWish,
  JobQueue,
  Overview,
  QueueEntry,
  RefittedFile,
  Standing,
  StoredFile,
} from './job-queue.ts';
export type { JobProgress } from './job.ts';

/** Milliseconds. */
export interface QueueTiming {
  /** How often slots and waiting requests are compared, whether or not anybody said that something changed. */
  readonly dispatch: number;
  readonly reconcile: number;
  /** How long a running request may be without worker and job before it is put back. */
  readonly orphan: number;
  /** Before the second attempt of a job that failed for a passing reason; twice as long before the third. */
  readonly retry: number;
  readonly longestWait: number;
}

const defaultQueueTiming: QueueTiming = {
  dispatch: 2000,
  reconcile: 10_000,
  orphan: 20_000,
  retry: 5000,
  longestWait: 24 * 3_600_000,
};

export interface QueueOptions {
  readonly db: Database;
  /** `redis://…`, `rediss://…` or the path of a socket. */
  readonly redis: string;
  readonly prefix?: string;
  readonly limits: FairLimits;
  readonly maxAttempts?: number;
  readonly timing?: Partial<QueueTiming>;
  readonly now?: () => number;
  readonly log: Logger;
}

const goodbyeMs = 1000;

/** Opens the queue and begins to dispatch. Does not wait for Redis: what needs it is done once it is there. */
export function openQueue(options: QueueOptions): Promise<JobQueue> {
  const { db, limits, log, prefix = defaultPrefix, now = Date.now } = options;
  const timing = { ...defaultQueueTiming, ...options.timing };
  const warn = quietly(log, 'redis');
  const redis = connectRedis(options.redis, warn);
  const hearing = [connectRedis(options.redis, warn), connectRedis(options.redis, warn)] as const;
  const shared = { connection: redis, prefix };
  const requests = new Queue(requestQueue, shared);
  const results = new Queue(shortQueue, shared);
  const requestEvents = new QueueEvents(requestQueue, { connection: hearing[0], prefix });
  const resultEvents = new QueueEvents(shortQueue, { connection: hearing[1], prefix });
  for (const queue of [requests, results]) queue.on('error', warn);
  for (const events of [requestEvents, resultEvents]) events.on('error', warn);

  const context: DispatchContext = {
    db,
    redis,
    prefix,
    requests,
    results,
    limits,
    maxAttempts: options.maxAttempts ?? defaultMaxAttempts,
    retryMs: timing.retry,
    now,
    log,
  };
  const progressListeners = new Set<(requestId: string, progress: JobProgress) => void>();
  const endListeners = new Set<(requestId: string) => void>();
  const heard = new Map<string, Heard>();
  let workers: readonly LiveWorker[] = [];
  let closing = false;
  const standings = createStandings({ db, limits, now, heard, workers: () => workers });
  const reconciler = createReconciler(context, { orphanMs: timing.orphan, longestWaitMs: timing.longestWait });
  const shortJobs = createShortJobs(context, resultEvents);

  const ended = (requestId: string): void => {
    heard.delete(requestId);
    standings.forget();
    for (const listener of endListeners) listener(requestId);
  };

  const refits = createRefits({ db, shortJobs, onDone: ended, now, log });
  const dispatchNow = async (): Promise<void> => {
    if (redis.status !== 'ready') return;
    await refits.look();
    const found = await dispatch(context);
    if (found) workers = found;
  };
  /** Ends that nobody told of, because Redis or the worker was away when they were written. */
  const forgetEnded = async (): Promise<void> => {
    const open = new Set((await standings.read()).keys());
    for (const id of [...heard.keys()]) if (!open.has(id)) ended(id);
  };
  const reconcileNow = async (): Promise<void> => {
    if (redis.status !== 'ready') return;
    for (const id of await reconciler.reconcile()) ended(id);
    await forgetEnded();
    rounds.wake();
  };
  const rounds = repeating(dispatchNow, timing.dispatch, warn);
  const reconciliations = repeating(reconcileNow, timing.reconcile, warn);

  requestEvents.on('progress', ({ jobId, data }) => {
    const progress = jobProgress.safeParse(data);
    if (!progress.success) return;
    heard.set(jobId, { progress: progress.data, at: now() });
    for (const listener of progressListeners) listener(jobId, progress.data);
  });
  const jobLeft = ({ jobId }: { jobId: string }): void => {
    rounds.wake();
    standings.forget();
    // A job also leaves when it is handed back or taken by another worker; the row says whether that was the end.
    db.request.findUnique({ where: { id: jobId }, select: { state: true } }).then((row) => {
      if (row?.state !== 'waiting' && row?.state !== 'running') ended(jobId);
      else heard.delete(jobId);
    }, warn);
  };
  requestEvents.on('completed', jobLeft);
  requestEvents.on('failed', jobLeft);
  redis.on('ready', () => {
    reconciliations.wake();
  });

  const queue: JobQueue = {
    submitted: () => {
      standings.forget();
      rounds.wake();
    },
    cancel: async (requestId, actor) => {
      const answer = await askCancel(db, requestId, actor, new Date(now()));
      // Not waited for: a worker that finds the job before it is gone sees in the row that there is nothing to do.
      if (answer === 'cancelled') requests.remove(requestId).catch(warn);
      // Too late as well: ended in a transaction of the caller's, of which nobody here has heard.
      if (answer !== 'asked') {
        ended(requestId);
        rounds.wake();
      }
      if (answer === 'asked') redis.publish(cancelChannel(prefix), requestId).catch(warn);
      return answer;
    },
    standing: async (requestId) => (await standings.read()).get(requestId),
    overview: async () => ({ entries: [...(await standings.read()).values()], workers }),
    ...shortJobs,
    onProgress: (listener) => {
      progressListeners.add(listener);
      return () => progressListeners.delete(listener);
    },
    onEnded: (listener) => {
      endListeners.add(listener);
      return () => endListeners.delete(listener);
    },
    isConnected: () => redis.status === 'ready',
    close: async () => {
      if (closing) return;
      closing = true;
      const goodbye = async (): Promise<void> => {
        await Promise.all([rounds.close(), reconciliations.close()]);
        await Promise.all([requestEvents.close(), resultEvents.close(), requests.close(), results.close()]);
      };
      await Promise.race([
        goodbye().catch(warn),
        new Promise((resolve) => {
          setTimeout(resolve, goodbyeMs);
        }),
      ]);
      await Promise.all([redis, ...hearing].map(disconnect));
    },
  };
  return Promise.resolve(queue);
}
