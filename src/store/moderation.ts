/**
 * What moderators do with a result: hold it back, let it go, delete it, decide the reports about it. Each in one transaction
 * with the row that says who did it and why. Results of another guild are not there for them.
 */
import { type Database, inTransaction, type Transaction } from './database.ts';
import { deliverAnew } from './held-deliveries.ts';
import { recordModeratorAction, stoppedDetail } from './moderator-actions.ts';
import { askRemoval, isPosted, removeResult, stopAndRemoveIn, tellRequester } from './removals.ts';
import { IllegalTransition, shownStates } from './request-states.ts';
import { askCancelIn, type Cancelled } from './requests.ts';
import type { ModeratorActionKind, Request } from './rows.ts';
import { changeStateIn } from './state-change.ts';

export interface ModeratedBy {
  readonly moderatorId: string;
  readonly guildId: string;
  readonly reason: string;
  readonly now: Date;
}

/**
 * `done`; or why not: there is no such request in the guild, nothing in it that this could be done to, its file's time is over,
 * or its message is still being taken away.
 */
export type Moderated = 'done' | 'unknown' | 'nothing' | 'gone' | 'still-removing';

/** What a result that is held back goes by, for its requester. */
const heldCode = 'queue.held';
const deletedCode = 'queue.deleted-by-moderator';

/** Holds a result back: not sent any more, and its message is taken away until it is released; its requester is told. */
export function holdResult(db: Database, requestId: string, by: ModeratedBy): Promise<Moderated> {
  return moderate(db, requestId, by, 'hold', async (tx) => {
    return (await holdIn(tx, requestId, { actor: `moderator:${by.moderatorId}`, now: by.now })) ? 'done' : 'nothing';
  });
}

/** The same in a transaction, by anybody, and for what was made from it. False when there was nothing that is shown. */
export async function holdIn(
  tx: Transaction,
  requestId: string,
  { actor, now }: { readonly actor: string; readonly now: Date },
): Promise<boolean> {
  try {
    await changeStateIn(tx, requestId, 'held', { actor, code: heldCode, now, from: shownStates });
  } catch (error) {
    if (error instanceof IllegalTransition) return false;
    throw error;
  }
  if (await isPosted(tx, requestId)) await askRemoval(tx, requestId, { reason: heldCode, now });
  else await tellRequester(tx, requestId, now);
  // What is still being made from it comes to nothing when it is to be shown (`findConsentFault`).
  const copies = await tx.request.findMany({ where: { madeFromId: requestId }, select: { id: true } });
  for (const { id } of copies) await holdIn(tx, id, { actor, now });
  return true;
}

/** Lets a held result go: it is delivered anew, since its message is gone. */
export function releaseResult(db: Database, requestId: string, by: ModeratedBy): Promise<Moderated> {
  return moderate(db, requestId, by, 'release', (tx) =>
    releaseIn(tx, requestId, { actor: `moderator:${by.moderatorId}`, now: by.now }),
  );
}

interface Release {
  readonly actor: string;
  readonly now: Date;
}

/** Lets a result go, and what was made from it and held with it, as far as there is a file of that; all at once or none. */
async function releaseIn(tx: Transaction, requestId: string, release: Release): Promise<Moderated> {
  const ids = [requestId, ...(await heldWith(tx, requestId))];
  const could: Moderated[] = [];
  for (const id of ids) could.push(await couldBeReleased(tx, id, ids, release.now));
  const [own] = could;
  if (own !== 'done') return own!;
  if (could.includes('still-removing')) return 'still-removing';
  for (const [index, id] of ids.entries()) if (could[index] === 'done') await letGo(tx, id, release);
  return 'done';
}

/** What was made from a result and is held since that is, by the same deed. */
async function heldWith(tx: Transaction, requestId: string): Promise<string[]> {
  const heldAt = async (id: string): Promise<number | undefined> =>
    (await tx.requestEvent.findFirst({ where: { requestId: id, to: 'held' }, orderBy: { id: 'desc' } }))?.at.getTime();
  const at = await heldAt(requestId);
  const held = await tx.request.findMany({ where: { madeFromId: requestId, state: 'held' }, select: { id: true } });
  const ids: string[] = [];
  for (const { id } of held) if ((await heldAt(id)) === at) ids.push(id);
  return ids;
}

/** @param beside what is let go with it: what is made from a result is not shown while that is held. */
async function couldBeReleased(
  tx: Transaction,
  requestId: string,
  beside: readonly string[],
  now: Date,
): Promise<Moderated> {
  const request = await tx.request.findUniqueOrThrow({
    where: { id: requestId },
    include: { media: { where: { role: 'result' } }, removal: true, delivery: true, madeFrom: true },
  });
  if (request.state !== 'held') return 'nothing';
  const { madeFrom } = request;
  if (madeFrom?.state === 'held' && !beside.includes(madeFrom.id)) return 'nothing';
  const isOver = request.resultExpiresAt !== null && request.resultExpiresAt <= now;
  if (request.media.length === 0 || isOver) return 'gone';
  // What is taken away is found by the delivery that would be begun again.
  const { removal, delivery } = request;
  if (removal?.state === 'waiting' || (delivery?.state === 'sending' && delivery.kind === 'result')) {
    return 'still-removing';
  }
  return 'done';
}

