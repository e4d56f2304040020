/**
 * Everything that is held about a member, as one JSON document that is written while it is read: nothing of it has to fit into
 * memory. Secrets (tokens, signed addresses) are no data about a member and stay out, as do the names of those who reported
 * or moderated.
 */
import type { Database } from './database.ts';
import { pseudonymOf } from './log-chain.ts';
import { actionsNaming, requestsNaming } from './mentions.ts';

const atOnce = 50;

/** The document in pieces. `key`: the installation's `log` key, by which a block outlives a deletion. */
export async function* exportPersonalData(
  db: Database,
  userId: string,
  { key, now }: { readonly key: Uint8Array; readonly now: Date },
): AsyncGenerator<string> {
  const user = await db.user.findUnique({ where: { id: userId } });
  yield `{\n"format": "lumiere personal data",\n"version": 1,\n"madeAt": ${json(now)},\n"member": ${json({ id: userId, ...user })}`;
  for (const [name, rows] of sections(db, userId, pseudonymOf(key, userId))) {
    yield `,\n${json(name)}: [`;
    let isFirst = true;
    for await (const row of rows) {
      yield `${isFirst ? '' : ','}\n${json(withoutModerators(row, userId))}`;
      isFirst = false;
    }
    yield isFirst ? ']' : '\n]';
  }
  yield '\n}\n';
}

/** Moderators who decided about a request or an agreement are no more than that: the member's own name stays. */
function withoutModerators(row: unknown, userId: string): unknown {
  const { events, decidedBy, subjectId, requesterId, ...rest } = row as Decided;
  return {
    ...rest,
    ...(subjectId !== undefined && { subjectId }),
    ...(requesterId !== undefined && { requesterId }),
    ...(decidedBy !== undefined && {
      decidedBy: decidedBy === null || [userId, subjectId, requesterId].includes(decidedBy) ? decidedBy : 'moderator',
    }),
    ...(events && {
      events: events.map((event) => ({
        ...event,
        actor:
          event.actor.startsWith('moderator:') && event.actor !== `moderator:${userId}` ? 'moderator' : event.actor,
      })),
    }),
  };
}

/** What rows of several tables have of these. */
interface Decided {
  readonly events?: readonly { readonly actor: string }[];
  readonly decidedBy?: string | null;
  readonly subjectId?: string | null;
  readonly requesterId?: string;
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? Number(field) : field));
}

function sections(
  db: Database,
  userId: string,
  pseudonym: string,
): readonly (readonly [string, AsyncIterable<unknown>])[] {
  const withoutReports = { reporterId: true, reason: true, decidedBy: true } as const;
  return [
    [
      'requests',
      pages((after) =>
        db.request.findMany({
          where: { requesterId: userId, id: { gt: after } },
          orderBy: { id: 'asc' },
          take: atOnce,
          include: {
            events: true,
            delivery: { include: { tries: true }, omit: { claimedBy: true } },
            reply: { omit: { token: true } },
            media: true,
            made: true,
            removal: true,
            postings: { omit: { token: true } },
            reports: { omit: withoutReports },
          },
        }),
      ),
    ],
    [
      'requestsThatShowThem',
      pages((after) =>
        db.request.findMany({
          where: { consent: { subjectId: userId }, NOT: { requesterId: userId }, id: { gt: after } },
          orderBy: { id: 'asc' },
          take: atOnce,
          omit: { inputName: true, locale: true, interactionId: true },
          include: { events: true, media: true, made: true, removal: true },
        }),
      ),
    ],
    ['requestsThatNameThem', requestsThatName(db, userId)],
    [
      'agreements',
      pages((after) =>
        db.consent.findMany({
          where: { OR: [{ subjectId: userId }, { requesterId: userId }], id: { gt: after } },
          orderBy: { id: 'asc' },
          take: atOnce,
          include: { events: true },
        }),
      ),
    ],
    [
      'reportsByThem',
      pages((after) =>
        db.report.findMany({
          where: { reporterId: userId, id: { gt: after } },
          orderBy: { id: 'asc' },
          take: atOnce,
          omit: { decidedBy: true },
        }),
      ),
    ],
    [
      'quota',
      pages(
        (after) =>
          db.quotaReservation.findMany({
            where: { userId, requestId: { gt: after } },
            orderBy: { requestId: 'asc' },
            take: atOnce,
          }),
        (row) => row.requestId,
      ),
    ],
    [
      'blocks',
      pages((after) =>
        db.block.findMany({
          where: { userId: { in: [userId, pseudonym] }, id: { gt: after } },
          orderBy: { id: 'asc' },
          take: atOnce,
          omit: { createdBy: true, liftedBy: true },
        }),
      ),
    ],
    [
      'moderatorActionsAboutThem',
      numbered((after) =>
        db.moderatorAction.findMany({
          where: { targetUserId: userId, id: { gt: after } },
          orderBy: { id: 'asc' },
          take: atOnce,
          omit: { moderatorId: true },
        }),
      ),
    ],
    ['moderatorActionsThatNameThem', actionsThatName(db, userId)],
    [
      'moderatorActionsByThem',
      numbered((after) =>
        db.moderatorAction.findMany({
          where: { moderatorId: userId, id: { gt: after } },
          orderBy: { id: 'asc' },
          take: atOnce,
          omit: { targetUserId: true, reason: true, detail: true },
        }),
      ),
    ],
    [
      'serverSettingsByThem',
      pages(
        (after) =>
          db.guildSettings.findMany({
            where: { updatedBy: userId, guildId: { gt: after } },
            orderBy: { guildId: 'asc' },
            take: atOnce,
          }),
        (row) => row.guildId,
      ),
    ],
  ];
}

/** Somebody named them as the one whose face it is, and it came to nothing before they were asked. */
async function* requestsThatName(db: Database, userId: string): AsyncGenerator {
  for await (const named of requestsNaming(db, userId)) {
    for (const { id, createdAt, command, state, guildId, requesterId, parameters } of named) {
      if (requesterId === userId) continue; // theirs are told whole
      const { subject } = parameters as { readonly subject?: unknown };
      yield { id, createdAt, command, state, guildId, subject };
    }
  }
}

/** Moderators looked for them in the log; the other filters, which may name others, stay out. */
async function* actionsThatName(db: Database, userId: string): AsyncGenerator {
  for await (const named of actionsNaming(db, userId)) {
    for (const { id, at, kind, guildId } of named) yield { id, at, kind, guildId };
  }
}

async function* pages<Row>(
  read: (after: string) => Promise<Row[]>,
  keyOf: (row: Row) => string = (row) => (row as { readonly id: string }).id,
): AsyncGenerator<Row> {
  for (let after = ''; ;) {
    const rows = await read(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < atOnce) return;
    after = keyOf(last);
  }
}

async function* numbered<Row extends { readonly id: number }>(
  read: (after: number) => Promise<Row[]>,
): AsyncGenerator<Row> {
  for (let after = 0; ;) {
    const rows = await read(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < atOnce) return;
    after = last.id;
  }
}
