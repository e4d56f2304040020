/**
 * The worker: takes jobs out of Redis and runs them, requests and short work side by side. It says that it
 * is alive, hears of cancellations, and on closing finishes what it can and hands back the rest.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Logger } from 'pino';

import type { Database } from '../store/database.ts';
import type { MadeFileMac } from '../store/made-file-mac.ts';
import type { MediaStore } from '../store/media-store.ts';
import { requestJob, shortJob } from './job.ts';
import { cancelChannel, defaultMaxAttempts, defaultPrefix, requestQueue, shortQueue } from './names.ts';
import type { Processors } from './processor.ts';
import { connectRedis, disconnect, quietly } from './redis.ts';
import type { Break, RunContext } from './run-context.ts';
import { runRequest } from './run-request.ts';
import { shortJobEnd, runShortJob } from './run-short-job.ts';
import { openScratch } from './scratch.ts';
import { announceWorker, withdrawWorker } from './workers.ts';

/** Milliseconds. A worker that is killed is missed after at most `lock + 2 * stalledCheck`. */
export interface WorkerTiming {
  /** A job whose lock was not renewed for so long is another worker's to take. */
  readonly lock: number;
  readonly stalledCheck: number;
  /** How often a running request's row is looked at for a cancellation. */
  readonly watch: number;
  /** A job that reports no progress for so long is broken off, as if its device had failed. */
  readonly stall: number;
  readonly heartbeat: number;
  /** Without a heartbeat for so long, a worker counts as gone. */
  readonly heartbeatTtl: number;
}

const defaultWorkerTiming: WorkerTiming = {
  lock: 12_000,
  stalledCheck: 6000,
  watch: 1000,
  stall: 30 * 60_000,
  heartbeat: 3000,
  heartbeatTtl: 12_000,
};

export interface WorkerOptions {
  readonly db: Database;
  readonly media: MediaStore;
  /** `redis://…`, `rediss://…` or the path of a socket. */
  readonly redis: string;
  readonly prefix?: string;
  readonly processors: Processors;
  /** What binds the list of made files to the installation. */
  readonly madeFileMac: MadeFileMac;
  /** Where jobs put their files while they work; made when missing. */
  readonly scratchFolder: string;
  /** What it computes on, in words. */
  readonly device: string;
  /** Requests at once; one for each device is the most that helps. */
  readonly slots?: number;
  readonly version: string;
  /** Hours that a result is kept where its guild says nothing else. */
  readonly retentionHours: number;
  readonly maxAttempts?: number;
  readonly timing?: Partial<WorkerTiming>;
  readonly now?: () => number;
  readonly log: Logger;
}

export interface RunningWorker {
  readonly id: string;
  /** True while Redis answers; for health checks. */
  isConnected(): boolean;
  /** Takes no more, waits for what is in hand, and hands back what is not done in time. Done within `graceMs`, or little more. */
  close(graceMs: number): Promise<void>;
}

/** Stalls are counted by the request's row, which outlives Redis. */
const anyNumber = 1_000_000;
/** Time that breaking off, handing back and saying goodbye may take, of the grace there is. */
const handBackMs = 3000;
const goodbyeMs = 1000;

interface Run {
  readonly breaking: AbortController;
  readonly done: Promise<unknown>;
}

