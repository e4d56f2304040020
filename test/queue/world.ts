/** A queue with everything real around it: redis-server, SQLite file, media store, workers here or in processes of their own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';

import { LumiereError } from '../../src/engine/errors.ts';
import { type LocalRedis, startLocalRedis } from '../../src/queue/local-redis.ts';
import type { AnimateParameters, RestoreParameters } from '../../src/queue/job.ts';
import { toJson } from '../../src/queue/json.ts';
import type { Processors, RestoreWork } from '../../src/queue/processor.ts';
import { type JobQueue, openQueue, type QueueOptions } from '../../src/queue/queue.ts';
import { type RunningWorker, startWorker, type WorkerOptions, type WorkerTiming } from '../../src/queue/worker.ts';
import { recordConsent } from '../../src/store/consents.ts';
import { inTransaction, openDatabase, type Database } from '../../src/store/database.ts';
import { addReference } from '../../src/store/media-references.ts';
import { localMediaStore } from '../../src/store/local-media-store.ts';
import type { MediaStore } from '../../src/store/media-store.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { changeState, createRequest } from '../../src/store/requests.ts';
import type { Request } from '../../src/store/rows.ts';
import { scratchFolder } from '../clips.ts';
import { processesNaming, type RunningProcess } from '../processes.ts';
import { madeFileMac } from '../store/fixtures.ts';

export const log = pino({ level: 'silent' });

/** Impatient, so that a test of what happens after a death does not take as long as it may. */
export const quick: Partial<WorkerTiming> = {
  lock: 1500,
  stalledCheck: 750,
  watch: 200,
  heartbeat: 300,
  heartbeatTtl: 1500,
};

/**
 * A worker in the process of the test cannot die: if that process stands still for a while, neither it nor its jobs are
 * to be taken for dead.
 */
const alive: Partial<WorkerTiming> = { ...quick, lock: 60_000, heartbeatTtl: 60_000 };

export interface AddedRequest {
  readonly userId?: string;
  readonly guildId?: string | null;
  readonly parameters?: Partial<RestoreParameters>;
  readonly input?: Buffer | string;
  readonly predictedSeconds?: number;
  readonly priority?: number;
  readonly now?: Date;
  readonly uploadLimit?: number;
  /** A photograph that its requester agreed to have animated, in the place of a clip. */
  readonly animation?: Partial<AnimateParameters>;
}

export interface QueueWorld {
  readonly folder: string;
  readonly redis: LocalRedis;
  readonly db: Database;
  readonly databaseUrl: string;
  readonly media: MediaStore;
  readonly mediaFolder: string;
  /** A request that waits. */
  readonly add: (fields?: AddedRequest) => Promise<string>;
  readonly row: (id: string) => Promise<Request>;
  readonly queue: (options?: Partial<QueueOptions>) => Promise<JobQueue>;
  readonly worker: (processors: Partial<Processors>, options?: Partial<WorkerOptions>) => Promise<RunningWorker>;
  /** A worker in a process of its own; see worker-process.ts. */
  readonly workerProcess: (workMs: number | 'until told') => Promise<ChildProcess>;
  readonly redisServers: () => RunningProcess[];
  readonly close: () => Promise<void>;
}

