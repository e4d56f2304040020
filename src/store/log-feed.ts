/**
 * What happened in a guild since it was last told: the rows of the append-only tables and the reports, read onward from where
 * each table was left. That place (`feed-place.ts`) is written down before something is told, and again when it was, so that
 * whoever goes on after a death knows exactly what may have been told and what was not. On PostgreSQL rows can be seen in another
 * order than they were written in: what follows a number left out waits for it, and reports are read again for a while.
 */
import type { Database } from './database.ts';
import type { FeedPlace } from './feed-place.ts';
import type { Consent, ConsentEvent, ModeratorAction, Report, Request, RequestEvent } from './rows.ts';

export type FeedItem =
  | { readonly kind: 'event'; readonly at: Date; readonly row: RequestEvent; readonly request: Request }
  /** `request`: what it was done to, where there is one. */
  | {
      readonly kind: 'action';
      readonly at: Date;
      readonly row: ModeratorAction;
      readonly request?: Request | undefined;
    }
  | { readonly kind: 'consent'; readonly at: Date; readonly row: ConsentEvent; readonly consent: Consent }
  | { readonly kind: 'report'; readonly at: Date; readonly row: Report; readonly request: Request };

/** Guilds that named a channel, and which. */
export async function guildsWithLog(db: Database): Promise<{ readonly guildId: string; readonly channelId: string }[]> {
  const rows = await db.guildSettings.findMany({
    where: { logChannelId: { not: null }, leftAt: null },
    select: { guildId: true, logChannelId: true },
  });
  return rows.flatMap(({ guildId, logChannelId }) =>
    logChannelId === null ? [] : [{ guildId, channelId: logChannelId }],
  );
}

/** Rows of each table that are looked at in one reading, those of other guilds among them. */
const readAtOnce = 200;
/**
 * Where a number is left out, somebody may still be writing that row, or gave it up: what follows waits for so long since that was
 * first seen. A transaction that has its number is over by then (`database.ts`: 20 s).
 */
const gapMs = 30_000;
/** From the moment by which a row is dated until it can be seen: turns and connections are waited for, conflicts tried again. */
const lateMs = 600_000;
/** Reports that are looked at in one reading: all of `lateMs`, however many come at once. */
const reportsAtOnce = 1000;
/** A row further in the future than that is from a clock that is wrong: to wait for its time would silence the channel. */
const mostAheadMs = 60_000;

export interface Reading {
  readonly items: readonly FeedItem[];
  /** How far was read. */
  readonly to: FeedPlace;
}

export interface ReadingWish {
  readonly guildId: string;
  readonly from: FeedPlace;
  /** Read again exactly what was read before. */
  readonly to?: FeedPlace | undefined;
  /**
   * A row younger than that is left for later, with all that come after it: another process may still be writing one that comes
   * before it. Of no account with `to`.
   */
  readonly until: Date;
  /** The same for all readings of a process. */
  readonly gaps: FeedGaps;
  /** Items of each table at most. */
  readonly most: number;
  /** What is of interest; the rest is passed over. */
  readonly isTold: (item: FeedItem) => boolean;
}

/** When it was first seen, in milliseconds since 1970, that a number is left out: by table and number. */
export type FeedGaps = Map<string, number>;

/** Rows that several guilds look through from the same place are read once: one of these for each round through the guilds. */
export type FeedPages = Map<string, ReturnType<typeof readPage>>;

/** Pages that a round keeps: guilds that are told of all that happens stand at the same few places. */
const mostPages = 4;

/** What happened in one guild after `from`: of each table the next rows by their ids, all together in the order of time. */
export async function readFeed(db: Database, wish: ReadingWish, pages: FeedPages): Promise<Reading> {
  const { guildId, from } = wish;
  const key = JSON.stringify([{ ...from, reports: [] }, wish.to]);
  const known = pages.get(key) ?? readPage(db, wish);
  if (pages.size < mostPages) pages.set(key, known);
  const { events, actions, consents, reports } = await known;
  const event = taken('event', events, wish, (row) =>
    row.request.guildId === guildId ? { kind: 'event', at: row.at, row, request: row.request } : undefined,
  );
  const action = taken('action', actions, wish, ({ request, ...row }) =>
    row.guildId === guildId ? { kind: 'action', at: row.at, row, request } : undefined,
  );
  const consent = taken('consent', consents, wish, (row) =>
    row.consent.guildId === guildId ? { kind: 'consent', at: row.at, row, consent: row.consent } : undefined,
  );
  const report = takenReports(reports, wish);
  const items = [...event.items, ...action.items, ...consent.items, ...report.items];
  return {
    items: items.sort((one, other) => one.at.getTime() - other.at.getTime()),
    to: { event: event.last, action: action.last, consent: consent.last, ...report.place },
  };
}