async function letGo(tx: Transaction, requestId: string, { actor, now }: Release): Promise<void> {
  await changeStateIn(tx, requestId, 'delivering', { actor, now, from: ['held'], set: {} });
  await tx.request.update({ where: { id: requestId }, data: { code: null } });
  await deliverAnew(tx, requestId, now);
}

/**
 * Stops a request that has no result yet, by whoever may delete its message; no reason is asked for. Its requester is told that
 * a moderator did. `too-late`: it has ended, and nothing is written down.
 */
export function stopRequest(
  db: Database,
  requestId: string,
  { moderatorId, guildId, now }: Omit<ModeratedBy, 'reason'>,
): Promise<Cancelled | 'unknown'> {
  return inTransaction(db, async (tx) => {
    const request = await findOfGuild(tx, requestId, guildId);
    if (request === null) return 'unknown';
    const change = { actor: `moderator:${moderatorId}`, code: deletedCode, now };
    const outcome = await askCancelIn(tx, requestId, change);
    if (outcome === 'too-late') return outcome;
    const { requesterId: targetUserId } = request;
    const row = {
      kind: 'deleteResult',
      guildId,
      moderatorId,
      requestId,
      targetUserId,
      detail: stoppedDetail,
      now,
    } as const;
    await recordModeratorAction(tx, row);
    return outcome;
  });
}

/** Deletes a result with its message, or stops a request that has none yet. Open reports about it are upheld by that. */
export function deleteResult(db: Database, requestId: string, by: ModeratedBy): Promise<Moderated> {
  return moderate(db, requestId, by, 'deleteResult', async (tx) => {
    const change = { actor: `moderator:${by.moderatorId}`, code: deletedCode, now: by.now };
    const stopped = await stopAndRemoveIn(tx, requestId, change);
    if (stopped === 'nothing') return 'nothing';
    await decideReports(tx, requestId, 'upheld', by);
    return stopped === 'removed' ? 'done' : 'stopped';
  });
}

/** The reports were right: the result is deleted, if there still is one. */
export function upholdReports(db: Database, requestId: string, by: ModeratedBy): Promise<Moderated> {
  return moderate(db, requestId, by, 'upholdReport', async (tx) => {
    if ((await decideReports(tx, requestId, 'upheld', by)) === 0) return 'nothing';
    await removeResult(tx, requestId, { actor: `moderator:${by.moderatorId}`, code: deletedCode, now: by.now });
    return 'done';
  });
}

/** The reports were not: a result that one of them held back goes out again. */
export function dismissReports(db: Database, requestId: string, by: ModeratedBy): Promise<Moderated> {
  return moderate(db, requestId, by, 'dismissReport', async (tx) => {
    if ((await tx.report.count({ where: { requestId, state: 'open' } })) === 0) return 'nothing';
    const last = await tx.requestEvent.findFirst({ where: { requestId, to: 'held' }, orderBy: { id: 'desc' } });
    if (last?.actor === 'bot') {
      const released = await releaseIn(tx, requestId, { actor: `moderator:${by.moderatorId}`, now: by.now });
      if (released === 'still-removing') return released;
    }
    await decideReports(tx, requestId, 'dismissed', by);
    return 'done';
  });
}

/** Decides the open reports about a request. Resolves to how many. */
export async function decideReports(
  tx: Transaction,
  requestId: string,
  state: 'upheld' | 'dismissed',
  { moderatorId, now }: Pick<ModeratedBy, 'moderatorId' | 'now'>,
): Promise<number> {
  const { count } = await tx.report.updateMany({
    where: { requestId, state: 'open' },
    data: { state, decidedAt: now, decidedBy: moderatorId },
  });
  return count;
}

/** One deed: only on a request of the guild, and written down when it was done. */
function moderate(
  db: Database,
  requestId: string,
  by: ModeratedBy,
  kind: ModeratorActionKind,
  deed: (tx: Transaction) => Promise<Moderated | 'stopped'>,
): Promise<Moderated> {
  const { moderatorId, guildId, reason, now } = by;
  return inTransaction(db, async (tx) => {
    const request = await findOfGuild(tx, requestId, guildId);
    if (request === null) return 'unknown';
    const outcome = await deed(tx);
    if (outcome !== 'done' && outcome !== 'stopped') return outcome;
    const { requesterId: targetUserId } = request;
    const detail = outcome === 'stopped' ? { detail: stoppedDetail } : {};
    await recordModeratorAction(tx, { kind, guildId, moderatorId, requestId, targetUserId, reason, ...detail, now });
    return 'done';
  });
}

/** A request of a guild; null for one of another guild or of direct messages, as if it did not exist. */
export function findOfGuild(db: Database | Transaction, id: string, guildId: string): Promise<Request | null> {
  return db.request.findFirst({ where: { id, guildId } });
}
