/**
 * What happened in a guild since it was last told: the rows of the append-only tables and the reports, read onward from where
 * each table was left. That place is written down before something is told, and again when it was, so that whoever goes on
 * after a death knows exactly what may have been told and what was not.
 */
import * as z from 'zod';

import type { Database } from './database.ts';
import { readInstallationValue, writeInstallationValue } from './installation-values.ts';
import type { Consent, ConsentEvent, ModeratorAction, Report, Request, RequestEvent } from './rows.ts';

/** The last row of each table that was told or passed over. Ids of reports sort by time. */
const feedPlace = z.strictObject({
  event: z.int(),
  action: z.int(),
  consent: z.int(),
  report: z.string(),
});
export type FeedPlace = z.output<typeof feedPlace>;

const feedState = z.strictObject({
  told: feedPlace,
  /** What is being told reaches to here; `at` in milliseconds since 1970. */
  telling: z.strictObject({ to: feedPlace, at: z.number() }).optional(),
});
export type FeedState = z.output<typeof feedState>;

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

/** Of the value that holds how far a guild was told. */
export const feedKey = (guildId: string): string => `log-channel:${guildId}`;

export async function readFeedState(db: Database, guildId: string): Promise<FeedState | undefined> {
  const written = await readInstallationValue(db, feedKey(guildId));
  if (written === undefined) return undefined;
  const state = feedState.safeParse(JSON.parse(written));
  return state.success ? state.data : undefined;
}

export async function writeFeedState(db: Database, guildId: string, state: FeedState): Promise<void> {
  await writeInstallationValue(db, feedKey(guildId), JSON.stringify(state));
}

/** Where the tables end now: a guild that begins to be told is not told of what was before. */
export async function feedEnd(db: Database): Promise<FeedPlace> {
  const newest = { orderBy: { id: 'desc' }, select: { id: true } } as const;
  const [event, action, consent, report] = await Promise.all([
    db.requestEvent.findFirst(newest),
    db.moderatorAction.findFirst(newest),
    db.consentEvent.findFirst(newest),
    db.report.findFirst(newest),
  ]);
  return { event: event?.id ?? 0, action: action?.id ?? 0, consent: consent?.id ?? 0, report: report?.id ?? '' };
}

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
/** Where a number is left out, somebody may still be writing that row, or gave it up: what follows waits for so long. */
const gapMs = 10_000;
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
  /** Items of each table at most. */
  readonly most: number;
  /** What is of interest; the rest is passed over. */
  readonly isTold: (item: FeedItem) => boolean;
}

/** Rows that several guilds look through from the same place are read once: one of these for each round through the guilds. */
export type FeedPages = Map<string, ReturnType<typeof readPage>>;

/** Pages that a round keeps: guilds that are told of all that happens stand at the same few places. */
const mostPages = 4;

/** What happened in one guild after `from`: of each table the next rows by their ids, all together in the order of time. */
export async function readFeed(db: Database, wish: ReadingWish, pages: FeedPages): Promise<Reading> {
  const { guildId, from } = wish;
  const key = JSON.stringify([from, wish.to]);
  const known = pages.get(key) ?? readPage(db, wish);
  if (pages.size < mostPages) pages.set(key, known);
  const { events, actions, consents, reports } = await known;
  const event = taken(
    events,
    from.event,
    wish,
    ({ at }) => at,
    (row) => (row.request.guildId === guildId ? { kind: 'event', at: row.at, row, request: row.request } : undefined),
  );
  const action = taken(
    actions,
    from.action,
    wish,
    ({ at }) => at,
    ({ request, ...row }) => (row.guildId === guildId ? { kind: 'action', at: row.at, row, request } : undefined),
  );
  const consent = taken(
    consents,
    from.consent,
    wish,
    ({ at }) => at,
    (row) => (row.consent.guildId === guildId ? { kind: 'consent', at: row.at, row, consent: row.consent } : undefined),
  );
  const report = taken(
    reports,
    from.report,
    wish,
    ({ createdAt }) => createdAt,
    (row) =>
      row.request.guildId === guildId ? { kind: 'report', at: row.createdAt, row, request: row.request } : undefined,
  );
  const items = [...event.items, ...action.items, ...consent.items, ...report.items];
  return {
    items: items.sort((one, other) => one.at.getTime() - other.at.getTime()),
    to: { event: event.last, action: action.last, consent: consent.last, report: report.last },
  };
}

/** The next rows of each table, of all guilds. */
async function readPage(db: Database, { from, to }: Pick<ReadingWish, 'from' | 'to'>) {
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
      where: { id: { gt: from.report, ...upTo(to?.report) } },
      include: { request: true },
      ...order,
    }),
  ]);
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

function taken<Row extends { readonly id: Id }, Id extends number | string>(
  rows: readonly Row[],
  from: Id,
  { to, until, most, isTold }: ReadingWish,
  atOf: (row: Row) => Date,
  itemOf: (row: Row) => FeedItem | undefined,
): { readonly items: FeedItem[]; readonly last: Id } {
  const items: FeedItem[] = [];
  let last: Id = from;
  for (const row of rows) {
    const before: number | string = last;
    const follows = typeof before === 'string' || row.id === before + 1;
    if (to === undefined && isTooYoung(atOf(row), until, follows)) break;
    const item = itemOf(row);
    if (item !== undefined && isTold(item)) {
      if (items.length === most) break;
      items.push(item);
    }
    last = row.id;
  }
  return { items, last };
}

/** By the clock of whoever wrote the row: only what is at the end of a table is ever held back, and nothing passed over. */
function isTooYoung(at: Date, until: Date, follows: boolean): boolean {
  const youngerMs = at.getTime() - until.getTime();
  return youngerMs > (follows ? 0 : -gapMs) && youngerMs <= mostAheadMs;
}

/** Whether two places are the same. */
export function isSamePlace(one: FeedPlace, other: FeedPlace): boolean {
  return (['event', 'action', 'consent', 'report'] as const).every((table) => one[table] === other[table]);
}
