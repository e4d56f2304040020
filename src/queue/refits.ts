/**
 * Drives the smaller encodings that the outbox waits for (deliveries in state `refitting`): asks a worker for each, and
 * writes down the file, or why there is none. The delivery's row remembers it, so a bot that dies only begins again.
 */
import type { Logger } from 'pino';

import { LumiereError } from '../engine/errors.ts';
import type { Database } from '../store/database.ts';
import { finishRefit, listRefits } from '../store/deliveries.ts';
import { QueueProblem } from './reasons.ts';
import type { ShortJobs } from './short-jobs.ts';

export interface Refits {
  /** Begins those that are not under way. Resolves when they are begun. */
  readonly look: () => Promise<void>;
}

/** `onDone` is told of each request whose delivery can go on. */
export function createRefits(options: {
  readonly db: Database;
  readonly shortJobs: ShortJobs;
  readonly onDone: (requestId: string) => void;
  readonly now: () => number;
  readonly log: Logger;
}): Refits {
  const { db, shortJobs, onDone, now, log } = options;
  const underWay = new Set<string>();

  const refit = async (requestId: string, sizeLimit: number): Promise<void> => {
    try {
      const { outcome, ...stored } = await shortJobs.refit(requestId, Math.max(1, sizeLimit));
      const end = { file: { ...stored, mediaType: 'video/mp4' }, ...(outcome && { outcome }) };
      await finishRefit(db, requestId, end, new Date(now()));
      log.info({ requestId, bytes: stored.bytes }, 'made smaller');
    } catch (error) {
      // `job.cancelled`: a worker broke it off to close.
      const isFinal =
        (error instanceof LumiereError && error.code !== 'job.cancelled') ||
        (error instanceof QueueProblem && error.code !== 'queue.expired');
      log.warn({ err: error, requestId, isFinal }, 'a result was not made smaller');
      if (!isFinal) return; // begun again at the next look
      await finishRefit(db, requestId, { problem: error.code }, new Date(now()));
    }
    onDone(requestId);
  };

  return {
    look: async () => {
      for (const { requestId, sizeLimit } of await listRefits(db)) {
        if (underWay.has(requestId)) continue;
        underWay.add(requestId);
        refit(requestId, sizeLimit)
          .catch((error: unknown) => {
            log.warn({ err: error, requestId }, 'the end of a smaller encoding could not be written');
          })
          .finally(() => underWay.delete(requestId));
      }
    },
  };
}
