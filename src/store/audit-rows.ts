/** Compares entries of the usage log's chain with the rows they speak of. */
import type { AuditFault } from './audit-fault.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Database } from './database.ts';
import { commitmentOf, erasedSalt, pseudonymPattern } from './log-chain.ts';
import { type LogKind, logKinds, type LogRow, readLogRows } from './log-rows.ts';
import type { JsonObject, LogEntry } from './rows.ts';

type EntryContent = Pick<LogEntry, 'kind' | 'rowId' | 'guildId' | 'at' | 'previousHash'> & {
  readonly body: JsonObject;
  readonly commitments: Readonly<Record<string, string>>;
};

/** An entry as it was hashed. */
export function entryContent(entry: LogEntry): EntryContent {
  const { kind, rowId, guildId, at, previousHash } = entry;
  const body = entry.body as JsonObject;
  return { kind, rowId, guildId, at, previousHash, body, commitments: entry.commitments as Record<string, string> };
}

/** What is wrong with the rows of these entries, by the entry's number. */
export async function rowFaults(
  db: Database,
  key: Uint8Array,
  entries: readonly LogEntry[],
): Promise<ReadonlyMap<number, readonly AuditFault[]>> {
  const faults = new Map<number, readonly AuditFault[]>();
  const seqs = entries.map(({ seq }) => seq);
  const salts = new Map<string, string>();
  for (const { seq, field, salt } of await db.logSalt.findMany({ where: { seq: { in: seqs } } })) {
    salts.set(`${seq} ${field}`, salt);
  }
  for (const table of [...logKinds, 'Purge'] as const) {
    const ofTable = entries.filter(({ kind }) => kind === table);
    const rows = await readLogRows(
      db,
      table,
      ofTable.map(({ rowId }) => rowId),
    );
    // Read after the rows: a row that was the last one then has shown what its request came to.
    const last = await lastEvents(db, table, [...rows.values()]);
    for (const entry of ofTable) {
      const { seq, rowId } = entry;
      const row = rows.get(rowId);
      if (row === undefined) {
        faults.set(seq, [{ kind: 'row-missing', seq, table, rowId, ...subjectOf(entry) }]);
        continue;
      }
      const saltOf = (field: string): string | undefined => salts.get(`${seq} ${field}`);
      const fields = changedFields(entry, row, last.get(row.subject ?? '') === rowId).concat(
        changedNames(key, entry, row, saltOf),
      );
      if (fields.length > 0)
        faults.set(seq, [{ kind: 'row-altered', seq, table, rowId, ...subjectOf(entry), fields: fields.sort() }]);
    }
  }
  return faults;
}

function subjectOf(entry: LogEntry): { readonly subject?: string } {
  const { request, consent } = entry.body as { readonly request?: string | null; readonly consent?: string };
  const subject = request ?? consent;
  return subject === undefined ? {} : { subject };
}

/** The last event of each request or consent. */
async function lastEvents(db: Database, kind: LogKind, rows: readonly LogRow[]): Promise<ReadonlyMap<string, number>> {
  const subjects = [...new Set(rows.flatMap(({ subject }) => subject ?? []))];
  if (kind === 'RequestEvent') {
    const where = { requestId: { in: subjects } };
    const groups = await db.requestEvent.groupBy({ by: ['requestId'], where, _max: { id: true } });
    return new Map(groups.map(({ requestId, _max }) => [requestId, _max.id ?? 0]));
  }
  if (kind === 'ConsentEvent') {
    const where = { consentId: { in: subjects } };
    const groups = await db.consentEvent.groupBy({ by: ['consentId'], where, _max: { id: true } });
    return new Map(groups.map(({ consentId, _max }) => [consentId, _max.id ?? 0]));
  }
  return new Map();
}

/** What an entry says about its row that is no longer so. */
function changedFields(entry: LogEntry, row: LogRow, isLast: boolean): string[] {
  const sealed = flat({ ...(entry.body as JsonObject), at: entry.at.toISOString(), guild: entry.guildId });
  const now = flat({ ...row.body, at: row.at.toISOString(), guild: row.guildId });
  return [...now].flatMap(([field, value]) => {
    if (field.startsWith('standing.') && !isLast) return [];
    return sealed.get(field) === value ? [] : [field];
  });
}

/** `standing` is taken apart. */
function flat(body: JsonObject): Map<string, string> {
  const { standing = {}, ...rest } = body;
  const inner = Object.entries(standing as JsonObject).map(([field, value]) => [`standing.${field}`, value] as const);
  return new Map([...Object.entries(rest), ...inner].map(([field, value]) => [field, canonicalJson(value)]));
}

/** Personal fields that are not what the entry is bound to, nor were erased by this installation. */
function changedNames(
  key: Uint8Array,
  entry: LogEntry,
  { personal }: LogRow,
  saltOf: (field: string) => string | undefined,
): string[] {
  const commitments = entry.commitments as Readonly<Record<string, string>>;
  return [...new Set([...Object.keys(commitments), ...Object.keys(personal)])].filter((field) => {
    const value = personal[field];
    const salt = saltOf(field);
    if (salt === undefined || commitments[field] === undefined) return true;
    if (salt === erasedSalt(key, entry, field)) return value !== undefined && !isErased(value);
    return value === undefined || commitmentOf(salt, value) !== commitments[field];
  });
}

/** Parameters that are erased are an empty object. */
const isErased = (value: string): boolean => pseudonymPattern.test(value) || value === '{}';
