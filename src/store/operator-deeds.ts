/**
 * What the operator decides on the machine, for the whole installation: who and what is blocked everywhere, and which request
 * ends, wherever it was asked, in direct messages too. Each deed writes its own row of the log, which belongs to no guild.
 */
import { liftPictureBlock, liftUserBlock } from './blocks.ts';
import { type Database, inTransaction } from './database.ts';
import { decideReports } from './moderation.ts';
import { operatorId, recordModeratorAction, stoppedDetail } from './moderator-actions.ts';
import { type Stopped, stopAndRemoveIn } from './removals.ts';
import type { Block } from './rows.ts';

/** Blocks that hold everywhere, the oldest first. Those of guilds are their moderators'. */
export function blocksEverywhere(db: Database): Promise<Block[]> {
  return db.block.findMany({
    where: { guildId: null, liftedAt: null },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
}

export interface Lifted {
  readonly reason: string | undefined;
  readonly now: Date;
}

/** Lifts a block that holds everywhere, by its id. Resolves to what it was; undefined when there is none. */
export async function liftBlockEverywhere(db: Database, id: string, lifted: Lifted): Promise<Block | undefined> {
  const block = await db.block.findFirst({ where: { id, guildId: null, liftedAt: null } });
  if (block === null) return undefined;
  const by = { ...lifted, moderatorId: operatorId };
  const { kind, userId } = block;
  const isLifted =
    kind === 'user' && userId !== null
      ? await liftUserBlock(db, { userId }, by)
      : await liftPictureBlock(db, { blockId: id }, by);
  return isLifted ? block : undefined;
}

/** Of src/queue/reasons.ts. */
const deletedCode = 'queue.deleted-by-operator';

/**
 * Stops a request that waits or runs; deletes a result, whose messages the bot takes away. Reports about it that nobody decided are
 * upheld by that. `unknown`: there is no such request; `nothing`: it came to nothing before, or is removed.
 */
export function removeAnywhere(
  db: Database,
  requestId: string,
  { reason, now }: { readonly reason: string; readonly now: Date },
): Promise<Stopped | 'unknown'> {
  return inTransaction(db, async (tx) => {
    const request = await tx.request.findUnique({ where: { id: requestId }, select: { requesterId: true } });
    if (request === null) return 'unknown';
    const outcome = await stopAndRemoveIn(tx, requestId, { actor: operatorId, code: deletedCode, now });
    if (outcome === 'nothing') return outcome;
    await decideReports(tx, requestId, 'upheld', { moderatorId: operatorId, now });
    await recordModeratorAction(tx, {
      kind: 'deleteResult',
      moderatorId: operatorId,
      requestId,
      targetUserId: request.requesterId,
      reason,
      ...(outcome !== 'removed' && { detail: stoppedDetail }),
      now,
    });
    return outcome;
  });
}
