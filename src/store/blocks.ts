/**
 * Who may not use the bot, in a guild or anywhere, and which pictures are refused. Lifting a block leaves its row, which says who
 * lifted it, until retention takes it.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';

import { likenessDistance } from '../engine/provenance/likeness.ts';
import { inTransaction, type Database, type Transaction } from './database.ts';
import { actorOf, recordModeratorAction } from './moderator-actions.ts';
import { stopAndRemoveIn } from './removals.ts';
import { activeStates } from './request-states.ts';
import type { Block, Request } from './rows.ts';

export interface BlockedBy {
  /** `operatorId` for a block everywhere. */
  readonly moderatorId: string;
  readonly reason: string;
  /** The request in whose row they decided it. */
  readonly requestId?: string | undefined;
  readonly now: Date;
}

/** Whoever lifts a block need not say why. */
export type LiftedBy = Omit<BlockedBy, 'reason'> & { readonly reason?: string | undefined };

export interface BlockedMember {
  readonly userId: string;
  /** Absent: everywhere. */
  readonly guildId?: string | undefined;
  /** What a block is kept under when the member had what is known about them deleted (src/store/log-chain.ts `pseudonymOf`). */
  readonly alias?: string | undefined;
}

/** Under either name. */
const named = ({ userId, alias }: BlockedMember): { readonly in: string[] } => ({
  in: alias === undefined ? [userId] : [userId, alias],
});

/** The block that keeps a member from using the bot here, if any: one of this guild, or one for everywhere. */
export async function findUserBlock(db: Database, member: BlockedMember): Promise<Block | undefined> {
  const { guildId } = member;
  const block = await db.block.findFirst({
    where: {
      kind: 'user',
      userId: named(member),
      liftedAt: null,
      OR: [{ guildId: null }, ...(guildId === undefined ? [] : [{ guildId }])],
    },
    orderBy: { createdAt: 'asc' },
  });
  return block ?? undefined;
}

/** What the requests of a blocked member that wait or run are stopped by, for their member. */
const blockedHere = 'queue.requester-blocked';
const blockedEverywhere = 'queue.requester-blocked-everywhere';

export interface MemberBlocked {
  readonly block: Block;
  /** Ids of their requests that are stopped by it; workers that run one have to hear of it. */
  readonly stopped: readonly string[];
}

/**
 * Blocks a member in a guild, or everywhere without one, stops what they have waiting or running there, and writes the action
 * down. One who is blocked stays so, and the action and its reason are written down all the same.
 */
export function blockUser(db: Database, member: BlockedMember, by: BlockedBy): Promise<MemberBlocked> {
  const { userId, guildId } = member;
  const { moderatorId, reason, requestId, now } = by;
  return inTransaction(
    db,
    async (tx) => {
      const where = { kind: 'user' as const, userId, guildId: guildId ?? null, liftedAt: null };
      const existing = await tx.block.findFirst({ where: { ...where, userId: named(member) } });
      const action = { kind: 'blockUser', guildId, moderatorId, targetUserId: userId, requestId, reason, now } as const;
      await recordModeratorAction(tx, action);
      const data = { id: randomUUID(), ...where, reason, createdBy: moderatorId, createdAt: now };
      const block = existing ?? (await tx.block.create({ data }));
      return { block, stopped: await stopRequestsOf(tx, member, by) };
    },
    [`block:user:${userId}`],
  );
}

async function stopRequestsOf(
  tx: Transaction,
  { userId, guildId }: BlockedMember,
  { moderatorId, now }: BlockedBy,
): Promise<string[]> {
  const open = await tx.request.findMany({
    where: { requesterId: userId, state: { in: [...activeStates] }, ...(guildId !== undefined && { guildId }) },
    select: { id: true },
  });
  const code = guildId === undefined ? blockedEverywhere : blockedHere;
  const change = { actor: actorOf(moderatorId), code, now };
  for (const { id } of open) await stopAndRemoveIn(tx, id, change);
  return open.map(({ id }) => id);
}

/** Lifts a member's block in a guild, or the one for everywhere without one. Resolves to whether there was one. */
export function liftUserBlock(db: Database, member: BlockedMember, by: LiftedBy): Promise<boolean> {
  const { userId, guildId } = member;
  const { moderatorId, reason, requestId, now } = by;
  return inTransaction(db, async (tx) => {
    const { count } = await tx.block.updateMany({
      where: { kind: 'user', userId: named(member), guildId: guildId ?? null, liftedAt: null },
      data: { liftedAt: now, liftedBy: moderatorId },
    });
    if (count === 0) return false;
    const action = { kind: 'unblockUser', guildId, moderatorId, targetUserId: userId, requestId, reason, now } as const;
    await recordModeratorAction(tx, action);
    return true;
  });
}

/**
 * A picture by what it is recognised by, in a guild, or everywhere without one: its likeness (engine/provenance/likeness.ts, as
 * `Request.inputHash` keeps it) or a single perceptual hash.
 */
export interface BlockedPicture {
  readonly perceptualHash: string;
  readonly guildId?: string | undefined;
}

/**
 * Most bits of 64 in which a picture still counts as a blocked one. Of 54 photographs, paintings and drawings, each with 23
 * variants: encoded again, at 160 pixels, brighter by a quarter, grey, mirrored, cropped by 5 % all round: 100 % within 9; cropped
 * by 3 or 10 %, with a border: 96 to 98 %; turned by 2 degrees 91 %, a caption bar of 8 % 85 %. The nearest two of the 1431
 * pairs that show different things differ in 13.
 */