export async function openWorld(): Promise<QueueWorld> {
  const folder = await scratchFolder();
  const redis = await startLocalRedis({ folder: join(folder.path, 'redis') });
  const databaseUrl = `file:${join(folder.path, 'lumiere.db')}`;
  const database = await openDatabase({ url: databaseUrl });
  const { db } = database;
  const mediaFolder = join(folder.path, 'media');
  const media = localMediaStore({ folder: mediaFolder });
  const closers: (() => Promise<unknown>)[] = [];
  let count = 0;

  const add: QueueWorld['add'] = async (fields = {}) => {
    count += 1;
    const { guildId = '100', userId = '200', now = new Date(), uploadLimit = 10 * 2 ** 20 } = fields;
    const id = newRequestId(now.getTime());
    await createRequest(db, {
      id,
      command: fields.animation === undefined ? 'restore' : 'animate',
      ...(guildId !== null && { guildId }),
      channelId: '300',
      requesterId: userId,
      locale: 'en',
      interactionId: `${count}-${id}`,
      parameters:
        fields.animation === undefined
          ? { version: 1, command: 'restore', ...fields.parameters }
          : toJson({ version: 1, command: 'animate', ...fields.animation }),
      priority: fields.priority ?? 0,
      now,
      reply: {
        applicationId: '1',
        token: 'secret',
        tokenExpiresAt: new Date(now.getTime() + 900_000),
        isPrivate: false,
        isSpoiler: false,
        uploadLimit,
      },
    });
    const { input = `clip ${count}` } = fields;
    const file = await media.put(chunksOf(input), { mediaType: 'video/mp4' });
    await inTransaction(db, (tx) =>
      addReference(tx, { requestId: id, role: 'input', ...file, mediaType: 'video/mp4', expiresAt: null }),
    );
    const { predictedSeconds = 1 } = fields;
    const consent = {
      kind: 'self',
      requesterId: userId,
      subjectId: userId,
      guildId,
      photoSha256: file.sha256,
    } as const;
    const text = { textVersion: '1', textLocale: 'en', now };
    const agreed = fields.animation && (await inTransaction(db, (tx) => recordConsent(tx, { ...consent, ...text })));
    const consentId = agreed ?? null;
    const set = { predictedSeconds, inputSha256: file.sha256, inputBytes: file.bytes, consentId };
    await changeState(db, id, 'waiting', { actor: 'bot', now, set });
    return id;
  };

  return {
    folder: folder.path,
    redis,
    db,
    databaseUrl,
    media,
    mediaFolder,
    add,
    row: (id) => db.request.findUniqueOrThrow({ where: { id } }),
    queue: async (options = {}) => {
      const queue = await openQueue({
        db,
        redis: redis.address,
        limits: { runningPerUser: 1 },
        log,
        ...options,
        timing: { dispatch: 200, reconcile: 500, orphan: 2500, retry: 100, ...options.timing },
      });
      closers.push(() => queue.close());
      return queue;
    },
    worker: async (processors, options = {}) => {
      const worker = await startWorker({
        db,
        media,
        redis: redis.address,
        processors: { ...unwantedWork, ...processors },
        madeFileMac,
        scratchFolder: join(folder.path, 'scratch'),
        device: 'test',
        version: '0',
        retentionHours: 72,
        timing: alive,
        log,
        ...options,
      });
      closers.push(() => worker.close(0));
      return worker;
    },
    workerProcess: async (workMs) => {
      const child = fork(join(import.meta.dirname, 'worker-process.ts'), [folder.path, redis.address, String(workMs)], {
        execArgv: ['--import', 'tsx'],
      });
      closers.push(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      });
      await once(child, 'message');
      return child;
    },
    redisServers: () => processesNaming(redis.address).filter(({ args }) => args.startsWith('redis-server')),
    close: async () => {
      for (const close of closers.reverse()) await close();
      await database.close();
      await redis.stop();
      await folder.remove();
    },
  };
}

async function* chunksOf(bytes: Buffer | string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(bytes));
}

const unwanted = (): Promise<never> => Promise.reject(new Error('nobody asked for this kind of work'));
const unwantedWork: Processors = {
  restore: unwanted,
  animate: unwanted,
  look: unwanted,
  refit: unwanted,
  compare: unwanted,
  picture: unwanted,
  verify: unwanted,
};

/** Work that takes `ms`, or until a promise is kept, and writes a small file; broken off at once when it is not wanted any more. */
export function stubWork(
  ms: number | ((signal: AbortSignal) => Promise<unknown>),
  onRun?: (requestId: string) => void,
): Processors['restore'] {
  return async (work: RestoreWork) => {
    onRun?.(work.request.id);
    work.progress.update('restore', 0, 100);
    const { signal } = work;
    await (typeof ms === 'number' ? sleep(ms, undefined, { signal }) : ms(signal)).catch(() => {
      throw new LumiereError('job.cancelled');
    });
    work.progress.update('restore', 100, 100);
    const path = join(work.folder, 'result.mp4');
    await writeFile(path, `result of ${work.request.id}`);
    return { path, mediaType: 'video/mp4', outcome: { made: true } };
  };
}

/** Opened when the test says so. */
export function gated(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Waits until `what` holds; fails after `seconds`. */
export async function until(what: () => boolean | Promise<boolean>, seconds = 100): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await what())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${String(what)}`);
    await sleep(20);
  }
}
