/**
 * `lumiere audit`: walks the chain of the usage log from its first entry to its head, a page at a time, and compares each entry
 * with the row it speaks of. Finds what was altered, is missing, was moved or added, in the chain and in the tables, and tells
 * what a purge or an erasure of this installation took from what somebody else did. The bot may run meanwhile.
 */
import type { AuditFault } from './audit-fault.ts';
import { openFindings, type OpenFindings } from './audit-findings.ts';
import { type Gaps, readGaps } from './audit-gaps.ts';
import { entryContent, rowFaults } from './audit-rows.ts';
import { type AuditedFiles, auditMadeFiles } from './audit-made-files.ts';
import type { Database } from './database.ts';
import { entryHash, type LogHead, noHash, readLogHead, readSealed, unsealedIds } from './log-chain.ts';
import { logKinds, readLogRows } from './log-rows.ts';
import type { MadeFileMac } from './made-file-mac.ts';

export type { AuditFault, AuditFaultKind } from './audit-fault.ts';

export interface AuditReport {
  /** The log is, and no row of the list of made files was altered. `faults` may tell of rows that nothing vouches for. */
  readonly intact: boolean;
  /** The chain and the tables that it speaks of. */
  readonly log: AuditedLog;
  /** The last entry: kept somewhere else, it shows at the next audit that nothing was cut off. */
  readonly head: LogHead | undefined;
  /** The head that was given lies in what a purge took out: nothing is left to compare it with. */
  readonly isKnownHeadPurged: boolean;
  readonly entries: number;
  /** Entries that purges took out. */
  readonly purged: number;
  /** Rows that are not sealed yet. */
  readonly waiting: number;
  /** When the first of them was written. The bot seals within seconds: nothing vouches for what has waited for longer. */
  readonly waitingSince: Date | undefined;
  /** The list of made files, which is no part of the chain. */
  readonly files: AuditedFiles;
  readonly faultCount: number;
  /** The first of them. */
  readonly faults: readonly AuditFault[];
}

export interface AuditedLog {
  /** `other-key`: up to some entry, or to its end, it was sealed with another key; what was not is intact. */
  readonly verdict: 'intact' | 'other-key' | 'altered';
  readonly faultCount: number;
}

