/** Does what a moderator decided, with a reason, to a request of their guild. Each deed writes its own row of the log. */
import type { CommandContext } from '../discord/command.ts';
import { Refusal } from '../policy/refusal.ts';
import { pseudonymOf } from '../store/log-chain.ts';
import { blockPicture, blockUser, liftPictureBlock, liftUserBlock } from '../store/blocks.ts';
import {
  deleteResult,
  dismissReports,
  findOfGuild,
  holdResult,
  type Moderated,
  releaseResult,
  upholdReports,
} from '../store/moderation.ts';
import { recordModeratorAction } from '../store/moderator-actions.ts';
import { faceOfAnother } from '../store/named-faces.ts';
import { activeStates } from '../store/request-states.ts';
import type { Request } from '../store/rows.ts';
import { usageDetail } from '../store/usage.ts';
import type { Deed } from './deeds.ts';
import type { Moderator } from './moderator-of.ts';

const onResults = {
  hold: holdResult,
  release: releaseResult,
  delete: deleteResult,
  uphold: upholdReports,
  dismiss: dismissReports,
} as const;

type Context = Pick<CommandContext, 'db' | 'logKey' | 'now' | 'queue' | 'cards'>;

/** What nobody decides about what is their own; who blocked themselves could not undo it. */
const forOthers: ReadonlySet<Deed> = new Set([
  'block',
  'release',
  'dismiss',
  'unblock',
  'unblock-picture',
  'allow-face',
]);

/**
 * Resolves to how many other requests were stopped by it.
 * @throws Refusal when there is no such request in their guild, nothing in it that this could be done to, or it is about themselves.
 */
export async function doDeed(
  deed: Deed,
  requestId: string,
  { moderatorId, guildId }: Moderator,
  reason: string,
  context: Context,
): Promise<number> {
  const { db } = context;
  const by = { moderatorId, guildId, reason, requestId, now: new Date(context.now()) };
  const request = await findOfGuild(db, requestId, guildId);
  if (request === null) throw new Refusal('refusal.unknown-request');
  refuseOwn(deed, request.requesterId, moderatorId);
  switch (deed) {
    case 'block':
    case 'unblock':
      return doToMember(deed, request.requesterId, { moderatorId, guildId, reason, requestId }, context);
    case 'block-picture':
      if (request.inputHash === null) throw new Refusal('refusal.no-picture-known');
      return stopAll(
        (await blockPicture(db, { perceptualHash: request.inputHash, guildId }, by)).stopped,
        moderatorId,
        context,
      );
    case 'unblock-picture': {
      const blockId = (await usageDetail(db, guildId, requestId))?.pictureBlock?.id;
      if (blockId === undefined) throw new Refusal('refusal.not-blocked');
      await liftPictureBlock(db, { blockId, guildId }, by);
      return 0;
    }
    case 'allow-face': {
      if (request.code !== faceOfAnother) throw new Refusal('refusal.nothing-to-do');
      const action = { kind: 'approve', ...by, targetUserId: request.requesterId } as const;
      await recordModeratorAction(db, action);
      return 0;
    }
    case 'hold':
    case 'release':
    case 'delete':
    case 'uphold':
    case 'dismiss':
      refuseUndone(await onResults[deed](db, requestId, by));
      await stopWorkOn(request, moderatorId, context);
      return 0;
  }
}

/** Blocks a member in the moderator's guild, or lets them in again. Resolves to how many of their requests were stopped by it. */
export async function doToMember(
  deed: 'block' | 'unblock',
  userId: string,
  decided: Moderator & { readonly reason: string; readonly requestId?: string },
  context: Context,
): Promise<number> {
  const { db, logKey, now } = context;
  const { moderatorId, guildId } = decided;
  refuseOwn(deed, userId, moderatorId);
  const by = { ...decided, now: new Date(now()) };
  const member = { userId, guildId, alias: pseudonymOf(logKey, userId) };
  if (deed === 'unblock') {
    if (!(await liftUserBlock(db, member, by))) throw new Refusal('refusal.not-blocked');
    return 0;
  }
  return stopAll((await blockUser(db, member, by)).stopped, moderatorId, context);
}

/** Requests that were stopped by a block: whoever works on one hears of it at once, and its card. Resolves to how many. */
async function stopAll(
  stopped: readonly string[],
  moderatorId: string,
  { queue, cards }: Pick<Context, 'queue' | 'cards'>,
): Promise<number> {
  for (const id of stopped) {
    await queue.cancel(id, `moderator:${moderatorId}`);
    cards.refresh(id);
  }
  return stopped.length;
}

function refuseOwn(deed: Deed, userId: string, moderatorId: string): void {
  if (userId === moderatorId && forOthers.has(deed)) throw new Refusal('refusal.about-yourself');
}

function refuseUndone(outcome: Moderated): void {
  switch (outcome) {
    case 'done':
      return;
    case 'unknown':
      throw new Refusal('refusal.unknown-request');
    case 'gone':
      throw new Refusal('refusal.result-gone');
    case 'still-removing':
      throw new Refusal('refusal.still-removing');
    case 'nothing':
      throw new Refusal('refusal.nothing-to-do');
  }
}

/** Whoever takes it in or works on it hears of it at once, and the card that shows it. */
async function stopWorkOn(
  { id, state }: Request,
  moderatorId: string,
  { queue, cards }: Pick<Context, 'queue' | 'cards'>,
): Promise<void> {
  if (activeStates.includes(state)) await queue.cancel(id, `moderator:${moderatorId}`);
  cards.refresh(id);
}
