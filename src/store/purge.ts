/**
 * The one way to remove, or take names out of, rows that are otherwise append-only. Triggers refuse any change of events,
 * tries and moderator actions unless an open row of `Purge` is visible; it is opened and ended here within one transaction,
 * so no other connection ever sees it open, and what stays behind says who purged what and why.
 */
import { inTransaction, type Database, type Transaction } from './database.ts';
import { activeStates } from './request-states.ts';

export interface PurgeReason {
  /** "bot", "operator" or "member:ID". */
  readonly actor: string;
  readonly reason: string;
  readonly now: Date;
}

/** Runs `work`, which may change append-only rows and returns how many it removed or changed. */
export function purge(db: Database, why: PurgeReason, work: (tx: Transaction) => Promise<number>): Promise<number> {
  return inTransaction(db, async (tx) => {
    const { actor, reason, now } = why;
    const { id } = await tx.purge.create({ data: { actor, reason, startedAt: now } });
    const removed = await work(tx);
    await tx.purge.update({ where: { id }, data: { endedAt: now, removed } });
    return removed;
  });
}

/**
 * Removes requests that have ended, with all that belongs to them: those older than a time, or of a guild, or both.
 * Their files go with the next sweep. Resolves to how many.
 */
export function purgeRequests(
  db: Database,
  which: { readonly createdBefore?: Date; readonly guildId?: string },
  why: PurgeReason,
): Promise<number> {
  const { createdBefore, guildId } = which;
  if (createdBefore === undefined && guildId === undefined) throw new Error('a purge of everything is not offered');
  return purge(db, why, async (tx) => {
    const { count } = await tx.request.deleteMany({
      where: {
        state: { notIn: [...activeStates, 'delivering', 'held'] },
        ...(createdBefore === undefined ? {} : { createdAt: { lt: createdBefore } }),
        ...(guildId === undefined ? {} : { guildId }),
      },
    });
    return count;
  });
}
