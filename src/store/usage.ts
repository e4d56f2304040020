/**
 * Pages of a guild's usage log, the newest row first. Every way to filter has an index that gives the rows in the order of the
 * page, so that a page costs as much in a log of a million rows as in one of a thousand: where an index would have to be
 * sorted or searched through (several states at once, a subject, reports) the ids of the page are found another way first.
 */
import type { Database } from './database.ts';
import { Prisma } from './generated/sqlite/client.ts';
import type { Command, Consent, Removal, Report, Request, RequestState } from './rows.ts';

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
  const found = await idsOf(db, { guildId, filter, bound, isBackwards, most: limit + 1 });
  const isMore = found.length > limit;
  const ids = found.slice(0, limit).map(({ id }) => id);
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

interface Place {
  readonly id: string;
  readonly createdAt: Date;
}

interface Search {
  readonly guildId: string;
  readonly filter: UsageFilter;
  readonly bound: Place | undefined;
  readonly isBackwards: boolean;
  readonly most: number;
}

function idsOf(db: Database, search: Search): Promise<readonly Place[]> {
  const { subjectId, reported } = search.filter;
  if (subjectId !== undefined || reported !== undefined) return idsBeside(db, search);
  return idsInOrder(db, search);
}

/** A state at a time, since an index gives its order for one state only; then the first of all of them. */
async function idsInOrder(db: Database, search: Search): Promise<readonly Place[]> {
  const { guildId, filter, bound, isBackwards, most } = search;
  const { requesterId, command, states, from, to } = filter;
  const order = isBackwards ? 'asc' : 'desc';
  const side = isBackwards ? 'gt' : 'lt';
  const equal = {
    guildId,
    ...(requesterId !== undefined && { requesterId }),
    ...(command !== undefined && { command }),
  };
  const between: Prisma.RequestWhereInput = {
    createdAt: { ...(from !== undefined && { gte: from }), ...(to !== undefined && { lt: to }) },
    ...(bound !== undefined && {
      AND: [
        { createdAt: { [`${side}e`]: bound.createdAt } },
        { OR: [{ createdAt: { [side]: bound.createdAt } }, { id: { [side]: bound.id } }] },
      ],
    }),
  };
  const lists = await Promise.all(
    (states ?? [undefined]).map((state) =>
      db.request.findMany({
        where: { ...equal, ...(state !== undefined && { state }), ...between },
        select: { id: true, createdAt: true },
        orderBy: [{ createdAt: order }, { id: order }],
        take: most,
      }),
    ),
  );
  if (lists.length === 1) return lists[0]!;
  const sign = isBackwards ? 1 : -1;
  return lists
    .flat()
    .toSorted((one, other) => sign * compared(one, other))
    .slice(0, most);
}

function compared(one: Place, other: Place): number {
  const apart = one.createdAt.getTime() - other.createdAt.getTime();
  if (apart !== 0) return apart;
  return one.id < other.id ? -1 : 1;
}

/**
 * From the few agreements or reports to their requests, never the other way about: a CROSS JOIN keeps SQLite from beginning
 * with all requests of the guild, and what stands in COALESCE or CAST from taking their indexes.
 */
async function idsBeside(db: Database, search: Search): Promise<readonly Place[]> {
  const { guildId, filter, bound, isBackwards, most } = search;
  const { requesterId, subjectId, command, states, from, to, reported } = filter;
  const order = Prisma.raw(isBackwards ? 'ASC' : 'DESC');
  const side = Prisma.raw(isBackwards ? '>' : '<');
  const open = reported === 'open' ? Prisma.sql`AND p."state" = 'open'` : Prisma.empty;
  const hasReport = Prisma.sql`EXISTS (SELECT 1 FROM "Report" p WHERE p."requestId" = r."id" ${open})`;
  const conditions = [
    Prisma.sql`COALESCE(r."guildId", '') = ${guildId}`,
    ...(requesterId === undefined ? [] : [Prisma.sql`COALESCE(r."requesterId", '') = ${requesterId}`]),
    ...(command === undefined ? [] : [Prisma.sql`CAST(r."command" AS TEXT) = ${command}`]),
    ...(states === undefined ? [] : [Prisma.sql`CAST(r."state" AS TEXT) IN (${Prisma.join([...states])})`]),
    ...(from === undefined ? [] : [Prisma.sql`r."createdAt" >= ${from}`]),
    ...(to === undefined ? [] : [Prisma.sql`r."createdAt" < ${to}`]),
    ...(bound === undefined
      ? []
      : [
          Prisma.sql`(r."createdAt" ${side} ${bound.createdAt}
            OR (r."createdAt" = ${bound.createdAt} AND r."id" ${side} ${bound.id}))`,
        ]),
  ];
  const source =
    subjectId === undefined
      ? Prisma.sql`"Report" p CROSS JOIN "Request" r WHERE r."id" = p."requestId" ${open}`
      : Prisma.sql`"Consent" c CROSS JOIN "Request" r WHERE r."consentId" = c."id" AND c."subjectId" = ${subjectId}
          ${reported === undefined ? Prisma.empty : Prisma.sql`AND ${hasReport}`}`;
  return db.$queryRaw<Place[]>`
    SELECT DISTINCT r."id" AS "id", r."createdAt" AS "createdAt" FROM ${source} AND ${Prisma.join(conditions, ' AND ')}
    ORDER BY "createdAt" ${order}, "id" ${order} LIMIT ${most}`;
}

async function rowsOf(db: Database, ids: readonly string[]): Promise<readonly UsageRow[]> {
  const rows = await db.request.findMany({
    where: { id: { in: [...ids] } },
    include: { consent: true, reports: { orderBy: { createdAt: 'asc' } }, removal: true },
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
