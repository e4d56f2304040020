/**
 * A member's wish that what is known about them be deleted. First their work is stopped, what they agreed to ends, and results
 * that are theirs or show them are taken away; then their name, their words and their files' names leave the rows. What stays
 * is a stub under a pseudonym, so that the usage log's chain still verifies. A wish stands in the database until it is
 * fulfilled: any process goes on with it.
 */
import { setImmediate } from 'node:timers/promises';

import { changeConsent } from './consent-changes.ts';
import { type Database, inTransaction, type Transaction } from './database.ts';
import { Prisma } from './generated/sqlite/client.ts';
import { writeInstallationValue } from './installation-values.ts';
import { pseudonymOf } from './log-chain.ts';
import { purge, type PurgeReason, type Unchained } from './purge.ts';
import { stopAndRemove } from './removals.ts';
import { activeStates, finalStates } from './request-states.ts';
import { revokeConsents } from './revocations.ts';

const wishPrefix = 'erase:';
/** Why a request came to nothing, or its result is gone: of src/queue/reasons.ts. */
const code = 'queue.erased';
const atOnce = 20;

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

/** Goes on with every wish there is. Resolves to the members whose wish is fulfilled. */
export async function continueErasures(db: Database, options: ErasureOptions): Promise<string[]> {
  const wishes = await db.installationValue.findMany({ where: { key: { startsWith: wishPrefix } } });
  const done: string[] = [];
  for (const { key: name, value } of wishes) {
    if (options.signal?.aborted === true) break;
    const userId = name.slice(wishPrefix.length);
    if (!(await eraseMember(db, userId, new Date(value), options))) continue;
    // Asked once more meanwhile: then there is more to do.
    await db.installationValue.deleteMany({ where: { key: name, value } });
    done.push(userId);
  }
  return done;
}

interface Erasing {
  readonly db: Database;
  readonly userId: string;
  readonly pseudonym: string;
  readonly until: Date;
  readonly now: Date;
  readonly why: PurgeReason;
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
  const erasing: Erasing = { db, userId, pseudonym, until, now, why };
  await endConsents(erasing);
  await stopRequests(erasing, signal);
  await eraseRequests(erasing, signal);
  if ((await db.request.count({ where: theirs(erasing) })) > 0) return false;
  await eraseConsents(erasing, signal);
  await eraseActions(erasing);
  await eraseRest(erasing);
  return true;
}

/** Requests that they made, or that show them. */
const theirs = ({ userId, until }: Erasing): Prisma.RequestWhereInput => ({
  createdAt: { lte: until },
  OR: [{ requesterId: userId }, { consent: { subjectId: userId }, parameters: { not: {} } }],
});

async function endConsents({ db, userId, now }: Erasing): Promise<void> {
  const given = await db.consent.findMany({ where: { subjectId: userId, state: 'given' }, select: { id: true } });
  await revokeConsents(
    db,
    given.map(({ id }) => id),
    { subjectId: userId, code, now },
  );
  const asked = { state: 'asked' as const, OR: [{ subjectId: userId }, { requesterId: userId }] };
  for (const { id } of await db.consent.findMany({ where: asked, select: { id: true } })) {
    const change = { actor: `member:${userId}`, now, from: ['asked' as const] };
    await inTransaction(db, (tx) => changeConsent(tx, id, 'expired', change));
  }
}

async function stopRequests(erasing: Erasing, signal: AbortSignal | undefined): Promise<void> {
  const { db, userId, now } = erasing;
  const where: Prisma.RequestWhereInput = { AND: theirs(erasing), state: { notIn: [...finalStates] } };
  for (let after = ''; signal?.aborted !== true;) {
    const rows = await db.request.findMany({
      where: { ...where, id: { gt: after } },
      orderBy: { id: 'asc' },
      take: atOnce,
      select: { id: true },
    });
    for (const { id } of rows) {
      await stopAndRemove(db, id, { actor: `member:${userId}`, code, now });
      await setImmediate();
    }
    if (rows.length < atOnce) return;
    after = rows.at(-1)!.id;
  }
}

