/** Reports about results: one a member and result. */
import type { Database } from './database.ts';
import type { Report } from './rows.ts';

/** Stores a report. A second one by the same member about the same result gives the first, unchanged. */
export async function addReport(
  db: Database,
  report: {
    readonly id: string;
    readonly requestId: string;
    readonly reporterId: string;
    readonly reason: string;
    readonly now: Date;
  },
): Promise<{ readonly report: Report; readonly created: boolean }> {
  const { id, requestId, reporterId, reason, now } = report;
  const row = await db.report.upsert({
    where: { requestId_reporterId: { requestId, reporterId } },
    create: { id, requestId, reporterId, reason, createdAt: now },
    update: {},
  });
  return { report: row, created: row.id === id };
}

/** Reports nobody has decided yet, oldest first; of one guild, or of all. */
export function listOpenReports(db: Database, guildId?: string): Promise<Report[]> {
  return db.report.findMany({
    where: { state: 'open', ...(guildId === undefined ? {} : { request: { guildId } }) },
    orderBy: { createdAt: 'asc' },
  });
}
