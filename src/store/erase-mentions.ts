/** What a deletion does where a member is named without an agreement (src/store/mentions.ts). */
import { setImmediate } from 'node:timers/promises';

import { atRest, type Erasing } from './erasing.ts';
import { Prisma } from './generated/sqlite/client.ts';
import { actionsNaming, requestsNaming } from './mentions.ts';
import { purge } from './purge.ts';
import { activeStates } from './request-states.ts';

/**
 * Calls `erase` with requests whose parameters name the member. False while one of these is still under way: as long as that is
 * so, every call looks at what waits or runs alone, and at all rows when that is over.
 */
export async function eraseMentions(
  { db, userId, until, signal }: Erasing,
  erase: (ids: readonly string[]) => Promise<void>,
): Promise<boolean> {
  const before = { createdAt: { lte: until } };
  const active = { ...before, state: { in: [...activeStates] } };
  if (!(await requestsNaming(db, userId, { within: active, signal }).next()).done) return false;
  let isDone = true;
  for await (const named of requestsNaming(db, userId, { within: before, signal })) {
    const within = { id: { in: named.map(({ id }) => id) } };
    const resting = await db.request.findMany({ where: { AND: [atRest, within] }, select: { id: true } });
    if (resting.length < named.length) isDone = false;
    if (resting.length > 0) await erase(resting.map(({ id }) => id));
  }
  return isDone;
}

/** What an export was filtered by goes where it was this member; that it was made, when and by whom stays. */
export async function eraseFromExports({ db, userId, why, signal }: Erasing): Promise<void> {
  for await (const named of actionsNaming(db, userId, { signal })) {
    const ids = named.map(({ id }) => id);
    await purge(db, why, async (tx, chain) => {
      await chain.erase('ModeratorAction', ids, ['detail']);
      const where = { id: { in: ids } };
      return (await tx.moderatorAction.updateMany({ where, data: { detail: Prisma.DbNull } })).count;
    });
    await setImmediate();
  }
}
