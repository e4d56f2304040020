/** Names in Redis. Everything stands under one prefix, so that one server may serve several installations. */
import type { JobKind } from './job.ts';

export const defaultPrefix = 'lumiere';

/** Restorations: one for each free slot, put in by the dispatcher. */
export const requestQueue = 'requests';
/** Short work on results. */
export const resultQueue = 'results';

/** Where cancellations are called out, for speed; the row in the database is what counts. */
export const cancelChannel = (prefix: string): string => `${prefix}:cancel`;
export const dispatchLock = (prefix: string): string => `${prefix}:dispatching`;

/** One job of a kind for each request: putting it in twice is putting it in once. */
export const jobIdOf = (kind: JobKind, requestId: string): string =>
  kind === 'restore' ? requestId : `${requestId}.${kind}`;

/** Times a job may be begun before it is given up. */
export const defaultMaxAttempts = 3;
