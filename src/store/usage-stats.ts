/**
 * What a guild's usage log adds up to, day by day. Counted a few hours at a time: in one statement a busy guild's month would
 * hold the process up for a second, since SQLite answers within it.
 */
import type { Database } from './database.ts';
import type { Command, RequestState } from './rows.ts';

export interface UsageDay {
  /** Midnight UTC at which it begins. */
  readonly day: Date;
  readonly counts: Readonly<Partial<Record<RequestState, number>>>;
  readonly commands: Readonly<Partial<Record<Command, number>>>;
  readonly computeSeconds: number;
}

export interface UsageStats {
  /** Each day from the first to the last, those without a request too. */
  readonly days: readonly UsageDay[];
  /** How many different members asked. */
  readonly members: number;
  readonly reports: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const countedAtOnce = 3 * hourMs;

/** Counts what was asked from `from` to before `to`; both are widened to whole days of UTC. */
export async function usageStats(
  db: Database,
  guildId: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<UsageStats> {
  const first = Math.floor(from.getTime() / dayMs) * dayMs;
  const end = Math.ceil(to.getTime() / dayMs) * dayMs;
  const members = new Set<string>();
  const days: UsageDay[] = [];
  for (let day = first; day < end; day += dayMs) {
    const counts: Partial<Record<RequestState, number>> = {};
    const commands: Partial<Record<Command, number>> = {};
    let computeSeconds = 0;
    for (let part = day; part < day + dayMs; part += countedAtOnce) {
      for (const group of await countPart(db, guildId, new Date(part), new Date(part + countedAtOnce))) {
        const count = Number(group.count);
        counts[group.state] = (counts[group.state] ?? 0) + count;
        commands[group.command] = (commands[group.command] ?? 0) + count;
        computeSeconds += group.seconds ?? 0;
        members.add(group.requesterId);
      }
    }
    days.push({ day: new Date(day), counts, commands, computeSeconds });
  }
  const window = { gte: new Date(first), lt: new Date(end) };
  const reports = await db.report.count({ where: { createdAt: window, request: { guildId } } });
  return { days, members: members.size, reports };
}

interface Group {
  readonly state: RequestState;
  readonly command: Command;
  readonly requesterId: string;
  readonly count: number | bigint;
  readonly seconds: number | null;
}

/** By the index of the guild's rows in order of time: grouped by bare columns, SQLite would take one that has all of its rows. */
function countPart(db: Database, guildId: string, from: Date, to: Date): Promise<Group[]> {
  return db.$queryRaw<Group[]>`
    SELECT CAST("state" AS TEXT) AS "state", CAST("command" AS TEXT) AS "command",
      COALESCE("requesterId", '') AS "requesterId", COUNT(*) AS "count", SUM("computeSeconds") AS "seconds"
    FROM "Request" WHERE "guildId" = ${guildId} AND "createdAt" >= ${from} AND "createdAt" < ${to}
    GROUP BY 1, 2, 3`;
}
