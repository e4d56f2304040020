/**
 * The usage log with a million rows on SQLite: how long each kind of page takes, what memory an export needs, and how fast the
 * log is sealed and audited.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SqliteDatabase from 'libsql';

import { auditLog } from '../../src/store/audit.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { sealLog } from '../../src/store/log-chain.ts';
import { startLog } from '../../src/store/log-chain-start.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { listUsage, type UsageFilter } from '../../src/store/usage.ts';
import { runCommand } from './command.ts';
import type { BenchResult, BenchRow } from './report.ts';

export interface UsageLogOptions {
  readonly rows?: number;
  readonly pages?: number;
  /** Rows that are sealed and audited. */
  readonly sealed?: number;
}

const start = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;
const days = 90;
const guild = '500000000000000000';
const states = ['delivered', 'delivered', 'delivered', 'removed', 'failed', 'refused', 'cancelled', 'kept'];

/** A quarter of the rows belongs to one guild, the others to 200; 3,000 members, some of whom ask a hundred times as much. */
function fill(path: string, count: number): void {
  const database = new SqliteDatabase(path);
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  const request = database.prepare(
    `INSERT INTO "Request" ("id", "command", "state", "guildId", "channelId", "requesterId", "locale", "interactionId", "parameters",
       "inputName", "inputSha256", "resultSha256", "computeSeconds", "priority", "attempts", "consentId", "createdAt")
     VALUES (?, ?, ?, ?, 'channel', ?, 'en', ?, '{"version":1,"command":"restore","scale":4}', 'film.mp4', ?, ?, ?, 0, 1, ?, ?)`,
  );
  const event = database.prepare(
    `INSERT INTO "RequestEvent" ("requestId", "at", "from", "to", "actor") VALUES (?, ?, NULL, 'received', ?)`,
  );
  const consent = database.prepare(
    `INSERT INTO "Consent" ("id", "kind", "scope", "state", "subjectId", "requesterId", "guildId", "textVersion", "textLocale", "askedAt")
     VALUES (?, 'member', 'photo', 'given', ?, ?, ?, '1', 'en', ?)`,
  );
  const report = database.prepare(
    `INSERT INTO "Report" ("id", "requestId", "reporterId", "reason", "state", "createdAt") VALUES (?, ?, 'reporter', 'words', ?, ?)`,
  );
  for (let n = 0; n < count; n++) {
    const at = start + Math.floor((n / count) * days * dayMs);
    const iso = new Date(at).toISOString().replace('Z', '+00:00');
    const id = newRequestId(at);
    const member = `6000${Math.floor(3000 * Math.random() ** 3)}`;
    const where = n % 4 === 0 ? guild : `7000${n % 200}`;
    const isAnimated = n % 5 === 0;
    const consentId = isAnimated ? `consent-${n}` : null;
    if (consentId !== null) consent.run(consentId, `8000${n % 1000}`, member, where, iso);
    const hash = randomBytes(32).toString('hex');
    const command = isAnimated ? 'animate' : 'restore';
    request.run(id, command, states[n % states.length], where, member, `i${n}`, hash, hash, n % 90, consentId, iso);
    event.run(id, iso, `member:${member}`);
    if (n % 997 === 0) report.run(`report-${n}`, id, n % 3 === 0 ? 'open' : 'dismissed', iso);
  }
  database.exec('COMMIT');
  database.close();
}

const from = new Date(start + 30 * dayMs);
const to = new Date(start + 31 * dayMs);
const filters: Readonly<Record<string, UsageFilter>> = {
  'no filter': {},
  'a busy member': { requesterId: '60000' },
  'a rare member': { requesterId: '60002999' },
  'whose face': { subjectId: '80005' },
  command: { command: 'animate' },
  state: { states: ['failed'] },
  'command and state': { command: 'animate', states: ['kept'] },
  'a day': { from, to },
  'member and state': { requesterId: '60000', states: ['failed', 'refused'] },
  'member, command and day': { requesterId: '60000', command: 'animate', from, to },
  'state and day': { states: ['removed'], from, to },
  reported: { reported: 'any' },
  'open reports of a command': { reported: 'open', command: 'restore' },
  'nobody at all': { requesterId: '1', states: ['held'] },
};