/** The next rows of each table, of all guilds. */
async function readPage(db: Database, { from, to, until, gaps }: ReadingWish) {
  const upTo = <Id>(limit: Id | undefined) => (limit === undefined ? {} : { lte: limit });
  const order = { orderBy: { id: 'asc' }, take: readAtOnce } as const;
  const [events, actions, consents, reports] = await Promise.all([
    db.requestEvent.findMany({
      where: { id: { gt: from.event, ...upTo(to?.event) } },
      include: { request: true },
      ...order,
    }),
    db.moderatorAction.findMany({
      where: { id: { gt: from.action, ...upTo(to?.action) } },
      ...order,
    }),
    db.consentEvent.findMany({
      where: { id: { gt: from.consent, ...upTo(to?.consent) } },
      include: { consent: true },
      ...order,
    }),
    db.report.findMany({
      where: { id: { gt: from.report, ...upTo(to === undefined ? undefined : newestIn(to)) } },
      include: { request: true },
      ...order,
      take: reportsAtOnce,
    }),
  ]);
  noteGaps(gaps, until, {
    event: [from.event, events],
    action: [from.action, actions],
    consent: [from.consent, consents],
  });
  return { events, actions: await withRequests(db, actions), consents, reports };
}

/** A row of a moderator's deed outlives what it was done to. */
async function withRequests(db: Database, actions: readonly ModeratorAction[]) {
  const ids = new Set(actions.flatMap(({ requestId }) => requestId ?? []));
  const found = ids.size === 0 ? [] : await db.request.findMany({ where: { id: { in: [...ids] } } });
  const byId = new Map(found.map((request) => [request.id, request]));
  return actions.map((action) => {
    const request = byId.get(action.requestId ?? '');
    // Of another guild's request nothing is told, however such a row came about.
    return { ...action, request: request?.guildId === action.guildId ? request : undefined };
  });
}

type Numbered = 'event' | 'action' | 'consent';
const gapAt = (table: Numbered, number: number): string => `${table}:${number}`;

/** All of a page at once: several are waited for together. */
function noteGaps(
  gaps: FeedGaps,
  until: Date,
  tables: Readonly<Record<Numbered, readonly [from: number, rows: readonly { readonly id: number }[]]>>,
): void {
  const seenAt = until.getTime();
  for (const [gap, at] of gaps) if (at < seenAt - lateMs) gaps.delete(gap);
  for (const table of ['event', 'action', 'consent'] as const) {
    const [from, rows] = tables[table];
    let next = from + 1;
    for (const { id } of rows) {
      const gap = gapAt(table, next);
      if (id !== next && !gaps.has(gap)) gaps.set(gap, seenAt);
      next = id + 1;
    }
  }
}

function taken<Row extends { readonly id: number; readonly at: Date }>(
  table: Numbered,
  rows: readonly Row[],
  { from, to, until, gaps, most, isTold }: ReadingWish,
  itemOf: (row: Row) => FeedItem | undefined,
): { readonly items: FeedItem[]; readonly last: number } {
  const items: FeedItem[] = [];
  let last = from[table];
  for (const row of rows) {
    const isMissed = row.id !== last + 1 && mayStillCome(row, gaps.get(gapAt(table, last + 1)), until);
    if (to === undefined && (isMissed || isTooYoung(row.at, until))) break;
    const item = itemOf(row);
    if (item !== undefined && isTold(item)) {
      if (items.length === most) break;
      items.push(item);
    }
    last = row.id;
  }
  return { items, last };
}

/** Whether the row before this one, whose number is left out, may still come. */
function mayStillCome({ at }: { readonly at: Date }, seenAt: number | undefined, until: Date): boolean {
  const now = until.getTime();
  return at.getTime() > now - lateMs && now - (seenAt ?? now) < gapMs;
}

/** By the clock of whoever wrote the row: only what is at the end of a table is ever held back, and nothing passed over. */
function isTooYoung(at: Date, until: Date): boolean {
  const youngerMs = at.getTime() - until.getTime();
  return youngerMs > 0 && youngerMs <= mostAheadMs;
}

type ReportPlace = Pick<FeedPlace, 'report' | 'reports'>;
const isIn = ({ report, reports }: ReportPlace, id: string): boolean => id <= report || reports.includes(id);
const newestIn = ({ report, reports }: ReportPlace): string =>
  reports.reduce((one, id) => (id > one ? id : one), report);

/** Each report once, whenever it is seen: behind those that are older than any that may still come nothing is looked for. */
function takenReports(
  rows: readonly (Report & { readonly request: Request })[],
  { guildId, from, to, until, most, isTold }: ReadingWish,
): { readonly items: FeedItem[]; readonly place: ReportPlace } {
  const items: FeedItem[] = [];
  let { report } = from;
  let isBehind = true;
  for (const row of rows) {
    const { id, request, createdAt: at } = row;
    const isOpen = !isIn(from, id) && (to === undefined ? !isTooYoung(at, until) : isIn(to, id));
    const item: FeedItem = { kind: 'report', at, row, request };
    if (isOpen && request.guildId === guildId && isTold(item)) {
      if (items.length === most) break;
      items.push(item);
    }
    isBehind &&= at.getTime() <= until.getTime() - lateMs;
    if (isBehind) report = id;
  }
  const told = [...from.reports, ...items.flatMap((item) => (item.kind === 'report' ? item.row.id : []))];
  return { items, place: { report, reports: told.filter((id) => id > report) } };
}
