/** Who may not use the bot, in a guild or anywhere, and which pictures are refused. A block is lifted, never deleted. */
import { randomUUID } from 'node:crypto';

import { hammingDistance, mirroredHash } from '../engine/provenance/perceptual-hash.ts';
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

/** A picture by its perceptual hash (engine/provenance/perceptual-hash.ts), in a guild, or everywhere without one. */
export interface BlockedPicture {
  readonly perceptualHash: string;
  readonly guildId?: string | undefined;
}

/**
 * Most bits of 64 in which a picture still counts as a blocked one.
 */
export const nearPictureDistance = 10;

/** Of a picture of one colour, which would be near to all others of that kind. */
const saysNothing = '0'.repeat(16);

/** The nearest block that refuses a picture here, mirrored or not: one of this guild, or one for everywhere. */
export async function findPictureBlock(
  db: Database,
  { perceptualHash, guildId }: BlockedPicture,
): Promise<Block | undefined> {
  if (perceptualHash === saysNothing) return undefined;
  const blocks = await db.block.findMany({
    where: {
      kind: 'picture',
      perceptualHash: { not: null },
      liftedAt: null,
      OR: [{ guildId: null }, ...(guildId === undefined ? [] : [{ guildId }])],
    },
    orderBy: { createdAt: 'asc' },
  });
  const hashes = [perceptualHash, mirroredHash(perceptualHash)];
  let nearest: { readonly block: Block; readonly distance: number } | undefined;
  for (const block of blocks) {
    const distance = Math.min(...hashes.map((hash) => hammingDistance(hash, block.perceptualHash!)));
    if (distance <= nearPictureDistance && distance < (nearest?.distance ?? Infinity)) nearest = { block, distance };
  }
  return nearest?.block;
}

/** Blocks a picture and all near ones, and writes the action down. One that is blocked stays so. */
export function blockPicture(
  db: Database,
  { perceptualHash, guildId }: BlockedPicture,
  by: BlockedBy & { readonly requestId?: string | undefined },
): Promise<Block> {
  return inTransaction(
    db,
    async (tx) => {
      const where = { kind: 'picture' as const, perceptualHash, guildId: guildId ?? null, liftedAt: null };
      const existing = await tx.block.findFirst({ where });
      if (existing !== null) return existing;
      const { moderatorId, reason, now, requestId } = by;
      const block = await tx.block.create({
        data: { id: randomUUID(), ...where, reason, createdBy: moderatorId, createdAt: now },
      });
      await recordModeratorAction(tx, {
        kind: 'blockPicture',
        guildId,
        moderatorId,
        ...(requestId !== undefined && { requestId }),
        reason,
        detail: { block: block.id },
        now,
      });
      return block;
    },
    [`block:picture:${perceptualHash}`],
  );
}

/**
 * Lifts the block of a picture (by the id of the block) in a guild, or one for everywhere without a guild. Resolves to whether
 * there was one.
 */
export function liftPictureBlock(
  db: Database,
  { blockId, guildId }: { readonly blockId: string; readonly guildId?: string | undefined },
  by: BlockedBy,
): Promise<boolean> {
  const { moderatorId, reason, now } = by;
  return inTransaction(db, async (tx) => {
    const { count } = await tx.block.updateMany({
      where: { id: blockId, kind: 'picture', guildId: guildId ?? null, liftedAt: null },
      data: { liftedAt: now, liftedBy: moderatorId },
    });
    if (count === 0) return false;
    await recordModeratorAction(tx, {
      kind: 'unblockPicture',
      guildId,
      moderatorId,
      reason,
      detail: { block: blockId },
      now,
    });
    return true;
  });
}