export interface AuditOptions {
  readonly signal?: AbortSignal;
  /** Bears out the rows of the list of made files; without it they are counted only. */
  readonly madeFileMac?: MadeFileMac | undefined;
  /** A head that was printed earlier: must still be in the chain. */
  readonly knownHead?: LogHead | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

const pageSize = 500;
/** The bot's rows are numbered from 1; others may not be. */
const belowAllIds = -(2 ** 31) - 1;
const mostRounds = 5;

/**
 * Audits the whole chain; memory does not grow with it. Rejects with the signal's reason when it fires. A purge that ran
 * meanwhile can look like a fault: then everything is looked at again.
 */
export async function auditLog(db: Database, key: Uint8Array, options: AuditOptions = {}): Promise<AuditReport> {
  for (let round = 1; ; round++) {
    const before = await lastPurge(db);
    const report = await auditOnce(db, key, options);
    if (report.intact || round === mostRounds || (await lastPurge(db)) === before) return report;
  }
}

async function lastPurge(db: Database): Promise<number> {
  return (await db.purge.aggregate({ _max: { id: true } }))._max.id ?? 0;
}

interface Walk {
  readonly findings: OpenFindings;
  readonly gaps: Gaps;
  readonly knownHead: LogHead | undefined;
  last: LogHead;
  entries: number;
  purged: number;
  /** An entry was found that this key sealed. */
  isKeySeen: boolean;
  /** What was wrong with one entry is not held against the next. */
  isLinkKnown: boolean;
  /** The head that was given was compared. */
  isHeadSeen: boolean;
}

async function auditOnce(db: Database, key: Uint8Array, options: AuditOptions): Promise<AuditReport> {
  const { signal, knownHead, madeFileMac, onProgress } = options;
  const findings = openFindings();
  const walk: Walk = {
    ...{ findings, gaps: await readGaps(db, key), knownHead, last: { seq: 0, hash: noHash } },
    ...{ entries: 0, purged: 0, isKeySeen: false, isLinkKnown: true, isHeadSeen: false },
  };
  let head = await readLogHead(db, key);
  for (;;) {
    signal?.throwIfAborted();
    if (await walkPage(db, key, walk)) {
      onProgress?.(walk.last.seq, Math.max(walk.last.seq, head?.seq ?? 0));
      continue;
    }
    const before = head?.seq;
    head = await readLogHead(db, key);
    if (head === undefined || head.seq <= walk.last.seq || head.seq === before) break; // else the bot wrote more meanwhile
  }
  checkHead(head, walk);
  const waiting = await checkUnsealed(db, walk, { hasHead: head !== undefined, signal });
  const log = verdictOf(findings);
  const { files, findings: ofFiles } = await auditMadeFiles(db, madeFileMac, signal);
  findings.add(ofFiles);
  const { count: faultCount, faults } = findings;
  const intact = log.verdict === 'intact' && files.altered === 0;
  return {
    ...{ intact, log, entries: walk.entries, purged: walk.purged, faultCount, faults },
    ...{ waiting: waiting.count, waitingSince: waiting.since, files },
    isKnownHeadPurged: knownHead !== undefined && knownHead.seq <= walk.last.seq && !walk.isHeadSeen,
    head: head === undefined || head.forged ? undefined : { seq: head.seq, hash: head.hash },
  };
}

function verdictOf({ faults, count: faultCount }: OpenFindings): AuditedLog {
  if (faultCount === 0) return { verdict: 'intact', faultCount };
  return { verdict: faults.every(({ kind }) => kind === 'other-key') ? 'other-key' : 'altered', faultCount };
}

/** Looks at the next entries; false when there are none. */
async function walkPage(db: Database, key: Uint8Array, walk: Walk): Promise<boolean> {
  const where = { seq: { gt: walk.last.seq } };
  const page = await db.logEntry.findMany({ where, orderBy: { seq: 'asc' }, take: pageSize });
  if (page.length === 0) return false;
  const authentic = page.filter((entry) => entryHash(key, entryContent(entry)) === entry.hash);
  const ofRows = await rowFaults(db, key, authentic);
  const isAuthentic = new Set(authentic.map(({ seq }) => seq));
  const { found } = walk.findings;
  for (const entry of page) {
    const isNumberLeftOut = crossGaps(walk, entry.seq);
    const { seq, hash, previousHash, kind: table, rowId } = entry;
    const isLinked = previousHash === walk.last.hash;
    if (!isAuthentic.has(seq)) found({ kind: 'entry-altered', seq, table, rowId });
    else {
      // So the chain goes on when the bot meets a head that is not of its key.
      if (!walk.isKeySeen && walk.entries > 0 && isNumberLeftOut) foundOtherKey(walk);
      walk.isKeySeen = true;
      if (walk.isLinkKnown && !isLinked) found({ kind: 'entry-misplaced', seq, table, rowId });
    }
    ofRows.get(seq)?.forEach(found);
    walk.isLinkKnown = isAuthentic.has(seq) && (isLinked || !walk.isLinkKnown);
    walk.entries++;
    stepTo(walk, { seq, hash });
  }
  return true;
}

/** Nothing up to here was sealed with the key: nobody changes all of a log that they cannot seal anew. */
function foundOtherKey({ findings, last }: Walk): void {
  findings.asOne({ kind: 'other-key', seq: 1, through: last.seq });
}

/** Goes on to just before `seq` by way of purges; what they do not account for is missing. Whether the last number is. */
function crossGaps(walk: Walk, seq: number): boolean {
  let isMissing = false;
  while (walk.last.seq + 1 < seq) {
    const next = walk.last.seq + 1;
    const gap = walk.gaps.from(next);
    if (gap !== undefined && gap[0] <= next && gap[1] < seq) {
      walk.purged += gap[1] - walk.last.seq;
      stepTo(walk, { seq: gap[1], hash: gap[2] });
      isMissing = false;
    } else {
      const through = Math.min(seq, gap !== undefined && gap[0] > next ? gap[0] : seq) - 1;
      walk.findings.found({ kind: 'entries-missing', seq: next, through });
      walk.isLinkKnown = false;
      walk.last = { seq: through, hash: '' };
      isMissing = true;
    }
  }
  return isMissing;
}

function stepTo(walk: Walk, last: LogHead): void {
  walk.last = last;
  const { knownHead, findings } = walk;
  if (knownHead?.seq !== last.seq) return;
  walk.isHeadSeen = true;
  if (knownHead.hash !== last.hash) findings.found({ kind: 'head-unknown', seq: last.seq });
}

function checkHead(head: (LogHead & { readonly forged: boolean }) | undefined, walk: Walk): void {
  const { last, knownHead } = walk;
  const { found } = walk.findings;
  const isOtherKey = walk.entries > 0 && !walk.isKeySeen && head?.forged !== false;
  if (isOtherKey) foundOtherKey(walk);
  if (head === undefined) {
    found({ kind: 'head-missing' });
  } else if (head.forged && isOtherKey) {
    // Said with its entries.
  } else if (head.forged || head.seq < last.seq || (head.seq === last.seq && head.hash !== last.hash)) {
    found({ kind: 'head-altered', seq: head.seq });
  } else if (head.seq > last.seq) {
    found({ kind: 'entries-missing', seq: last.seq + 1, through: head.seq });
  }
  if (knownHead !== undefined && knownHead.seq > last.seq) found({ kind: 'head-unknown', seq: knownHead.seq });
}

/** Rows that should have been sealed long ago and were not are somebody else's. Resolves to those that may still wait. */
async function checkUnsealed(
  db: Database,
  walk: Walk,
  { hasHead, signal }: { readonly hasHead: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ readonly count: number; readonly since: Date | undefined }> {
  const { found } = walk.findings;
  const sealed = await readSealed(db);
  if (sealed === undefined && hasHead) found({ kind: 'progress-altered' });
  let count = 0;
  let since: Date | undefined;
  for (const table of logKinds) {
    const settled = sealed?.[table]?.through ?? 0;
    for (let after = belowAllIds, more = true; more;) {
      signal?.throwIfAborted();
      const ids = await unsealedIds(db, table, after, pageSize);
      const waiting = ids.filter((rowId) => rowId > settled);
      for (const rowId of ids.slice(0, ids.length - waiting.length)) found({ kind: 'row-foreign', table, rowId });
      for (const { at } of (await readLogRows(db, table, waiting)).values()) {
        if (since === undefined || at < since) since = at;
      }
      count += waiting.length;
      after = ids.at(-1) ?? after;
      more = ids.length === pageSize;
    }
  }
  return { count, since };
}