interface Pages {
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
}

async function timePages(db: Database, filter: UsageFilter, pages: number): Promise<Pages> {
  const times: number[] = [];
  let after: string | undefined;
  for (let page = 0; page < pages; page++) {
    const began = performance.now();
    const { next } = await listUsage(db, guild, filter, { limit: 10, after });
    times.push(performance.now() - began);
    after = next;
  }
  times.sort((one, other) => one - other);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(share * times.length))]!;
  return { p50: at(0.5), p95: at(0.95), longest: times.at(-1)! };
}

const exporter = fileURLToPath(new URL('./usage-export-process.ts', import.meta.url));

export async function benchUsageLog(options: UsageLogOptions = {}): Promise<BenchResult> {
  const { rows: count = 1_000_000, pages = 40, sealed = 20_000 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-usage-log-'));
  const rows: BenchRow[] = [];
  try {
    const path = join(folder, 'lumiere.db');
    await (await openDatabase({ url: `file:${path}` })).close();
    fill(path, count);
    const { db, close } = await openDatabase({ url: `file:${path}` });
    await timePages(db, {}, pages); // the process and the disk's cache are warm, as a bot's are
    const times: Record<string, Pages> = {};
    for (const [name, filter] of Object.entries(filters)) times[name] = await timePages(db, filter, pages);
    const slowest = Object.entries(times).reduce((one, other) => (one[1].p95 >= other[1].p95 ? one : other));
    const p50 = Math.max(...Object.values(times).map((page) => page.p50));
    rows.push({
      what: `a page of the usage log of ${count.toLocaleString('en')} rows, the slowest of ${Object.keys(filters).length} filters (${slowest[0]})`,
      measured: `p95 ${slowest[1].p95.toFixed(0)} ms (p50 at most ${p50.toFixed(0)} ms)`,
      reach: 'under 100 ms',
      ok: slowest[1].p95 < 100,
    });
    const exported = async (...into: string[]): Promise<{ peakBytes: number; stdout: string; seconds: number }> =>
      runCommand(process.execPath, ['--import', 'tsx', exporter, `file:${path}`, guild, ...into], true);
    const base = await exported();
    const all = await exported(folder);
    const mib = (bytes: number): number => bytes / 2 ** 20;
    const made = JSON.parse(all.stdout) as { rows: number; bytes: number };
    rows.push({
      what: `memory of an export of ${made.rows.toLocaleString('en')} rows as CSV (${mib(made.bytes).toFixed(0)} MiB, compressed)`,
      measured: `${mib(all.peakBytes).toFixed(0)} MiB at most, ${mib(all.peakBytes - base.peakBytes).toFixed(0)} MiB of it for the export; ${all.seconds.toFixed(0)} s`,
      reach: 'under 200 MB',
      ok: all.peakBytes - base.peakBytes < 200e6,
    });
    const key = new Uint8Array(32);
    await startLog(db, key, { isNewKey: true });
    const began = performance.now();
    let done = 0;
    while (done < sealed) done += await sealLog(db, key, { now: new Date(start), limit: 50 });
    const sealing = (performance.now() - began) / 1000;
    const auditBegan = performance.now();
    const report = await auditLog(db, key);
    const auditing = (performance.now() - auditBegan) / 1000;
    rows.push(
      {
        what: `sealing the log, ${done.toLocaleString('en')} rows, 50 at a time`,
        measured: `${(done / sealing).toFixed(0)} rows a second`,
        reach: 'more than members make',
        ok: done / sealing > 100,
      },
      {
        what: `lumiere audit of ${report.entries.toLocaleString('en')} entries`,
        measured: `${(report.entries / auditing).toFixed(0)} entries a second, ${report.intact ? 'intact' : 'NOT intact'}`,
        reach: 'intact',
        ok: report.intact,
      },
    );
    await close();
    return { name: 'usage-log', rows, details: { times, base, all } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
