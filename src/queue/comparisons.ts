/** Comparisons that members ask for: made once, waited for by whoever asks meanwhile, kept with their request. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueEvents } from 'bullmq';

import { errorCodes, LumiereError, type ErrorCode } from '../engine/errors.ts';
import { addResultJob, type DispatchContext } from './dispatcher.ts';
import type { ComparisonWish, StoredFile } from './job-queue.ts';
import { jobIdOf } from './names.ts';
import { QueueProblem } from './reasons.ts';
import { type ResultJobEnd, resultJobEnd } from './run-result-job.ts';

/** An interaction can be answered for 15 minutes; a comparison that is later than this comes too late. */
const patienceMs = 13 * 60_000;
/** Events may get lost with Redis; the job itself is looked for as often as this. */
const lookMs = 2000;

export interface Comparisons {
  /** The kept comparison, or a new one. Rejects with a LumiereError, or `queue.…` as a QueueProblem. */
  readonly compare: (requestId: string, wish: ComparisonWish) => Promise<StoredFile>;
}

export function createComparisons(context: DispatchContext, events: QueueEvents): Comparisons {
  const { db } = context;

  const kept = async (requestId: string, maxBytes: number): Promise<StoredFile | undefined> => {
    const found = await db.mediaReference.findUnique({
      where: { requestId_role: { requestId, role: 'comparison' } },
      include: { object: true },
    });
    const bytes = Number(found?.object.bytes);
    return found && bytes <= maxBytes ? { sha256: found.sha256, bytes } : undefined;
  };

  const make = async (requestId: string, wish: ComparisonWish): Promise<StoredFile> => {
    const { maxBytes, labels } = wish;
    const jobId = jobIdOf('compare', requestId);
    const over = new AbortController();
    const told = new Promise<ResultJobEnd>((resolve) => {
      const listen = ({ jobId: id, returnvalue }: { jobId: string; returnvalue: unknown }): void => {
        const end = id === jobId ? resultJobEnd.safeParse(returnvalue) : undefined;
        if (end?.success) resolve(end.data);
      };
      events.on('completed', listen);
      over.signal.addEventListener('abort', () => events.off('completed', listen));
    });
    const seen = async (): Promise<ResultJobEnd> => {
      const deadline = Date.now() + patienceMs;
      while (Date.now() < deadline && !over.signal.aborted) {
        const file = await kept(requestId, maxBytes);
        if (file) return { done: true, ...file };
        await addResultJob(context, { version: 1, kind: 'compare', requestId, maxBytes, labels: [...labels] });
        await sleep(lookMs, undefined, { signal: over.signal }).catch(() => undefined);
      }
      throw new QueueProblem('queue.expired');
    };
    try {
      const end = await Promise.race([told, seen()]);
      if (end.done) return { sha256: end.sha256, bytes: end.bytes };
      if (isErrorCode(end.code)) throw new LumiereError(end.code, end.params);
      throw new QueueProblem(end.code === 'queue.input-gone' ? end.code : 'queue.fault');
    } finally {
      over.abort();
    }
  };

  return {
    compare: async (requestId, wish) => (await kept(requestId, wish.maxBytes)) ?? (await make(requestId, wish)),
  };
}

const isErrorCode = (code: string): code is ErrorCode => (errorCodes as readonly string[]).includes(code);
