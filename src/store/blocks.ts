/** Who may not use the bot, in a guild or anywhere, and which pictures are refused. A block is lifted, never deleted. */
import { randomUUID } from 'node:crypto';

import { inTransaction, type Database } from './database.ts';
import { recordModeratorAction } from './moderator-actions.ts';
import type { Block } from './rows.ts';

export interface BlockedBy {
  readonly moderatorId: string;
  readonly reason: string;
  readonly now: Date;
}

/** The block that keeps a member from using the bot here, if any: one of this guild, or one for everywhere. */
export async function findUserBlock(
  db: Database,
  member: { readonly userId: string; readonly guildId?: string | undefined },
): Promise<Block | undefined> {
  const { userId, guildId } = member;
  const block = await db.block.findFirst({
    where: {
      kind: 'user',
      userId,
      liftedAt: null,
      OR: [{ guildId: null }, ...(guildId === undefined ? [] : [{ guildId }])],
    },
    orderBy: { createdAt: 'asc' },
  });
  return block ?? undefined;
}

/** Blocks a member in a guild, or everywhere without one, and writes the action down. One who is blocked stays so. */
export function blockUser(
  db: Database,
  member: { readonly userId: string; readonly guildId?: string | undefined },
  by: BlockedBy,
): Promise<Block> {
  const { userId, guildId } = member;
  return inTransaction(
    db,
    async (tx) => {
      const where = { kind: 'user' as const, userId, guildId: guildId ?? null, liftedAt: null };
      const existing = await tx.block.findFirst({ where });
      if (existing !== null) return existing;
      const { moderatorId, reason, now } = by;
      await recordModeratorAction(tx, { kind: 'blockUser', guildId, moderatorId, targetUserId: userId, reason, now });
      return tx.block.create({
        data: { id: randomUUID(), ...where, reason, createdBy: moderatorId, createdAt: now },
      });
    },
    [`block:user:${userId}`],
  );
}

/** Lifts a member's block in a guild, or the one for everywhere without one. Resolves to whether there was one. */
export function liftUserBlock(
  db: Database,
  member: { readonly userId: string; readonly guildId?: string | undefined },
  by: BlockedBy,
): Promise<boolean> {
  const { userId, guildId } = member;
  const { moderatorId, reason, now } = by;
  return inTransaction(db, async (tx) => {
    const { count } = await tx.block.updateMany({
      where: { kind: 'user', userId, guildId: guildId ?? null, liftedAt: null },
      data: { liftedAt: now, liftedBy: moderatorId },
    });
    if (count === 0) return false;
    await recordModeratorAction(tx, { kind: 'unblockUser', guildId, moderatorId, targetUserId: userId, reason, now });
    return true;
  });
}
