/**
 * What an entry of the chain says about a row: `body` names nobody, `personal` holds what may name somebody, of which the
 * entry keeps salted hashes only. Made the same way when a row is sealed and when the audit looks at it again.
 */
import { canonicalJson } from './canonical-json.ts';
import type { Database, Transaction } from './database.ts';
import type { Json, JsonObject } from './rows.ts';

/** The tables whose rows are chained. */
export const logKinds = ['RequestEvent', 'ConsentEvent', 'ModeratorAction'] as const;
/** Purges are chained as they happen, by src/store/purge.ts. */
export type LogKind = (typeof logKinds)[number] | 'Purge';

export interface LogRow {
  readonly kind: LogKind;
  readonly rowId: number;
  readonly guildId: string | null;
  readonly at: Date;
  /**
   * Fields that never change. Under `standing` what the row's request or consent had come to: it may change until the next
   * event, so it is compared for the last event only.
   */
  readonly body: JsonObject;
  /** Only those that have a value. */
  readonly personal: Readonly<Record<string, string>>;
  /** Whose last event counts: the request or the consent. */
  readonly subject?: string;
}

/** The rows of a table as entries describe them, by id; rows that are gone, or whose request or consent is, are left out. */
export async function readLogRows(
  db: Database | Transaction,
  kind: LogKind,
  ids: readonly number[],
): Promise<ReadonlyMap<number, LogRow>> {
  const read = { RequestEvent: requestEvents, ConsentEvent: consentEvents, ModeratorAction: actions, Purge: purges }[
    kind
  ];
  const rows = ids.length === 0 ? [] : await read(db, [...ids]);
  return new Map(rows.map((row) => [row.rowId, row]));
}

type Read = (db: Database | Transaction, ids: number[]) => Promise<LogRow[]>;

/** While these last, what a request says about its files may still change without an event. */
const unsettled: readonly string[] = ['received', 'asking'];
/** Afterwards no smaller encoding takes the result's place. */
const delivered: readonly string[] = ['delivered', 'removed'];

const requestEvents: Read = async (db, ids) => {
  const events = await db.requestEvent.findMany({ where: { id: { in: ids } } });
  const requests = await db.request.findMany({
    where: { id: { in: [...new Set(events.map(({ requestId }) => requestId))] } },
    select: {
      ...{ id: true, command: true, state: true, guildId: true, channelId: true, requesterId: true, parameters: true },
      ...{ markId: true, inputSha256: true, resultSha256: true, consentId: true },
    },
  });
  const byId = new Map(requests.map((request) => [request.id, request]));
  return events.flatMap((event) => {
    const request = byId.get(event.requestId);
    if (request === undefined) return [];
    const { state, command, markId: mark, inputSha256: input, consentId: consent } = request;
    const standing = unsettled.includes(state)
      ? { state }
      : { state, input, consent, ...(delivered.includes(state) && { result: request.resultSha256 }) };
    const { actor, somebody } = whoOf(event.actor);
    const isFirst = event.from === null;
    const isSettled = (event.from === null || unsettled.includes(event.from)) && !unsettled.includes(event.to);
    return {
      ...{ kind: 'RequestEvent' as const, rowId: event.id, guildId: request.guildId, at: event.at },
      body: { request: request.id, command, mark, from: event.from, to: event.to, code: event.code, actor, standing },
      personal: present({
        actor: somebody,
        ...(isFirst && { requester: request.requesterId, channel: request.channelId }),
        ...(isSettled && { parameters: request.parameters as Json }),
      }),
      subject: request.id,
    };
  });
};

const consentEvents: Read = async (db, ids) => {
  const events = await db.consentEvent.findMany({ where: { id: { in: ids } }, include: { consent: true } });
  return events.map(({ consent, ...event }) => {
    const { actor, somebody } = whoOf(event.actor);
    const { state, scope, photoSha256: photo, textVersion, textLocale, expiresAt } = consent;
    const standing = { state, scope, photo, textVersion, textLocale, expiresAt: expiresAt?.toISOString() ?? null };
    return {
      ...{ kind: 'ConsentEvent' as const, rowId: event.id, guildId: consent.guildId, at: event.at },
      body: { consent: consent.id, about: consent.kind, from: event.from, to: event.to, actor, standing },
      personal: present({
        actor: somebody,
        ...(event.from === null && {
          requester: consent.requesterId,
          subject: consent.subjectId,
          declared: consent.declared,
        }),
      }),
      subject: consent.id,
    };
  });
};

const actions: Read = async (db, ids) => {
  const rows = await db.moderatorAction.findMany({ where: { id: { in: ids } } });
  return rows.map(({ id, guildId, at, kind, requestId, moderatorId, targetUserId, reason, detail }) => ({
    ...{ kind: 'ModeratorAction', rowId: id, guildId, at },
    body: { action: kind, request: requestId },
    personal: present({ moderator: moderatorId, target: targetUserId, reason, detail: detail as Json }),
  }));
};

const purges: Read = async (db, ids) => {
  const rows = await db.purge.findMany({ where: { id: { in: ids } } });
  return rows.map(({ id, actor, reason, startedAt, removed }) => ({
    ...{ kind: 'Purge', rowId: id, guildId: null, at: startedAt },
    body: { actor, reason, removed },
    personal: {},
  }));
};

/** "member:ID" and "moderator:ID" name somebody; "worker:ID", "bot" and "operator" do not. */
function whoOf(actor: string): { readonly actor: string | null; readonly somebody: string | null } {
  return /^(member|moderator):/.test(actor) ? { actor: null, somebody: actor } : { actor, somebody: null };
}

function present(fields: Readonly<Record<string, Json>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, value]) =>
      value === null ? [] : [[field, typeof value === 'string' ? value : canonicalJson(value)]],
    ),
  );
}
