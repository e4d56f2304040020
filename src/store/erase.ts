/**
 * A member's wish that what is known about them be deleted. First their work is stopped, what they agreed to ends, and results
 * that are theirs or show them are taken away; then their name, their words and their files' names leave the rows. What stays
 * is a stub under a pseudonym, so that the usage log's chain still verifies. A wish stands in the database until it is
 * fulfilled: any process goes on with it.
 */
import { setImmediate } from 'node:timers/promises';

import { type Database, inTransaction, type Transaction } from './database.ts';
import { endConsents, eraseConsents } from './erase-consents.ts';
import { eraseFromExports, eraseMentions } from './erase-mentions.ts';
import { atRest, erasedAtOnce, erasedCode, type Erasing } from './erasing.ts';
import { Prisma } from './generated/sqlite/client.ts';
import { writeInstallationValue } from './installation-values.ts';
import { pseudonymOf } from './log-chain.ts';
import { purge, type Unchained } from './purge.ts';
import { stopAndRemove } from './removals.ts';
import { finalStates } from './request-states.ts';

const wishPrefix = 'erase:';

/** Writes the wish down. What they ask for after `now` is not part of it. */
export async function askErasure(db: Database, userId: string, now: Date): Promise<void> {
  await writeInstallationValue(db, `${wishPrefix}${userId}`, now.toISOString());
}

export interface ErasureOptions {
  /** The installation's `log` key. */
  readonly key: Uint8Array;
  readonly now: Date;
  readonly signal?: AbortSignal;
}

/**
 * Goes on with every wish there is. Resolves to the members whose wish is fulfilled; rejects, when all were tried, where one
 * could not be gone on with.
 */
