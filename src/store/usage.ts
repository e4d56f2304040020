/** Pages of a guild's usage log, the newest row first, and all of it for an export: who asked for what, and what stands beside it. */
import type { Database } from './database.ts';
import type { Command, Consent, Removal, Report, Request, RequestState } from './rows.ts';
import { findUsage } from './usage-search.ts';

export interface UsageFilter {
  /** Who asked. */
  readonly requesterId?: string | undefined;
  /** Whose face it is, as the agreement says. */
  readonly subjectId?: string | undefined;
  readonly command?: Command | undefined;
  readonly states?: readonly RequestState[] | undefined;
  /** Asked at that moment or later. */
  readonly from?: Date | undefined;
  /** Asked before that moment. */
  readonly to?: Date | undefined;
  /** `any`: reported by somebody; `open`: with a report that nobody has decided yet. */
  readonly reported?: 'any' | 'open' | undefined;
}

/** A row of the log, with what stands beside it. */
export type UsageRow = Request & {
  readonly consent: Consent | null;
  readonly reports: readonly Report[];
  readonly removal: Removal | null;
};

export interface UsagePage {
  readonly rows: readonly UsageRow[];
  /** `after` of the next page; absent on the last one. */
  readonly next?: string;
  /** `before` of the page before; absent on the first one. */
  readonly previous?: string;
}

/** Rows on one page; at most one of `after` (older than that row) and `before` (newer than it), both ids of rows. */
export interface PageWish {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** One page of one guild's log. A mark of a row that is no longer there, or is another guild's, gives an empty page. */
export async function listUsage(
  db: Database,
  guildId: string,
  filter: UsageFilter,
  { limit, after, before }: PageWish,
): Promise<UsagePage> {
  const mark = after ?? before;
  const isBackwards = after === undefined && before !== undefined;
  const select = { id: true, createdAt: true };
  const bound = mark === undefined ? undefined : await db.request.findFirst({ where: { id: mark, guildId }, select });
  if (bound === null) return { rows: [] };
  const found = await findUsage(db, { guildId, filter, bound, isBackwards, most: limit + 1 });
  const isMore = found.length > limit;
  const ids = found.slice(0, limit);
  if (isBackwards) ids.reverse();
  const rows = await rowsOf(db, ids);
  const hasOlder = isBackwards ? ids.length > 0 : isMore;
  const hasNewer = isBackwards ? isMore : after !== undefined && ids.length > 0;
  return {
    rows,
    ...(hasOlder && { next: ids.at(-1)! }),
    ...(hasNewer && { previous: ids[0]! }),
  };
}

/** Rows of an export that are read at once: the database must not hold the process up. */
const exportedAtOnce = 100;

/** All rows that a filter leaves, the newest first, read a few at a time. */
export async function* exportUsage(db: Database, guildId: string, filter: UsageFilter): AsyncGenerator<UsageRow> {
  for (let after: string | undefined; ;) {
    const { rows, next } = await listUsage(db, guildId, filter, { limit: exportedAtOnce, after });
    yield* rows;
    if (next === undefined) return;
    after = next;
  }
}

async function rowsOf(db: Database, ids: readonly string[]): Promise<readonly UsageRow[]> {
  const rows = await db.request.findMany({
    where: { id: { in: [...ids] } },
    include: { consent: true, reports: { orderBy: { createdAt: 'asc' } }, removal: true },
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
