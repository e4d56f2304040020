/** Requests, from the asking to the end: written once, moved by conditional changes, ended in one transaction with what follows. */
import { randomMarkId } from '../engine/provenance/mark-id.ts';
import { inTransaction, type Database, type Transaction } from './database.ts';
import { createDelivery } from './deliveries.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import type { MadeFileMac } from './made-file-mac.ts';
import { recordMadeFile } from './made-files.ts';
import { addReference, dropReferences, type KeptFile } from './media-references.ts';
import { releaseQuota, settleQuota } from './quotas.ts';
import { IllegalTransition } from './request-states.ts';
import type { Command, JsonObject, MediaRole, Request, RequestState } from './rows.ts';
import { changeStateIn, readRequest, type StateChange } from './state-change.ts';

export { readRequest, RequestMissing, RequestStopped, RequestTaken, type StateChange } from './state-change.ts';

export interface NewRequest {
  /** From `newRequestId`. */
  readonly id: string;
  readonly command: Command;
  /** Absent in direct messages. */
  readonly guildId?: string | undefined;
  readonly channelId: string;
  readonly requesterId: string;
  readonly locale: string;
  readonly interactionId: string;
  readonly parameters: JsonObject;
  readonly inputName?: string | undefined;
  readonly priority?: number;
  readonly now: Date;
  readonly reply: {
    readonly applicationId: string;
    /** Secret; emptied by the sweep after `tokenExpiresAt`. */
    readonly token: string;
    readonly tokenExpiresAt: Date;
    readonly isPrivate: boolean;
    readonly isSpoiler: boolean;
    /** Bytes. */
    readonly uploadLimit: number;
    readonly messageId?: string | undefined;
  };
  /** Where the files are fetched from. */
  readonly sources?: readonly NewSource[];
}

export interface NewSource {
  readonly role: MediaRole;
  /** Secret. Forgotten when the file is kept (`addReference`), or with the token. */
  readonly url: string;
}

/**
 * Writes a request with its reply, in state `received`. The same interaction again gives the row that is there, unchanged.
 */
export async function createRequest(
  db: Database,
  fields: NewRequest,
): Promise<{ readonly request: Request; readonly created: boolean }> {
  const { reply, now, sources = [], ...rest } = fields;
  const existing = (): Promise<Request | null> =>
    db.request.findUnique({ where: { interactionId: fields.interactionId } });
  const before = await existing();
  if (before !== null) return { request: before, created: false };
  try {
    const request = await db.request.create({
      data: {
        ...(rest as Prisma.RequestUncheckedCreateInput),
        markId: randomMarkId(),
        state: 'received',
        createdAt: now,
        reply: { create: { ...reply, messageId: reply.messageId ?? null } },
        sources: { create: sources.map(({ role, url }) => ({ role, url })) },
        events: { create: { to: 'received', at: now, actor: `member:${fields.requesterId}` } },
      },
    });
    return { request, created: true };
  } catch (error) {
    const winner = await existing();
    if (winner === null) throw error;
    return { request: winner, created: false };
  }
}

/** Moves a request to another state: `changeStateIn` in a transaction of its own. */
export function changeState(db: Database, id: string, to: RequestState, change: StateChange): Promise<Request> {
  return inTransaction(db, (tx) => changeStateIn(tx, id, to, change));
}

/**
 * Asks that a request be given up. `cancelled`: it had not begun, and has ended; `asked`: a worker has it and will stop;
 * `too-late`: it has ended already. Throws RequestMissing.
 */
export function askCancel(db: Database, id: string, actor: string, now: Date): Promise<Cancelled> {
  return inTransaction(db, (tx) => askCancelIn(tx, id, { actor, code: 'job.cancelled', now }));
}

export type Cancelled = 'cancelled' | 'asked' | 'too-late';

/** The same in a transaction. With another code than `job.cancelled` a worker that has made the result cannot hand it in. */
export async function askCancelIn(
  tx: Transaction,
  id: string,
  { actor, code, now }: { readonly actor: string; readonly code: string; readonly now: Date },
): Promise<Cancelled> {
  for (;;) {
    const { state, cancelAskedAt, code: known } = await readRequest(tx, id);
    if (state === 'received' || state === 'asking' || state === 'waiting') {
      try {
        await endUnsuccessfully(tx, id, { kind: 'cancelled', actor, code, from: [state] }, now);
        return 'cancelled';
      } catch (error) {
        if (error instanceof IllegalTransition) continue; // a worker took it between the two
        throw error;
      }
    }
    if (state !== 'running') return 'too-late';
    const isOwn = code === 'job.cancelled';
    if (cancelAskedAt !== null && (isOwn || known !== null)) return 'asked';
    const data = { cancelAskedAt: cancelAskedAt ?? now, ...(!isOwn && { code }) };
    const { count } = await tx.request.updateMany({ where: { id, state }, data });
    if (count > 0) return 'asked';
  }
}

