/**
 * Which rows stand on a page of the usage log. A page costs as much in a log of a million rows as in one of a thousand, because
 * each search begins at the one index that leaves least and has the page's order: agreements of a subject, reports, rows of a
 * requester, or rows of a command and a state. Without statistics SQLite guesses which that is, and guessed wrong by a factor
 * of a hundred; so columns that shall not choose an index stand in COALESCE or CAST, and a CROSS JOIN is done as it is written.
 */
import type { Database } from './database.ts';
import { Prisma } from './generated/sqlite/client.ts';
import { newRequestId } from './request-id.ts';
import { type Command, RequestState } from './rows.ts';

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

export interface UsageSearch {
  readonly guildId: string;
  readonly filter: UsageFilter;
  /** The row that the page begins after, not on it. */
  readonly bound: Place | undefined;
  /** From the oldest to the newest. */
  readonly isBackwards: boolean;
  readonly most: number;
}

export interface Place {
  readonly id: string;
  readonly createdAt: Date;
}

type Sql = Prisma.Sql;
const { sql } = Prisma;

/** Ids of the first `most` rows, in order. */
export async function findUsage(db: Database, search: UsageSearch): Promise<readonly string[]> {
  const { requesterId, subjectId, command, states, reported } = search.filter;
  const within = [
    ...(command === undefined ? [] : [sql`CAST(r."command" AS TEXT) = ${command}`]),
    ...(states === undefined ? [] : [sql`CAST(r."state" AS TEXT) IN (${Prisma.join([...states])})`]),
  ];
  if (subjectId !== undefined) {
    const from = sql`"Consent" c CROSS JOIN "Request" r`;
    const theirs = sql`c."subjectId" = ${subjectId} AND r."consentId" = c."id"`;
    return idsOf(await places(db, search, from, [theirs, ...aside(search), ...within, ...reports(search)]));
  }
  if (reported !== undefined) return idsOf(await reportedPlaces(db, search, [...aside(search), ...within]));
  const here = sql`r."guildId" = ${search.guildId}`;
  const from = sql`"Request" r`;
  if (requesterId !== undefined) {
    return idsOf(await places(db, search, from, [here, sql`r."requesterId" = ${requesterId}`, ...within]));
  }
  // The index has the page's order for one state only: one search a state, then the first of all of them.
  const commands = command === undefined ? [] : [sql`r."command" = ${literal(command)}`];
  const lists: Place[][] = [];
  for (const state of states ?? [undefined]) {
    const inState = state === undefined ? [] : [sql`r."state" = ${literal(RequestState[state])}`];
    lists.push(await places(db, search, from, [here, ...commands, ...inState]));
  }
  const sign = search.isBackwards ? 1 : -1;
  const merged = lists.length === 1 ? lists[0]! : lists.flat().sort((one, other) => sign * compared(one, other));
  return idsOf(merged.slice(0, search.most));
}

/** A word of an enum: as a parameter PostgreSQL would take it for text. */
const literal = (word: string): Sql => Prisma.raw(`'${word}'`);

const idsOf = (found: readonly Place[]): string[] => found.map(({ id }) => id);

/** Whose rows, where another table has chosen which. */
function aside({ guildId, filter: { requesterId } }: UsageSearch): Sql[] {
  return [
    sql`COALESCE(r."guildId", '') = ${guildId}`,
    ...(requesterId === undefined ? [] : [sql`COALESCE(r."requesterId", '') = ${requesterId}`]),
  ];
}

const open = ({ filter: { reported } }: UsageSearch): Sql =>
  reported === 'open' ? sql`AND p."state" = 'open'` : Prisma.empty;

function reports(search: UsageSearch): Sql[] {
  if (search.filter.reported === undefined) return [];
  return [sql`EXISTS (SELECT 1 FROM "Report" p WHERE p."requestId" = r."id" ${open(search)})`];
}

function compared(one: Place, other: Place): number {
  const apart = one.createdAt.getTime() - other.createdAt.getTime();
  if (apart !== 0) return apart;
  return one.id < other.id ? -1 : 1;
}

async function places(db: Database, search: UsageSearch, from: Sql, conditions: readonly Sql[]): Promise<Place[]> {
  const { bound, isBackwards, most } = search;
  const order = Prisma.raw(isBackwards ? 'ASC' : 'DESC');
  const side = Prisma.raw(isBackwards ? '>' : '<');
  const beyond =
    bound === undefined
      ? []
      : [
          sql`r."createdAt" ${side}= ${bound.createdAt}`,
          sql`(r."createdAt" ${side} ${bound.createdAt} OR r."id" ${side} ${bound.id})`,
        ];
  const all = Prisma.join([...conditions, ...between(search), ...beyond], ' AND ');
  return db.$queryRaw<Place[]>`SELECT r."id" AS "id", r."createdAt" AS "createdAt" FROM ${from} WHERE ${all}
    ORDER BY r."createdAt" ${order}, r."id" ${order} LIMIT ${most}`;
}

function between({ filter: { from, to } }: UsageSearch): Sql[] {
  return [
    ...(from === undefined ? [] : [sql`r."createdAt" >= ${from}`]),
    ...(to === undefined ? [] : [sql`r."createdAt" < ${to}`]),
  ];
}

/** An id and its row may be made some moments apart, on machines whose clocks differ. */
const slackMs = 24 * 3_600_000;
/** The first id that a moment may have. */
const idOf = (moment: number): string => newRequestId(Math.max(0, moment), () => new Uint8Array(10));

/** Ids sort by time, and an index has the reports by them: no more of them are looked at than the page needs. */
async function reportedPlaces(db: Database, search: UsageSearch, conditions: readonly Sql[]): Promise<Place[]> {
  const { bound, isBackwards, most } = search;
  const order = Prisma.raw(isBackwards ? 'ASC' : 'DESC');
  const side = Prisma.raw(isBackwards ? '>' : '<');
  const { from, to } = search.filter;
  const beyond = [
    ...(bound === undefined ? [] : [sql`p."requestId" ${side} ${bound.id}`]),
    ...(from === undefined ? [] : [sql`p."requestId" >= ${idOf(from.getTime() - slackMs)}`]),
    ...(to === undefined ? [] : [sql`p."requestId" < ${idOf(to.getTime() + slackMs)}`]),
  ];
  const all = Prisma.join([...conditions, ...between(search), ...beyond], ' AND ');
  return db.$queryRaw<Place[]>`SELECT DISTINCT p."requestId" AS "id"
    FROM "Report" p CROSS JOIN "Request" r WHERE r."id" = p."requestId" ${open(search)} AND ${all}
    ORDER BY p."requestId" ${order} LIMIT ${most}`;
}
