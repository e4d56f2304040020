/** One member's wish to be forgotten, as the steps that fulfil it are given it. */
import type { Database } from './database.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import type { PurgeReason } from './purge.ts';
import { activeStates } from './request-states.ts';

export interface Erasing {
  readonly db: Database;
  readonly userId: string;
  readonly pseudonym: string;
  /** When they wished it: what was asked later is not part of it. */
  readonly until: Date;
  readonly now: Date;
  readonly why: PurgeReason;
  readonly signal: AbortSignal | undefined;
}

/** Why a request came to nothing, or its result is gone: of src/queue/reasons.ts. */
export const erasedCode = 'queue.erased';
/** Rows of a transaction. */
export const erasedAtOnce = 20;

/** Requests of which nothing is needed any more to reach somebody or to take something away. */
export const atRest: Prisma.RequestWhereInput = {
  state: { notIn: [...activeStates, 'delivering'] },
  NOT: [{ removal: { state: 'waiting' } }, { delivery: { state: { in: ['waiting', 'sending', 'refitting'] } } }],
};