/** Starts a worker. Resolves once it is announced; waits for Redis as long as that takes. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { prefix = defaultPrefix, slots = 1, now = Date.now } = options;
  const timing = { ...defaultWorkerTiming, ...options.timing };
  const id = randomUUID();
  const log = options.log.child({ workerId: id });
  const warn = quietly(log, 'redis');
  const redis = connectRedis(options.redis, warn);
  const hearing = connectRedis(options.redis, warn, 'hears');
  const scratch = await openScratch(options.scratchFolder);
  const context: RunContext = {
    ...options,
    scratch,
    workerId: id,
    maxAttempts: options.maxAttempts ?? defaultMaxAttempts,
    watchMs: timing.watch,
    stallMs: timing.stall,
    now,
    log,
  };
  const runs = new Map<string, Run>();
  const since = now();
  let closing = false;

  const announce = async (): Promise<void> => {
    const requests = [...runs.keys()];
    const { device, version } = options;
    await announceWorker(redis, prefix, { id, device, slots, since, version, requests, closing }, timing.heartbeatTtl);
  };
  const announceSoon = (): void => {
    // While Redis is away the heartbeats would pile up in the connection.
    if (redis.status === 'ready') announce().catch(warn);
  };
  const track = async <Result>(key: string, work: (breaking: AbortController) => Promise<Result>): Promise<Result> => {
    const breaking = new AbortController();
    const done = work(breaking);
    const settled = done.catch(() => undefined);
    runs.set(key, { breaking, done: settled });
    announceSoon();
    try {
      return await done;
    } finally {
      runs.delete(key);
      announceSoon();
    }
  };

  const runRequestJob = async (job: Job): Promise<void> => {
    const data = requestJob.safeParse(job.data);
    // The request goes on waiting, for a worker that knows what this is.
    if (!data.success) throw new UnrecoverableError(`not a job of this version: ${data.error.message}`);
    const { requestId } = data.data;
    // Its lock was lost while Redis was away, and it came round again.
    if (runs.has(requestId)) return;
    const publish = (progress: object): Promise<void> => job.updateProgress(progress);
    await track(requestId, (breaking) => runRequest({ requestId, breaking, publish }, context));
  };
  const runShort = async (job: Job): Promise<unknown> => {
    const data = shortJob.safeParse(job.data);
    if (!data.success) throw new UnrecoverableError(`not a job of this version: ${data.error.message}`);
    const publish = (progress: object): Promise<void> => job.updateProgress(progress);
    const run = { job: data.data, attempt: job.attemptsStarted, publish };
    const end = await track(`${data.data.requestId}.${data.data.kind}`, (breaking) =>
      runShortJob({ ...run, breaking }, context),
    );
    return shortJobEnd.parse(end);
  };
  const worker = (queue: string, run: (job: Job) => Promise<unknown>, concurrency: number): Worker => {
    const started = new Worker(queue, run, {
      connection: redis,
      prefix,
      name: id,
      concurrency,
      lockDuration: timing.lock,
      stalledInterval: timing.stalledCheck,
      maxStalledCount: anyNumber,
      runRetryDelay: 1000,
    });
    started.on('error', warn);
    return started;
  };
  const workers = [worker(requestQueue, runRequestJob, slots), worker(shortQueue, runShort, 1)];

  hearing.on('message', (_channel, requestId: string) => {
    runs.get(requestId)?.breaking.abort('cancelled' satisfies Break);
  });
  await hearing.subscribe(cancelChannel(prefix));
  await announce();
  const heartbeat = setInterval(announceSoon, timing.heartbeat);
  log.info({ device: options.device, slots }, 'worker started');

  let closed: Promise<void> | undefined;
  const close = async (graceMs: number): Promise<void> => {
    closing = true;
    announceSoon();
    const deadline = performance.now() + graceMs;
    const until = (ms: number): Promise<unknown> => sleep(Math.max(0, deadline - ms - performance.now()));
    await Promise.all(workers.map((one) => one.pause(true)));
    const idle = async (): Promise<void> => {
      while (runs.size > 0) await Promise.all([...runs.values()].map(({ done }) => done));
    };
    await Promise.race([idle(), until(handBackMs)]);
    for (const { breaking } of runs.values()) breaking.abort('closing' satisfies Break);
    await Promise.race([idle(), until(goodbyeMs)]);
    clearInterval(heartbeat);
    // Without Redis there is nobody to say goodbye to.
    const goodbye = async (): Promise<void> => {
      await Promise.all(workers.map((one) => one.close()));
      await withdrawWorker(redis, prefix, id);
    };
    await Promise.race([goodbye().catch(warn), until(0)]);
    await Promise.race([Promise.all(workers.map((one) => one.close(true))).catch(warn), sleep(goodbyeMs)]);
    await Promise.all([disconnect(redis), disconnect(hearing)]);
    await scratch.close();
    log.info('worker closed');
  };
  return {
    id,
    isConnected: () => redis.status === 'ready',
    close: (graceMs) => (closed ??= close(graceMs)),
  };
}
