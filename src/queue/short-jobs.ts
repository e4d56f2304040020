/** Short work that somebody waits for: put into Redis once, however many ask, and its end told to all of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueEvents } from 'bullmq';

import { errorCodes, LumiereError, type ErrorCode } from '../engine/errors.ts';
import type { DispatchContext } from './dispatcher.ts';
import { findings, type Findings } from './findings.ts';
import type { ComparisonWish, RefittedFile, StoredFile } from './job-queue.ts';
import { shortJob, type ShortJob } from './job.ts';
import { jobIdOf } from './names.ts';
import { QueueProblem, queueReasons, type QueueReason } from './reasons.ts';
import { type ShortJobEnd, shortJobEnd } from './run-short-job.ts';
import { type Verification, verification } from './verification.ts';

/** An interaction can be answered for 15 minutes, and the outbox asks again: later than this nobody waits any more. */
const patienceMs = 13 * 60_000;
/** Events may get lost with Redis; the job itself is looked at as often as this. */
const lookMs = 2000;
const comparePriority = 1;
/** Seconds that an end is kept for those who missed the event. */
const keptSeconds = 60;

export interface ShortJobs {
  /** Faces and cost of a photograph that is kept, with a preview. Rejects likewise. */
  readonly look: (requestId: string) => Promise<Findings>;
  /** The kept comparison, or a new one. Rejects with a LumiereError or a QueueProblem. */
  readonly compare: (requestId: string, wish: ComparisonWish) => Promise<StoredFile>;
  /** The kept picture of the request's result, or a new one. Rejects likewise. */
  readonly picture: (requestId: string) => Promise<StoredFile>;
  /** What a file in the media store carries and is known by, under an id of its own. Rejects likewise. */
  readonly verify: (id: string, sha256: string) => Promise<Verification>;
  /** A smaller file of the request's result. Rejects likewise. */
  readonly refit: (requestId: string, maxBytes: number) => Promise<RefittedFile>;
}

export function createShortJobs(context: DispatchContext, events: QueueEvents): ShortJobs {
  const { db, results, maxAttempts, retryMs } = context;
  const asked = new Map<string, Promise<ShortJobEnd>>();

  const add = async (job: ShortJob, jobId: string): Promise<void> => {
    await results.add(job.kind, shortJob.parse(job), {
      jobId,
      attempts: maxAttempts,
      backoff: { type: 'exponential', delay: retryMs },
      removeOnComplete: { age: keptSeconds },
      removeOnFail: true,
      // A member or a result that waits goes before a comparison. Jobs without a priority are first in BullMQ.
      ...((job.kind === 'compare' || job.kind === 'verify') && { priority: comparePriority }),
    });
  };

  const endOf = async (jobId: string): Promise<ShortJobEnd | undefined> => {
    const job = await results.getJob(jobId);
    return job?.finishedOn === undefined ? undefined : shortJobEnd.safeParse(job.returnvalue).data;
  };

  const run = async (job: ShortJob, jobId: string): Promise<ShortJobEnd> => {
    // An end of before is about files of before.
    if (await endOf(jobId)) await results.remove(jobId);
    const over = new AbortController();
    const told = new Promise<ShortJobEnd>((resolve) => {
      const listen = ({ jobId: id, returnvalue }: { jobId: string; returnvalue: unknown }): void => {
        const end = id === jobId ? shortJobEnd.safeParse(returnvalue).data : undefined;
        if (end) resolve(end);
      };
      events.on('completed', listen);
      over.signal.addEventListener('abort', () => events.off('completed', listen));
    });
    const seen = async (): Promise<ShortJobEnd> => {
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline && !over.signal.aborted) {
        const end = await endOf(jobId);
        if (end) return end;
        await add(job, jobId); // it is there already, unless Redis lost it
        await sleep(lookMs, undefined, { signal: over.signal }).catch(() => undefined);
      }
      throw new QueueProblem('queue.expired');
    };
    try {
      return await Promise.race([told, seen()]);
    } finally {
      over.abort();
    }
  };

  const ask = async (job: ShortJob): Promise<ShortJobEnd & { readonly done: true }> => {
    const jobId = jobIdOf(job);
    let answer = asked.get(jobId);
    if (!answer) {
      answer = run(job, jobId).finally(() => asked.delete(jobId));
      asked.set(jobId, answer);
    }
    const end = await answer;
    if (end.done) return end;
    if (isErrorCode(end.code)) throw new LumiereError(end.code, end.params);
    throw new QueueProblem(isQueueReason(end.code) ? end.code : 'queue.fault');
  };

  const kept = async (requestId: string, role: 'comparison' | 'preview'): Promise<StoredFile | undefined> => {
    const found = await db.mediaReference.findUnique({
      where: { requestId_role: { requestId, role } },
      include: { object: true },
    });
    return found ? { sha256: found.sha256, bytes: Number(found.object.bytes) } : undefined;
  };

  return {
    look: async (requestId) => {
      const { outcome } = await ask({ version: 1, kind: 'look', requestId });
      return findings.parse(outcome);
    },
    compare: async (requestId, { maxBytes, labels }) => {
      const comparison = await kept(requestId, 'comparison');
      if (comparison && comparison.bytes <= maxBytes) return comparison;
      const { sha256, bytes } = await ask({ version: 1, kind: 'compare', requestId, maxBytes, labels: [...labels] });
      return { sha256, bytes };
    },
    picture: async (requestId) => {
      const picture = await kept(requestId, 'preview');
      if (picture) return picture;
      const { sha256, bytes } = await ask({ version: 1, kind: 'picture', requestId });
      return { sha256, bytes };
    },
    verify: async (requestId, sha256) => {
      const { outcome } = await ask({ version: 1, kind: 'verify', requestId, sha256 });
      return verification.parse(outcome);
    },
    refit: async (requestId, maxBytes) => {
      const { sha256, bytes, outcome } = await ask({ version: 1, kind: 'refit', requestId, maxBytes });
      return { sha256, bytes, ...(outcome && { outcome }) };
    },
  };
}

const isErrorCode = (code: string): code is ErrorCode => (errorCodes as readonly string[]).includes(code);
const isQueueReason = (code: string): code is QueueReason => (queueReasons as readonly string[]).includes(code);
