/** What a deletion does to agreements: they end first, and lose their names when nothing of them must be reached any more. */
import { setImmediate } from 'node:timers/promises';

import { changeConsent } from './consent-changes.ts';
import { inTransaction, type Transaction } from './database.ts';
import { erasedAtOnce, erasedCode as code, type Erasing } from './erasing.ts';
import type { Prisma } from './generated/sqlite/client.ts';
import { purge, type Unchained } from './purge.ts';
import { stopAndRemoveIn } from './removals.ts';
import { revokeConsents } from './revocations.ts';
import type { Consent } from './rows.ts';

/** What they agreed to is taken back; questions to them or by them end with the requests that wait for an answer. */
export async function endConsents({ db, userId, until, now }: Erasing): Promise<void> {
  const select = { id: true };
  const before = { askedAt: { lte: until } };
  const given = await db.consent.findMany({ where: { ...before, subjectId: userId, state: 'given' }, select });
  const ids = given.map(({ id }) => id);
  await revokeConsents(db, ids, { subjectId: userId, code, now });
  const actor = `member:${userId}`;
  const asked = { ...before, state: 'asked' as const, OR: [{ subjectId: userId }, { requesterId: userId }] };
  for (const { id } of await db.consent.findMany({ where: asked, select })) {
    await inTransaction(db, async (tx) => {
      const waiting = await tx.request.findMany({ where: { consentId: id, state: 'asking' }, select });
      for (const request of waiting) await stopAndRemoveIn(tx, request.id, { actor, code, now });
      await changeConsent(tx, id, 'expired', { actor, now, from: ['asked'] });
    });
  }
}

/** False while a message that asked is still to be taken away: only the row says where it is. */
export async function eraseConsents(erasing: Erasing): Promise<boolean> {
  const { db, userId, until, why, signal } = erasing;
  // What they decided as a moderator stays for its time, like all that moderators did.
  const theirs: Prisma.ConsentWhereInput = {
    askedAt: { lte: until },
    OR: [{ subjectId: userId }, { requesterId: userId }],
  };
  while (signal?.aborted !== true) {
    const rows = await db.consent.findMany({ where: { ...theirs, messageId: null }, take: erasedAtOnce });
    if (rows.length === 0) break;
    await purge(db, why, async (tx, chain) => {
      for (const row of rows) await eraseConsent(tx, chain, row, erasing);
      return rows.length;
    });
    await setImmediate();
  }
  return (await db.consent.count({ where: theirs })) === 0;
}

async function eraseConsent(
  tx: Transaction,
  chain: Unchained,
  { id, subjectId, requesterId, decidedBy }: Consent,
  { userId, pseudonym }: Erasing,
): Promise<void> {
  const events = await tx.consentEvent.findMany({ where: { consentId: id } });
  const actor = `member:${userId}`;
  const idsOf = (rows: typeof events): number[] => rows.map((event) => event.id);
  await chain.erase('ConsentEvent', idsOf(events.filter((event) => event.actor === actor)), ['actor']);
  const isSubject = subjectId === userId;
  const isRequester = requesterId === userId;
  await chain.erase('ConsentEvent', idsOf(events), [
    ...(isSubject ? ['subject'] : []),
    ...(isRequester ? ['requester', 'declared'] : []),
  ]);
  await tx.consentEvent.updateMany({ where: { consentId: id, actor }, data: { actor: `member:${pseudonym}` } });
  await tx.consent.update({
    where: { id },
    data: {
      ...(isSubject && { subjectId: pseudonym }),
      ...(isRequester && { requesterId: pseudonym, declared: null }),
      ...(decidedBy === userId && { decidedBy: pseudonym }),
    },
  });
}