/** Those at rest: nothing of them is needed any more to reach somebody or to take something away. */
async function eraseRequests(erasing: Erasing, signal: AbortSignal | undefined): Promise<void> {
  const { db, why } = erasing;
  const atRest: Prisma.RequestWhereInput = {
    AND: theirs(erasing),
    state: { notIn: [...activeStates, 'delivering'] },
    NOT: [{ removal: { state: 'waiting' } }, { delivery: { state: { in: ['waiting', 'sending', 'refitting'] } } }],
  };
  while (signal?.aborted !== true) {
    const rows = await db.request.findMany({ where: atRest, take: atOnce, select: { id: true } });
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    await purge(db, why, (tx, chain) => eraseRequestsIn(tx, chain, ids, erasing));
    await setImmediate();
  }
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
    data: { parameters: {}, findings: Prisma.DbNull, inputHash: null, codeParameters: Prisma.DbNull },
  });
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
  const named = { requesterId: pseudonym, channelId: pseudonym, inputName: null, locale: 'en' };
  await tx.request.updateMany({ where: own, data: named });
  return ids.length;
}

async function eraseConsents({ db, userId, pseudonym, why }: Erasing, signal: AbortSignal | undefined): Promise<void> {
  const where = { OR: [{ subjectId: userId }, { requesterId: userId }, { decidedBy: userId }] };
  while (signal?.aborted !== true) {
    const rows = await db.consent.findMany({ where, take: atOnce });
    if (rows.length === 0) return;
    await purge(db, why, async (tx, chain) => {
      for (const { id, subjectId, requesterId, decidedBy } of rows) {
        const events = await tx.consentEvent.findMany({ where: { consentId: id } });
        const actor = `member:${userId}`;
        const byThem = events.filter((event) => event.actor === actor);
        await chain.erase(
          'ConsentEvent',
          byThem.map((event) => event.id),
          ['actor'],
        );
        const isSubject = subjectId === userId;
        const isRequester = requesterId === userId;
        await chain.erase(
          'ConsentEvent',
          events.map((event) => event.id),
          [...(isSubject ? ['subject'] : []), ...(isRequester ? ['requester', 'declared'] : [])],
        );
        await tx.consentEvent.updateMany({
          where: { consentId: id, actor },
          data: { actor: `member:${pseudonym}` },
        });
        await tx.consent.update({
          where: { id },
          data: {
            ...{ channelId: null, messageId: null },
            ...(isSubject && { subjectId: pseudonym }),
            ...(isRequester && { requesterId: pseudonym, declared: null }),
            ...(decidedBy === userId && { decidedBy: pseudonym }),
          },
        });
      }
      return rows.length;
    });
    await setImmediate();
  }
}

/** What moderators did about them. What they did as a moderator stays for its time: others must be able to see it. */
async function eraseActions({ db, userId, pseudonym, why }: Erasing): Promise<void> {
  for (;;) {
    const rows = await db.moderatorAction.findMany({ where: { targetUserId: userId }, take: atOnce });
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    await purge(db, why, async (tx, chain) => {
      await chain.erase('ModeratorAction', ids, ['target', 'reason', 'detail']);
      const data = { targetUserId: pseudonym, reason: null, detail: Prisma.DbNull };
      return (await tx.moderatorAction.updateMany({ where: { id: { in: ids } }, data })).count;
    });
    await setImmediate();
  }
}

/** A block stays, under the pseudonym: nobody is free by deleting. What was used of a quota counts until its window is over. */
async function eraseRest({ db, userId, pseudonym }: Erasing): Promise<void> {
  await db.report.updateMany({ where: { reporterId: userId }, data: { reporterId: pseudonym, reason: '' } });
  await db.block.updateMany({ where: { userId }, data: { userId: pseudonym } });
  await db.guildSettings.updateMany({ where: { updatedBy: userId }, data: { updatedBy: null } });
  await db.user.deleteMany({ where: { id: userId } });
}
