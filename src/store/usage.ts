/** Pages of a guild's usage log, the newest row first, and all of it for an export: who asked for what, and what stands beside it. */
import { findPictureBlock } from './blocks.ts';
import type { Database } from './database.ts';
import type { Consent, ModeratorAction, Removal, Report, Request, RequestEvent } from './rows.ts';
import { findUsage, type UsageFilter } from './usage-search.ts';

export type { UsageFilter } from './usage-search.ts';

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
const exportedAtOnce = 50;

/** A row with all that happened to it, and what moderators did and looked at. */
export type ExportedRow = UsageRow & {
  readonly events: readonly RequestEvent[];
  readonly actions: readonly ModeratorAction[];
};

/** All rows that a filter leaves, the newest first, read a few at a time. */
export async function* exportUsage(db: Database, guildId: string, filter: UsageFilter): AsyncGenerator<ExportedRow> {
  for (let after: string | undefined; ;) {
    const { rows, next } = await listUsage(db, guildId, filter, { limit: exportedAtOnce, after });
    const requestId = { in: rows.map(({ id }) => id) };
    const events = await db.requestEvent.findMany({ where: { requestId }, orderBy: { id: 'asc' } });
    const actions = await db.moderatorAction.findMany({ where: { requestId, guildId }, orderBy: { id: 'asc' } });
    for (const row of rows) {
      const isOfRow = (one: { readonly requestId: string | null }): boolean => one.requestId === row.id;
      yield { ...row, events: events.filter(isOfRow), actions: actions.filter(isOfRow) };
    }
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

/** A row with all that is known of it: what happened in order, who did what, and the file that is left. */
export async function usageDetail(db: Database, guildId: string, id: string) {
  const request = await db.request.findFirst({
    where: { id, guildId },
    include: {
      consent: true,
      reports: { orderBy: { createdAt: 'asc' } },
      removal: true,
      delivery: true,
      events: { orderBy: { id: 'asc' } },
      media: { where: { role: 'result' }, include: { object: true } },
      reply: true,
    },
  });
  if (request === null) return undefined;
  const { inputHash } = request;
  const [actions, block, pictureBlock] = await Promise.all([
    // Whoever looked at it is in the export; here it would bury what was done.
    db.moderatorAction.findMany({ where: { requestId: id, guildId, kind: { not: 'view' } }, orderBy: { id: 'asc' } }),
    db.block.findFirst({ where: { kind: 'user', guildId, userId: request.requesterId, liftedAt: null } }),
    inputHash === null ? undefined : findPictureBlock(db, { perceptualHash: inputHash, guildId }),
  ]);
  // A block for everywhere is the operator's.
  const own = pictureBlock?.guildId === guildId ? pictureBlock : undefined;
  return { ...request, actions, isRequesterBlocked: block !== null, pictureBlock: own };
}

export type UsageDetail = NonNullable<Awaited<ReturnType<typeof usageDetail>>>;