/** A request that came to a result, which is in the media store already. */
export interface Finished {
  readonly kind: 'finished';
  readonly actor: string;
  /** The worker that made it: when another one has the request now, RequestTaken is thrown and nothing changes. */
  readonly heldBy?: string;
  readonly computeSeconds: number;
  /** Sizes, rates, what was given up to fit, warnings, provider. */
  readonly outcome: JsonObject;
  readonly file: KeptFile;
  /** Of some pictures of the file, by which it is known again. */
  readonly perceptualHashes?: readonly string[];
  /** Signs what is written down of the file. */
  readonly madeFileMac: MadeFileMac;
  readonly expiresAt: Date;
  /** Keep the input until then, for a comparison; without it all that the result was made from goes at once. */
  readonly keepInputUntil?: Date;
}

/** A request that came to none, and why. */
export interface Failed {
  readonly kind: 'failed' | 'cancelled' | 'refused';
  readonly actor: string;
  readonly heldBy?: string;
  readonly code: string;
  readonly codeParameters?: JsonObject;
  /** What it had cost already: a cancelled request is charged for it, a failed one is not. */
  readonly computeSeconds?: number;
  readonly from?: readonly RequestState[];
}

/**
 * Ends a request in one transaction: its state (`delivering`, or the failed kind's), what it came to, the quota, the
 * references to its files, and the delivery that tells the requester. Throws IllegalTransition, RequestMissing, RequestTaken.
 */
export function finishRequest(db: Database, id: string, result: Finished | Failed, now: Date): Promise<Request> {
  return inTransaction(db, async (tx) =>
    result.kind === 'finished' ? endWithResult(tx, id, result, now) : endUnsuccessfully(tx, id, result, now),
  );
}

async function endWithResult(tx: Transaction, id: string, result: Finished, now: Date): Promise<Request> {
  const { file, expiresAt, keepInputUntil } = result;
  const request = await changeStateIn(tx, id, 'delivering', {
    actor: result.actor,
    now,
    from: ['running'],
    ...(result.heldBy === undefined ? {} : { heldBy: result.heldBy }),
    // One that was stopped with a reason has none by now, however far it came.
    unlessStopped: true,
    set: {
      outcome: result.outcome,
      computeSeconds: result.computeSeconds,
      resultSha256: file.sha256,
      resultExpiresAt: expiresAt,
    },
  });
  await settleQuota(tx, id, result.computeSeconds);
  await addReference(tx, { requestId: id, role: 'result', ...file, expiresAt });
  await recordMadeFile(tx, result.madeFileMac, {
    requestId: id,
    sha256: file.sha256,
    perceptualHashes: result.perceptualHashes ?? [],
    now,
  });
  if (keepInputUntil === undefined) await dropReferences(tx, id, ['input', 'driver', 'speech', 'preview']);
  else
    await tx.mediaReference.updateMany({
      where: { requestId: id, role: 'input' },
      data: { expiresAt: keepInputUntil },
    });
  await createDelivery(tx, id, 'result', now);
  return request;
}

/** Ends a request that comes to nothing, in a transaction of the caller's. */
export async function endUnsuccessfully(tx: Transaction, id: string, end: Failed, now: Date): Promise<Request> {
  const { kind, actor, code, codeParameters, computeSeconds } = end;
  const request = await changeStateIn(tx, id, kind, {
    actor,
    now,
    code,
    ...(codeParameters === undefined ? {} : { codeParameters }),
    ...(end.from === undefined ? {} : { from: end.from }),
    ...(end.heldBy === undefined ? {} : { heldBy: end.heldBy }),
    set: computeSeconds === undefined ? {} : { computeSeconds },
  });
  if (kind === 'cancelled' && computeSeconds !== undefined) await settleQuota(tx, id, computeSeconds);
  else await releaseQuota(tx, id);
  await dropReferences(tx, id);
  await createDelivery(tx, id, 'notice', now);
  return request;
}

/** Forgets the secrets of interactions that have expired, tokens and files' addresses, of no use any more. Resolves to how many. */
export async function forgetExpiredTokens(db: Database, now: Date): Promise<number> {
  // Read first: there are few, while a deletion by their request's reply would look at every reply.
  const stale = { request: { reply: { tokenExpiresAt: { lte: now } } } };
  const sources = await db.mediaSource.findMany({ where: stale, select: { requestId: true }, take: 1000 });
  const { count: addresses } = await db.mediaSource.deleteMany({
    where: { requestId: { in: sources.map(({ requestId }) => requestId) } },
  });
  // As a range, so that the index of those that have one is used.
  const { count: tokens } = await db.reply.updateMany({
    where: { token: { gt: '' }, tokenExpiresAt: { lte: now } },
    data: { token: null },
  });
  const { count: postings } = await db.posting.updateMany({
    where: { token: { not: null }, tokenExpiresAt: { lte: now } },
    data: { token: null },
  });
  return tokens + addresses + postings;
}
