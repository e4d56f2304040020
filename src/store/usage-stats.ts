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
const countedAtOnce = 6 * hourMs;

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
      const createdAt = { gte: new Date(part), lt: new Date(part + countedAtOnce) };
      const where = { guildId, createdAt };
      const groups = await db.request.groupBy({
        by: ['state', 'command'],
        where,
        _count: true,
        _sum: { computeSeconds: true },
      });
      for (const { state, command, _count: count, _sum: sum } of groups) {
        counts[state] = (counts[state] ?? 0) + count;
        commands[command] = (commands[command] ?? 0) + count;
        computeSeconds += sum.computeSeconds ?? 0;
      }
      if (groups.length === 0) continue;
      for (const { requesterId } of await db.request.groupBy({ by: ['requesterId'], where })) members.add(requesterId);
    }
    days.push({ day: new Date(day), counts, commands, computeSeconds });
  }
  const window = { gte: new Date(first), lt: new Date(end) };
  const reports = await db.report.count({ where: { createdAt: window, request: { guildId } } });
  return { days, members: members.size, reports };
}
