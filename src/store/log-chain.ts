/**
 * The chain of the usage log: an entry for each row of RequestEvent, ConsentEvent and ModeratorAction, each bound to the one
 * before it by HMAC-SHA256 under the installation's `log` key. Who can write to the database but has no key can neither
 * change, remove nor reorder what is sealed, nor make an entry, unseen; src/store/audit.ts looks. A row that they insert as the
 * newest of its table is sealed like any other by a bot that runs: the chain says that it was there then, not who wrote it.
 * Personal fields are bound by salted hashes, so that they can be erased without breaking it.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import * as z from 'zod';

import { canonicalJson } from './canonical-json.ts';
import { inTransaction, type Database, type Transaction } from './database.ts';
import { logKinds, type LogKind, type LogRow, readLogRows } from './log-rows.ts';
import { readInstallationValue, writeInstallationValue } from './installation-values.ts';
import type { Json, JsonObject, LogEntry } from './rows.ts';

/** Transactions that append to the chain, or take something out of it, name it. */
export const chainLock = 'log-chain';

/** Before the first entry. */
export const noHash = '0'.repeat(64);

/** The last entry: what `lumiere audit` prints, and what can be kept elsewhere to see that nothing was cut off. */
export interface LogHead {
  readonly seq: number;
  readonly hash: string;
}

const headKey = 'log-chain.head';
const sealedKey = 'log-chain.sealed';

/**
 * PostgreSQL numbers rows before they are committed: a row may appear below one that is sealed already. No transaction lasts
 * that long, so what was sealed longer ago than this has nothing unsealed below it.
 */
const settleMs = 120_000;

const count = z.int().nonnegative();
const sealedRows = z.object({
  /** Nothing unsealed is at or below this row. */
  through: count,
  /** The highest row sealed at `nextAt` (milliseconds since 1970): `through`, once enough time has passed. */
  next: count,
  nextAt: z.int(),
  /** The highest row sealed. */
  last: count,
});
type SealedRows = z.output<typeof sealedRows>;

const nothingSealed: SealedRows = { through: 0, next: 0, nextAt: 0, last: 0 };

/** Per table. */
const sealedTables = z.partialRecord(z.enum(logKinds), sealedRows);
export type Sealed = z.output<typeof sealedTables>;

/**
 * Seals up to `limit` rows that are not sealed yet. One process does at a time; any may, as often as it likes. Resolves to
 * how many: fewer than `limit` when nothing is left.
 */
