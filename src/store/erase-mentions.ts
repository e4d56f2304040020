/**
 * Where a member is named without an agreement: in requests that came to nothing before they were asked, and in the filters of
 * moderators' exports. No index has these: all rows are looked at, a few at a time, once for each wish.
 */
import { setImmediate } from 'node:timers/promises';

import { atRest, type Erasing } from './erasing.ts';
import { Prisma } from './generated/sqlite/client.ts';
import { purge } from './purge.ts';

const lookedAtOnce = 200;

/** Calls `erase` with requests whose parameters name the member. False while one of these is still under way. */
export async function eraseMentions(
  { db, userId, until, signal }: Erasing,
  erase: (ids: readonly string[]) => Promise<void>,
): Promise<boolean> {
  let isDone = true;
  for (let after = ''; signal?.aborted !== true;) {
    const rows = await db.request.findMany({
      where: { id: { gt: after } },
      orderBy: { id: 'asc' },
      take: lookedAtOnce,
      select: { id: true, createdAt: true, consentId: true, parameters: true },
    });
    const named = rows.filter(
      ({ createdAt, consentId, parameters }) =>
        createdAt <= until && consentId === null && JSON.stringify(parameters).includes(`"${userId}"`),
    );
    if (named.length > 0) {
      const within = { id: { in: named.map(({ id }) => id) } };
      const resting = await db.request.findMany({ where: { AND: [atRest, within] }, select: { id: true } });
      if (resting.length < named.length) isDone = false;
      if (resting.length > 0) await erase(resting.map(({ id }) => id));
    }
    if (rows.length < lookedAtOnce) break;
    after = rows.at(-1)!.id;
    await setImmediate();
  }
  return isDone;
}

/** What an export was filtered by goes where it was this member; that it was made, when and by whom stays. */
export async function eraseFromExports({ db, userId, why, signal }: Erasing): Promise<void> {
  for (let after = 0; signal?.aborted !== true;) {
    const rows = await db.moderatorAction.findMany({
      where: { id: { gt: after } },
      orderBy: { id: 'asc' },
      take: lookedAtOnce,
      select: { id: true, detail: true },
    });
    const ids = rows.filter(({ detail }) => JSON.stringify(detail).includes(`"${userId}"`)).map(({ id }) => id);
    if (ids.length > 0) {
      await purge(db, why, async (tx, chain) => {
        await chain.erase('ModeratorAction', ids, ['detail']);
        return (await tx.moderatorAction.updateMany({ where: { id: { in: ids } }, data: { detail: Prisma.DbNull } }))
          .count;
      });
    }
    if (rows.length < lookedAtOnce) return;
    after = rows.at(-1)!.id;
    await setImmediate();
  }
}
