/**
 * The one way to remove, or take names out of, rows that are otherwise append-only. Triggers refuse any change of events,
 * tries, moderator actions and the chain unless an open row of `Purge` is visible; it is opened and ended here within one
 * transaction, so no other connection ever sees it open. What stays behind says who purged what and why, and is itself an
 * entry of the chain, so that the audit can tell a purge from a theft.
 */
import { inTransaction, type Database, type Transaction } from './database.ts';
import { appendEntries, chainLock, erasedSalt } from './log-chain.ts';
import { type LogKind, readLogRows } from './log-rows.ts';
import type { LogEntry } from './rows.ts';

export interface PurgeReason {
  /** "bot", "operator" or "member:" with a pseudonym. */
  readonly actor: string;
  readonly reason: string;
  readonly now: Date;
  /** The installation's `log` key. */
  readonly key: Uint8Array;
}

/** Entries that were taken out of the chain: from, through, and the hash that the next one builds on. */
export type LogGap = readonly [from: number, through: number, hash: string];

/** What the chain must be told before rows change. */
export interface Unchained {
  /** Takes the entries of these rows out of the chain. */
  readonly remove: (kind: LogKind, rowIds: readonly number[]) => Promise<void>;
  /** Makes the values of these fields of these rows unguessable for good. */
  readonly erase: (kind: LogKind, rowIds: readonly number[], fields: readonly string[]) => Promise<void>;
}

/** Runs `work`, which may change append-only rows and returns how many it removed or changed: few at a time, nobody else writes meanwhile. */
export function purge(
  db: Database,
  why: PurgeReason,
  work: (tx: Transaction, chain: Unchained) => Promise<number>,
): Promise<number> {
  const { actor, reason, now, key } = why;
  return inTransaction(
    db,
    async (tx) => {
      const { id } = await tx.purge.create({ data: { actor, reason, startedAt: now } });
      const taken: Pick<LogEntry, 'seq' | 'hash'>[] = [];
      const removed = await work(tx, {
        remove: async (kind, rowIds) => void taken.push(...(await removeEntries(tx, kind, rowIds))),
        erase: (kind, rowIds, fields) => eraseFields(tx, key, kind, rowIds, fields),
      });
      await endPurge(tx, id, { key, now, removed, gaps: gapsOf(taken) });
      return removed;
    },
    [chainLock],
  );
}

async function endPurge(
  tx: Transaction,
  id: number,
  end: {
    readonly key: Uint8Array;
    readonly now: Date;
    readonly removed: number;
    readonly gaps: readonly LogGap[];
  },
): Promise<void> {
  const { key, now, removed, gaps } = end;
  await tx.purge.update({ where: { id }, data: { endedAt: now, removed } });
  const row = (await readLogRows(tx, 'Purge', [id])).values();
  await appendEntries(tx, key, [...row], gaps.length === 0 ? {} : { gaps });
}

async function removeEntries(
  tx: Transaction,
  kind: LogKind,
  rowIds: readonly number[],
): Promise<Pick<LogEntry, 'seq' | 'hash'>[]> {
  const where = { kind, rowId: { in: [...rowIds] } };
  const entries = await tx.logEntry.findMany({ where, select: { seq: true, hash: true } });
  await tx.logSalt.deleteMany({ where: { seq: { in: entries.map(({ seq }) => seq) } } });
  await tx.logEntry.deleteMany({ where });
  return entries;
}

async function eraseFields(
  tx: Transaction,
  key: Uint8Array,
  kind: LogKind,
  rowIds: readonly number[],
  fields: readonly string[],
): Promise<void> {
  const where = { kind, rowId: { in: [...rowIds] } };
  for (const entry of await tx.logEntry.findMany({ where, select: { seq: true, hash: true } })) {
    const salts = await tx.logSalt.findMany({ where: { seq: entry.seq, field: { in: [...fields] } } });
    for (const { seq, field } of salts) {
      const salt = erasedSalt(key, entry, field);
      await tx.logSalt.update({ where: { seq_field: { seq, field } }, data: { salt } });
    }
  }
}

/** Neighbours as one. */
function gapsOf(taken: readonly Pick<LogEntry, 'seq' | 'hash'>[]): LogGap[] {
  const gaps: LogGap[] = [];
  for (const { seq, hash } of taken.toSorted((one, other) => one.seq - other.seq)) {
    const before = gaps.at(-1);
    if (before?.[1] === seq - 1) gaps[gaps.length - 1] = [before[0], seq, hash];
    else gaps.push([seq, seq, hash]);
  }
  return gaps;
}

/**
 * Where the oldest entries left are those of purges alone, one more purge takes their place: what is left of the past does
 * not grow. Resolves to how many entries went.
 */
export async function shortenChain(db: Database, why: Omit<PurgeReason, 'reason'>): Promise<number> {
  const { key, now, actor } = why;
  const oldest = await firstAfterPurges(db);
  if (oldest === undefined || (await db.logEntry.count({ where: { seq: { lt: oldest.seq } } })) < 2) return 0;
  return inTransaction(
    db,
    async (tx) => {
      const first = await firstAfterPurges(tx);
      if (first === undefined) return 0;
      const { id } = await tx.purge.create({ data: { actor, reason: 'checkpoint', startedAt: now } });
      const { count } = await tx.logEntry.deleteMany({ where: { seq: { lt: first.seq } } });
      await endPurge(tx, id, { key, now, removed: count, gaps: [[1, first.seq - 1, first.previousHash]] });
      return count;
    },
    [chainLock],
  );
}

async function firstAfterPurges(
  db: Database | Transaction,
): Promise<Pick<LogEntry, 'seq' | 'previousHash'> | undefined> {
  const select = { seq: true, previousHash: true };
  const first = await db.logEntry.findFirst({ where: { kind: { not: 'Purge' } }, orderBy: { seq: 'asc' }, select });
  return first ?? undefined;
}