export async function sealLog(
  db: Database,
  key: Uint8Array,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<number> {
  const sealed = await readSealed(db);
  if (sealed !== undefined && (await isAllSealed(db, sealed))) return 0; // most of the time: nothing is locked for it
  return inTransaction(db, (tx) => sealIn(tx, key, now, limit), [chainLock]);
}

async function isAllSealed(db: Database, sealed: Sealed): Promise<boolean> {
  const some = await Promise.all(logKinds.map((kind) => unsealedIds(db, kind, sealed[kind]?.through ?? 0, 1)));
  return logKinds.every((kind, index) => {
    const { through, last } = sealed[kind] ?? nothingSealed;
    return through === last && some[index]!.length === 0;
  });
}

async function sealIn(tx: Transaction, key: Uint8Array, now: Date, limit: number): Promise<number> {
  const sealed = (await readSealed(tx)) ?? (await findSealed(tx, key, now));
  const found: LogRow[] = [];
  const after: Sealed = {};
  for (const kind of logKinds) {
    const before = sealed[kind] ?? nothingSealed;
    const ids = await unsealedIds(tx, kind, before.through, limit);
    found.push(...(await readLogRows(tx, kind, ids)).values());
    const { next, nextAt, last } = before;
    const isOver = now.getTime() - nextAt >= settleMs;
    after[kind] = isOver ? { through: next, next: last, nextAt: now.getTime(), last } : before;
  }
  found.sort((one, other) => one.at.getTime() - other.at.getTime() || one.rowId - other.rowId);
  const rows = found.slice(0, limit);
  await appendEntries(tx, key, rows);
  for (const { kind, rowId } of rows) {
    const mark = kind === 'Purge' ? undefined : after[kind];
    if (kind !== 'Purge' && mark !== undefined && rowId > mark.last) after[kind] = { ...mark, last: rowId };
  }
  await writeSealed(tx, after);
  return rows.length;
}

/** Ids of rows above `through` that have no entry, lowest first. */
export async function unsealedIds(
  db: Database | Transaction,
  kind: (typeof logKinds)[number],
  through: number,
  limit: number,
): Promise<number[]> {
  const rows = await db.$queryRawUnsafe<{ id: number | bigint }[]>(
    `SELECT r."id" FROM "${kind}" r WHERE r."id" > ${through} AND NOT EXISTS
       (SELECT 1 FROM "LogEntry" e WHERE e."kind" = '${kind}' AND e."rowId" = r."id")
     ORDER BY r."id" LIMIT ${limit}`,
  );
  return rows.map(({ id }) => Number(id));
}

/** How far the tables are sealed; undefined when what stands there, if anything does, was not written by the bot. */
export async function readSealed(db: Database | Transaction): Promise<Sealed | undefined> {
  try {
    return sealedTables.parse(JSON.parse((await readInstallationValue(db, sealedKey)) ?? ''));
  } catch {
    return undefined;
  }
}

export async function writeSealed(tx: Transaction, sealed: Sealed): Promise<void> {
  await writeInstallationValue(tx, sealedKey, JSON.stringify(sealed));
}

/**
 * How far the tables are sealed, from the chain itself, where what was written of it is gone or damaged. A number is left out for
 * it, so that the audit still says that somebody did that.
 */
async function findSealed(tx: Transaction, key: Uint8Array, now: Date): Promise<Sealed> {
  const head = await readLogHead(tx, key);
  if (head !== undefined && !head.forged) await writeLogHead(tx, key, { seq: head.seq + 1, hash: head.hash });
  const highest = async (where: { readonly kind: LogKind; readonly at?: { readonly lte: Date } }): Promise<number> =>
    (await tx.logEntry.aggregate({ where, _max: { rowId: true } }))._max.rowId ?? 0;
  const sealed: Sealed = {};
  for (const kind of logKinds) {
    const last = await highest({ kind });
    const through = await highest({ kind, at: { lte: new Date(now.getTime() - settleMs) } });
    sealed[kind] = { through, next: last, nextAt: now.getTime(), last };
  }
  return sealed;
}

/** Appends entries in the order given, in a transaction that holds `chainLock`. `extra` is added to the body of each. */
export async function appendEntries(
  tx: Transaction,
  key: Uint8Array,
  rows: readonly LogRow[],
  extra: JsonObject = {},
): Promise<LogHead> {
  let head = await headToGoOnFrom(tx, key);
  if (rows.length === 0) return head;
  const entries: LogEntryFields[] = [];
  const salts: { seq: number; field: string; salt: string }[] = [];
  for (const { kind, rowId, guildId, at, body, personal } of rows) {
    const seq = head.seq + 1;
    const commitments: Record<string, string> = {};
    for (const [field, value] of Object.entries(personal)) {
      const salt = randomBytes(16).toString('hex');
      salts.push({ seq, field, salt });
      commitments[field] = commitmentOf(salt, value);
    }
    const entry = { kind, rowId, guildId, at, body: { ...body, ...extra }, commitments, previousHash: head.hash };
    const hash = entryHash(key, entry);
    entries.push({ seq, ...entry, hash });
    head = { seq, hash };
  }
  await tx.logEntry.createMany({ data: entries.map((entry) => ({ ...entry, kind: entry.kind })) });
  if (salts.length > 0) await tx.logSalt.createMany({ data: salts });
  await writeLogHead(tx, key, head);
  return head;
}

interface LogEntryFields {
  readonly seq: number;
  readonly kind: LogKind;
  readonly rowId: number;
  readonly guildId: string | null;
  readonly at: Date;
  readonly body: JsonObject;
  readonly commitments: Readonly<Record<string, string>>;
  readonly previousHash: string;
  readonly hash: string;
}

/** What binds an entry to its content and to the one before it; its number follows from that. */
export function entryHash(
  key: Uint8Array,
  entry: Omit<LogEntryFields, 'seq' | 'hash' | 'kind'> & { readonly kind: string },
): string {
  const { kind, rowId, guildId, at, body, commitments, previousHash } = entry;
  const content = { kind, rowId, guildId, at: at.toISOString(), body, commitments, previousHash };
  return createHmac('sha256', key).update(canonicalJson(content)).digest('hex');
}

/** SHA-256 of salt and value. */
export function commitmentOf(salt: string, value: string): string {
  return createHash('sha256').update(salt).update(value).digest('hex');
}

/** What stands in a salt's place when its field was erased: only who has the key can have put it there. */
export function erasedSalt(key: Uint8Array, entry: Pick<LogEntry, 'seq' | 'hash'>, field: string): string {
  return `erased:${mac(key, ['erased', entry.hash, field])}`;
}

/** A member's name once it is erased: the same for one member all over an installation, and nobody's without its key. */
export function pseudonymOf(key: Uint8Array, userId: string): string {
  return `erased:${mac(key, ['pseudonym', userId]).slice(0, 32)}`;
}

/** All that rows of a member may name them by: what must outlive a deletion is looked for under both. */
export const namesOf = (key: Uint8Array, userId: string): string[] => [userId, pseudonymOf(key, userId)];

export const pseudonymPattern = /^(?:(?:member|moderator):)?erased:[0-9a-f]{32}$/;

const mac = (key: Uint8Array, words: readonly Json[]): string =>
  createHmac('sha256', key).update(canonicalJson(words)).digest('hex');

const headMac = (key: Uint8Array, { seq, hash }: LogHead): string => mac(key, ['head', seq, hash]);

/** The head as it was written; undefined when there is none, `forged` when it was not written with this key. */
export async function readLogHead(
  db: Database | Transaction,
  key: Uint8Array,
): Promise<(LogHead & { readonly forged: boolean }) | undefined> {
  const text = await readInstallationValue(db, headKey);
  if (text === undefined) return undefined;
  try {
    const { seq, hash, mac: written } = JSON.parse(text) as { seq: number; hash: string; mac: string };
    return { seq, hash, forged: written !== headMac(key, { seq, hash }) };
  } catch {
    return { seq: 0, hash: noHash, forged: true };
  }
}

/** In a transaction that holds `chainLock`. */
export async function writeLogHead(tx: Transaction, key: Uint8Array, head: LogHead): Promise<void> {
  await writeInstallationValue(tx, headKey, JSON.stringify({ ...head, mac: headMac(key, head) }));
}

/**
 * Without a head that can be trusted the chain goes on from its last entry, but leaves a number out: the audit says so as long
 * as the entries around it are kept.
 * A chain that was never written to has one too (src/store/log-chain-start.ts).
 */
async function headToGoOnFrom(tx: Transaction, key: Uint8Array): Promise<LogHead> {
  const head = await readLogHead(tx, key);
  if (head !== undefined && !head.forged) return head;
  const last = await tx.logEntry.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true, hash: true } });
  if (last === null) return { seq: 1, hash: noHash };
  return { seq: last.seq + 1, hash: last.hash };
}