export const nearPictureDistance = 9;

/** So many are compared before others have their turn: some 8 ms. */
const comparedAtOnce = 200;

/** The nearest block that refuses a picture here, mirrored or not: one of this guild, or one for everywhere. */
export async function findPictureBlock(
  db: Database,
  { perceptualHash, guildId }: BlockedPicture,
): Promise<Block | undefined> {
  if (perceptualHash === '') return undefined;
  const blocks = await db.block.findMany({
    where: {
      kind: 'picture',
      perceptualHash: { not: null },
      liftedAt: null,
      OR: [{ guildId: null }, ...(guildId === undefined ? [] : [{ guildId }])],
    },
    orderBy: { createdAt: 'asc' },
  });
  let nearest: { readonly block: Block; readonly distance: number } | undefined;
  for (const [index, block] of blocks.entries()) {
    if (index % comparedAtOnce === comparedAtOnce - 1) await breathe();
    const distance = likenessDistance(perceptualHash, block.perceptualHash!);
    if (distance <= nearPictureDistance && distance < (nearest?.distance ?? Infinity)) nearest = { block, distance };
  }
  return nearest?.block;
}

/** What requests of a blocked picture end by: codes of src/queue/reasons.ts. */
const pictureBlockedHere = 'queue.picture-blocked';
const pictureBlockedEverywhere = 'queue.picture-blocked-everywhere';

/** By which reason a request may not go on, or be shown, whose picture was blocked since it was let in; undefined: it may. */
export async function findPictureFault(
  db: Database,
  { inputHash, guildId }: Pick<Request, 'inputHash' | 'guildId'>,
): Promise<typeof pictureBlockedHere | typeof pictureBlockedEverywhere | undefined> {
  if (inputHash === null) return undefined;
  const block = await findPictureBlock(db, { perceptualHash: inputHash, guildId: guildId ?? undefined });
  if (block === undefined) return undefined;
  return block.guildId === null ? pictureBlockedEverywhere : pictureBlockedHere;
}

export interface PictureBlocked {
  readonly block: Block;
  /** Ids of the requests that are stopped by it; workers that run one have to hear of it. */
  readonly stopped: readonly string[];
}

/**
 * Blocks a picture and all near ones, stops what is made from them there and not posted yet, and writes the action down. One
 * that is blocked stays so; the action is written all the same.
 */
export function blockPicture(db: Database, picture: BlockedPicture, by: BlockedBy): Promise<PictureBlocked> {
  const { perceptualHash, guildId } = picture;
  return inTransaction(
    db,
    async (tx) => {
      const where = { kind: 'picture' as const, perceptualHash, guildId: guildId ?? null, liftedAt: null };
      const { moderatorId, reason, now, requestId } = by;
      const existing = await tx.block.findFirst({ where });
      const data = { id: randomUUID(), ...where, reason, createdBy: moderatorId, createdAt: now };
      const block = existing ?? (await tx.block.create({ data }));
      await recordModeratorAction(tx, {
        kind: 'blockPicture',
        guildId,
        moderatorId,
        requestId,
        targetUserId: await requesterOf(tx, requestId),
        reason,
        detail: { block: block.id },
        now,
      });
      return { block, stopped: await stopRequestsFrom(tx, picture, by) };
    },
    [`block:picture:${perceptualHash.slice(0, 16)}`],
  );
}

async function stopRequestsFrom(
  tx: Transaction,
  { perceptualHash, guildId }: BlockedPicture,
  { moderatorId, now }: BlockedBy,
): Promise<string[]> {
  const open = await tx.request.findMany({
    where: {
      state: { in: [...activeStates, 'delivering'] },
      inputHash: { not: null },
      ...(guildId !== undefined && { guildId }),
    },
    select: { id: true, inputHash: true },
  });
  const code = guildId === undefined ? pictureBlockedEverywhere : pictureBlockedHere;
  const stopped: string[] = [];
  for (const [index, { id, inputHash }] of open.entries()) {
    if (index % comparedAtOnce === comparedAtOnce - 1) await breathe();
    if (likenessDistance(perceptualHash, inputHash!) > nearPictureDistance) continue;
    await stopAndRemoveIn(tx, id, { actor: actorOf(moderatorId), code, now });
    stopped.push(id);
  }
  return stopped;
}

/**
 * Lifts the block of a picture (by the id of the block) in a guild, or one for everywhere without a guild. Resolves to whether
 * there was one.
 */
export function liftPictureBlock(
  db: Database,
  { blockId, guildId }: { readonly blockId: string; readonly guildId?: string | undefined },
  by: LiftedBy,
): Promise<boolean> {
  const { moderatorId, reason, requestId, now } = by;
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
      requestId,
      targetUserId: await requesterOf(tx, requestId),
      reason,
      detail: { block: blockId },
      now,
    });
    return true;
  });
}

/** Whose picture it was, where it was decided in a request's row. */
async function requesterOf(tx: Transaction, requestId: string | undefined): Promise<string | undefined> {
  if (requestId === undefined) return undefined;
  const request = await tx.request.findUnique({ where: { id: requestId }, select: { requesterId: true } });
  return request?.requesterId;
}
