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

/** @throws Refusal when there is no such request in their guild, or nothing in it that this could be done to. */
export async function doDeed(
  deed: Deed,
  requestId: string,
  { moderatorId, guildId }: Moderator,
  reason: string,
  context: Context,
): Promise<void> {
  const { db } = context;
  const by = { moderatorId, guildId, reason, now: new Date(context.now()) };
  const request = await findOfGuild(db, requestId, guildId);
  if (request === null) throw new Refusal('refusal.unknown-request');
  switch (deed) {
    case 'block':
    case 'unblock':
      await doToMember(deed, request.requesterId, { moderatorId, guildId }, reason, context);
      return;
    case 'block-picture':
      if (request.inputHash === null) throw new Refusal('refusal.no-picture-known');
      await blockPicture(db, { perceptualHash: request.inputHash, guildId }, { ...by, requestId });
      return;
    case 'unblock-picture': {
      const blockId = (await usageDetail(db, guildId, requestId))?.pictureBlock?.id;
      if (blockId === undefined) throw new Refusal('refusal.not-blocked');
      await liftPictureBlock(db, { blockId, guildId }, by);
      return;
    }
    case 'hold':
    case 'release':
    case 'delete':
    case 'uphold':
    case 'dismiss':
      refuseUndone(await onResults[deed](db, requestId, by));
      await stopWorkOn(request, moderatorId, context);
  }
}

/** Blocks a member in the moderator's guild, or lets them in again. */
export async function doToMember(
  deed: 'block' | 'unblock',
  userId: string,
  { moderatorId, guildId }: Moderator,
  reason: string,
  { db, logKey, now }: Pick<Context, 'db' | 'logKey' | 'now'>,
): Promise<void> {
  const by = { moderatorId, reason, now: new Date(now()) };
  const member = { userId, guildId, alias: pseudonymOf(logKey, userId) };
  if (deed === 'block') await blockUser(db, member, by);
  else if (!(await liftUserBlock(db, member, by))) throw new Refusal('refusal.not-blocked');
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

/** A worker that has it hears of it at once, and the card that shows it. */
async function stopWorkOn(
  { id, state }: Request,
  moderatorId: string,
  { queue, cards }: Pick<Context, 'queue' | 'cards'>,
): Promise<void> {
  if (state === 'running') await queue.cancel(id, `moderator:${moderatorId}`);
  cards.refresh(id);
}
