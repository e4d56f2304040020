/** Reports about results: one a member and result, and no more of a member in a day than anybody would write. */
import { type Database, inTransaction } from './database.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import { holdIn } from './moderation.ts';

export interface NewReport {
  readonly id: string;
  readonly requestId: string;
  readonly reporterId: string;
  /** The reporter's name after a deletion (src/store/log-chain.ts `pseudonymOf`): reports under it count too. */
  readonly alias?: string | undefined;
  readonly reason: string;
  /** Whether the result is held back at once, until a moderator has decided. */
  readonly holds: boolean;
  readonly now: Date;
}

/** `held`: the result is held back now; `again`: this member reported this result before, and what they wrote then stands; `too-many`: nothing was written. */
export type Reported = 'created' | 'held' | 'again' | 'too-many';

/** Reports that a member may make in 24 hours. */
export const reportsPerDay = 10;

const dayMs = 24 * 3_600_000;

/**
 * Stores a report, and holds the result in the same transaction where the guild wants that. What a moderator looked at and let go
 * is held by no further report: they decide.
 */
export function addReport(db: Database, report: NewReport): Promise<Reported> {
  const { id, requestId, reporterId, alias = reporterId, reason, holds, now } = report;
  return inTransaction(
    db,
    async (tx) => {
      const theirs = { in: [reporterId, alias] };
      if ((await tx.report.findFirst({ where: { requestId, reporterId: theirs } })) !== null) return 'again';
      const since = new Date(now.getTime() - dayMs);
      const lately = await tx.report.count({ where: { reporterId: theirs, createdAt: { gt: since } } });
      if (lately >= reportsPerDay) return 'too-many';
      await tx.report.create({ data: { id, requestId, reporterId, reason, createdAt: now } });
      if (!holds) return 'created';
      const cleared = {
        requestId,
        kind: { in: ['release', 'dismissReport'] },
      } satisfies Prisma.ModeratorActionWhereInput;
      if ((await tx.moderatorAction.count({ where: cleared })) === 0)
        await holdIn(tx, requestId, { actor: 'bot', now });
      const { state } = await tx.request.findUniqueOrThrow({ where: { id: requestId }, select: { state: true } });
      return state === 'held' ? 'held' : 'created';
    },
    [`report:${reporterId}`],
  );
}