export async function continueErasures(db: Database, options: ErasureOptions): Promise<string[]> {
  const wishes = await db.installationValue.findMany({ where: { key: { startsWith: wishPrefix } } });
  const done: string[] = [];
  const faults: unknown[] = [];
  for (const { key: name, value } of wishes) {
    if (options.signal?.aborted === true) break;
    const userId = name.slice(wishPrefix.length);
    try {
      if (!(await eraseMember(db, userId, new Date(value), options))) continue;
      // Asked once more meanwhile: then there is more to do.
      await db.installationValue.deleteMany({ where: { key: name, value } });
      done.push(userId);
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length === 0) return done;
  throw new Error(`${faults.length} of ${wishes.length} wishes to be forgotten failed`, { cause: faults[0] });
}

/** False while something is still under way: a worker that stops, a message that is being taken away. */
async function eraseMember(
  db: Database,
  userId: string,
  until: Date,
  { key, now, signal }: ErasureOptions,
): Promise<boolean> {
  const pseudonym = pseudonymOf(key, userId);
  const why = { actor: `member:${pseudonym}`, reason: 'privacy request', now, key };
  const erasing: Erasing = { db, userId, pseudonym, until, now, why, signal };
  await endConsents(erasing);
  await stopRequests(erasing);
  for await (const ids of theirRequests(erasing, atRest)) await eraseRequests(erasing, ids);
  if (!(await theirRequests(erasing).next()).done) return false;
  if (!(await eraseConsents(erasing))) return false;
  if (!(await eraseMentions(erasing, (ids) => eraseRequests(erasing, ids)))) return false;
  await eraseActions(erasing);
  await eraseFromExports(erasing);
  if (signal?.aborted === true) return false;
  await eraseRest(erasing);
  return true;
}

/**
 * Requests that they made, and those that show them and still say so, in portions. Two searches, each by its index, and what
 * one portion's work takes out of them changes nothing for the next.
 */
async function* theirRequests(
  { db, userId, until, signal }: Erasing,
  within: Prisma.RequestWhereInput = {},
): AsyncGenerator<readonly string[]> {
  const own = { requesterId: userId, createdAt: { lte: until } };
  yield* inPortions((id) => idsIn(db.request, { AND: [own, within], id }), signal);
  const named = [{ parameters: { not: {} } }, { events: { some: { actor: `member:${userId}` } } }];
  const agreed = (id: Prisma.StringFilter) => idsIn(db.consent, { subjectId: userId, askedAt: { lte: until }, id });
  for await (const consents of inPortions(agreed, signal)) {
    const showing = { consentId: { in: [...consents] }, OR: named };
    yield* inPortions((id) => idsIn(db.request, { AND: [showing, within], id }), signal);
  }
}

interface Reads<Where> {
  readonly findMany: (query: {
    where: Where;
    orderBy: { id: 'asc' };
    take: number;
    select: { id: true };
  }) => PromiseLike<readonly { readonly id: string }[]>;
}

async function idsIn<Where>(table: Reads<Where>, where: Where): Promise<string[]> {
  const rows = await table.findMany({ where, orderBy: { id: 'asc' }, take: erasedAtOnce, select: { id: true } });
  return rows.map(({ id }) => id);
}

async function* inPortions(
  read: (id: { readonly gt: string }) => Promise<readonly string[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly string[]> {
  for (let after = ''; signal?.aborted !== true;) {
    const ids = await read({ gt: after });
    if (ids.length > 0) yield ids;
    if (ids.length < erasedAtOnce) return;
    after = ids.at(-1)!;
    await setImmediate();
  }
}

async function stopRequests(erasing: Erasing): Promise<void> {
  const { db, userId, now } = erasing;
  for await (const ids of theirRequests(erasing, { state: { notIn: [...finalStates] } })) {
    for (const id of ids) {
      await stopAndRemove(db, id, { actor: `member:${userId}`, code: erasedCode, now });
      await setImmediate();
    }
  }
}

async function eraseRequests(erasing: Erasing, ids: readonly string[]): Promise<void> {
  await purge(erasing.db, erasing.why, (tx, chain) => eraseRequestsIn(tx, chain, ids, erasing));
  await setImmediate();
}

async function eraseRequestsIn(
  tx: Transaction,
  chain: Unchained,
  ids: readonly string[],
  { userId, pseudonym }: Erasing,
): Promise<number> {
  const within = { requestId: { in: [...ids] } };
  const actor = `member:${userId}`;
  const events = await tx.requestEvent.findMany({ where: within });
  const idsOf = (rows: typeof events): number[] => rows.map(({ id }) => id);
  const byThem = events.filter((event) => event.actor === actor);
  await chain.erase('RequestEvent', idsOf(byThem), ['actor']);
  await tx.requestEvent.updateMany({ where: { ...within, actor }, data: { actor: `member:${pseudonym}` } });
  await chain.erase('RequestEvent', idsOf(events), ['parameters']);
  await tx.request.updateMany({
    where: { id: { in: [...ids] } },
    data: {
      ...{ parameters: {}, findings: Prisma.DbNull, inputMarks: Prisma.DbNull, inputName: null },
      ...{ inputHash: null, codeParameters: Prisma.DbNull },
    },
  });
  // What others wrote about the result: it was about them, or about what shows them.
  await tx.report.updateMany({ where: within, data: { reason: '' } });
  const own = { requesterId: userId, id: { in: [...ids] } };
  const ownIds = (await tx.request.findMany({ where: own, select: { id: true } })).map(({ id }) => id);
  await chain.erase('RequestEvent', idsOf(events.filter(({ requestId }) => ownIds.includes(requestId))), [
    'requester',
    'channel',
  ]);
  await tx.reply.updateMany({ where: { requestId: { in: ownIds } }, data: { token: null, messageId: null } });
  await tx.delivery.updateMany({
    where: { requestId: { in: ownIds } },
    data: { channelId: null, messageId: null },
  });
  await tx.mediaSource.deleteMany({ where: { requestId: { in: ownIds } } });
  await tx.posting.deleteMany({ where: { requestId: { in: ownIds } } });
  // The interaction's number stays: it says when, and the same interaction must not be taken for a new one.
  const named = { requesterId: pseudonym, channelId: pseudonym, locale: 'en' };
  await tx.request.updateMany({ where: own, data: named });
  return ids.length;
}

/**
 * What moderators did about them, and why; a picture of theirs stays blocked without a reason. What they did as a moderator stays
 * for its time: others must be able to see it.
 */
async function eraseActions({ db, userId, pseudonym, why }: Erasing): Promise<void> {
  for (;;) {
    const rows = await db.moderatorAction.findMany({ where: { targetUserId: userId }, take: erasedAtOnce });
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    const blocked = rows.flatMap(({ detail }) => (detail as { readonly block?: string } | null)?.block ?? []);
    await purge(db, why, async (tx, chain) => {
      await tx.block.updateMany({ where: { id: { in: blocked } }, data: { reason: '' } });
      await chain.erase('ModeratorAction', ids, ['target', 'reason', 'detail']);
      const data = { targetUserId: pseudonym, reason: null, detail: Prisma.DbNull };
      return (await tx.moderatorAction.updateMany({ where: { id: { in: ids } }, data })).count;
    });
    await setImmediate();
  }
}

/**
 * A block stays, under the pseudonym and without its reason: nobody is free by deleting. One that they set stays too; that they
 * did is in the log for its time. What was used of a quota counts until its window is over.
 */
async function eraseRest({ db, userId, pseudonym, until }: Erasing): Promise<void> {
  await eraseReports({ db, userId, pseudonym, until });
  await db.block.updateMany({ where: { userId }, data: { userId: pseudonym, reason: '' } });
  await db.block.updateMany({ where: { createdBy: userId }, data: { createdBy: pseudonym } });
  await db.block.updateMany({ where: { liftedBy: userId }, data: { liftedBy: pseudonym } });
  await db.guildSettings.updateMany({ where: { updatedBy: userId }, data: { updatedBy: null } });
  await db.user.deleteMany({ where: { id: userId } });
}

async function eraseReports({ db, userId, pseudonym, until }: Pick<Erasing, 'db' | 'userId' | 'pseudonym' | 'until'>) {
  const theirs = { reporterId: userId, createdAt: { lte: until } };
  for (const { id, requestId } of await db.report.findMany({ where: theirs, select: { id: true, requestId: true } })) {
    await inTransaction(db, async (tx) => {
      const name = { requestId, reporterId: pseudonym };
      // They reported the same result before an earlier deletion.
      const earlier = await tx.report.findUnique({ where: { requestId_reporterId: name } });
      if (earlier === null) await tx.report.updateMany({ where: { id }, data: { reporterId: pseudonym, reason: '' } });
      else await tx.report.deleteMany({ where: { id } });
    });
  }
}
