/** Names in Redis. Everything stands under one prefix: a server may serve other programs too, and one installation. */
import type { JobData } from './job.ts';

export const defaultPrefix = 'lumiere';

/** Requests: one for each free slot, put in by the dispatcher. */
export const requestQueue = 'requests';
/** Short work that somebody waits for. */
export const shortQueue = 'short';

/** Where cancellations are called out, for speed; the row in the database is what counts. */
export const cancelChannel = (prefix: string): string => `${prefix}:cancel`;
export const dispatchLock = (prefix: string): string => `${prefix}:dispatching`;

/** A job's id says what it does: putting it in twice is putting it in once. */
export function jobIdOf(job: JobData): string {
  switch (job.kind) {
    case 'restore':
    case 'animate':
      return job.requestId;
    case 'look':
    case 'picture':
    case 'verify':
      return `${job.requestId}.${job.kind}`;
    case 'refit':
      return `${job.requestId}.refit.${job.maxBytes}`;
    case 'compare':
      return `${job.requestId}.compare`;
  }
}

/** Times a job may be begun before it is given up. */
export const defaultMaxAttempts = 3;
