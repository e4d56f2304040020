/**
 * Takes posted results away again: an outbox the other way round. What is to go stands in rows, so it goes on after a restart;
 * a result that is being sent meanwhile is waited for until its sender has broken it off, and one that was sent without an
 * answer is looked for where it may be until it cannot appear any more.
 * Files that nobody refers to any more go from the media store within seconds, in place of the sweep's ten minutes.
 */
import type { REST } from 'discord.js';
import type { Logger } from 'pino';

import { repeating, type Repeating } from '../repeating.ts';
import type { Database } from '../store/database.ts';
import type { MediaStore } from '../store/media-store.ts';
import { defaultLeaseMs, uncertain } from '../store/deliveries.ts';
import {
  claimRemoval,
  type ClaimedRemoval,
  type EndedDelivery,
  endRemoval,
  foundMessage,
  postponeRemoval,
  settleDelivery,
} from '../store/removal-steps.ts';
import { removeUnreferenced } from '../store/sweep.ts';
import { backOff, isTokenAlive, judge, mostAttempts } from './delivery-places.ts';
import { findResult } from './delivery-send.ts';
import { type Again, takeAnswerAway, takeMessageAway, type Taken } from './take-away.ts';

export interface RemovalOptions {
  readonly db: Database;
  readonly media: MediaStore;
  /** `deliveryRest` of client.ts. */
  readonly rest: REST;
  readonly now: () => number;
  readonly log: Logger;
  /** How often what is to go is looked at, in milliseconds; 1 s when left out. */
  readonly pollMs?: number;
  /** A delivery whose claim was not renewed for so long is dead, in milliseconds; `defaultLeaseMs` when left out, as with startDelivery. */
  readonly leaseMs?: number;
}

const looksEvery = 1000;
/** One that Discord does not answer must not hold up the others. */
const atOnce = 3;

/** A file that was put again a moment ago is about to be referred to. */
const fileGraceMs = 10_000;

/**
 * Discord makes a message of an upload that it has whole even if nobody waits for the answer any more, and needs from a part
 * of a second to some seconds for it. What has not appeared so long after the connection was broken off never does.
 */
const appearsWithinMs = 30_000;
/** How often such a message is looked for. */
const looksForItEveryMs = 2000;
/** And after so long again when Discord could not be asked. */
const asksAgainAfterMs = 5000;

/** A message that only its member sees, by a token that is over: out of everybody's reach. */
export const outOfReach = 'private-message';

/** Closing breaks off what is under way; it is left to the next start. */
export function startRemovals(options: RemovalOptions): Repeating {
  const { db, media, now, log } = options;
  const removing = new Set<Promise<void>>();
  const breaking = new AbortController();
  const look = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && removing.size < atOnce) {
      const claimed = await claimRemoval(db, new Date(now()));
      if (claimed === undefined) break;
      const removed = remove(claimed, options, breaking.signal)
        .catch((error: unknown) => {
          log.error({ err: error, requestId: claimed.requestId }, 'a removal was left to a later try');
        })
        .finally(() => {
          removing.delete(removed);
          looks.wake();
        });
      removing.add(removed);
    }
    if (signal.aborted) return;
    const before = new Date(now() - fileGraceMs);
    await removeUnreferenced(db, media, before, before);
  };
  const looks = repeating(look, options.pollMs ?? looksEvery, (error) => {
    log.error({ err: error }, 'removals could not be looked at');
  });
  return {
    wake: looks.wake,
    close: async () => {
      breaking.abort();
      await looks.close();
      await Promise.all(removing);
    },
  };
}

/** One try. Every step is written down before the next one begins. */
async function remove(claimed: ClaimedRemoval, options: RemovalOptions, signal: AbortSignal): Promise<void> {
  const { db, now, log, leaseMs = defaultLeaseMs } = options;
  const { requestId } = claimed;
  const at = (): Date => new Date(now());
  const delivery = await settleDelivery(db, requestId, { now: at(), leaseMs });
  if (delivery === 'being-sent') {
    await postponeRemoval(db, claimed, { nextAttemptAt: new Date(now() + 200) });
    return;
  }
  let reached = delivery;
  if (delivery?.kind === 'result' && delivery.messageId === null) {
    const found = await lookFor(claimed, delivery, options, signal);
    if (found !== undefined && 'again' in found) {
      // For as long as it takes, and no try of a deletion: what may stand somewhere is not given up for a Discord that is down.
      const waitMs = Math.max(asksAgainAfterMs, found.waitMs);
      const later = { nextAttemptAt: new Date(now() + waitMs), problem: found.again, isTry: false };
      await postponeRemoval(db, claimed, signal.aborted ? { nextAttemptAt: at() } : later);
      return;
    }
    if (found !== undefined) reached = await foundMessage(db, requestId, { ...found, now: at() });
  }
  const problems: string[] = [];
  const again: Again[] = [];
  for (const message of messagesOf(claimed, reached)) {
    const taken = await takeAway(message, options, signal);
    if (taken === 'gone') {
      await message.forget(db);
      continue;
    }
    if ('again' in taken && claimed.attempts + 1 < mostAttempts) {
      again.push(taken);
      continue;
    }
    problems.push('again' in taken ? taken.again : taken.refused);
  }
  if (signal.aborted) {
    await postponeRemoval(db, claimed, { nextAttemptAt: at() });
    return;
  }
  // After all of them were tried: one that must wait keeps no other there.
  const [first] = again;
  if (first !== undefined) {
    const waitMs = Math.max(backOff(claimed.attempts), ...again.map((one) => one.waitMs));
    await postponeRemoval(db, claimed, { nextAttemptAt: new Date(now() + waitMs), problem: first.again });
    return;
  }
  if (mayAppearUntil(reached) > now()) {
    await postponeRemoval(db, claimed, { nextAttemptAt: new Date(now() + looksForItEveryMs) });
    return;
  }
  const problem = problems[0];
  log.info(
    { requestId, ...(problem !== undefined && { problem }) },
    problem === undefined ? 'removed' : 'not all removed',
  );
  await endRemoval(db, claimed, { now: at(), problem });
}

/** Where a result is that was sent without an answer. Rejects with what is no fault of Discord's or of the way there. */
async function lookFor(
  { request }: ClaimedRemoval,
  delivery: EndedDelivery,
  { rest, now }: RemovalOptions,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof findResult>> | Again> {
  try {
    return await findResult(rest, request, delivery, { now: now(), signal });
  } catch (error) {
    const verdict = judge(error);
    if (verdict.act !== 'again') throw error;
    return { again: verdict.problem, waitMs: verdict.waitMs ?? 0 };
  }
}

/** The moment until which a result that was sent without an answer, and is not found, may still appear. */
function mayAppearUntil(delivery: EndedDelivery | undefined): number {
  if (delivery?.kind !== 'result' || delivery.messageId !== null) return 0;
  const unanswered = delivery.tries.filter(({ outcome }) => outcome.startsWith(uncertain));
  return Math.max(0, ...unanswered.map(({ at }) => at.getTime() + appearsWithinMs));
}

interface Shown {
  readonly channelId: string;
  readonly messageId: string;
  /** Seen by one member alone. */
  readonly isPrivate: boolean;
  /** The interaction that it answers, while its token lives. */
  readonly answers?: { readonly applicationId: string; readonly token: string } | undefined;
  readonly forget: (db: Database) => Promise<unknown>;
}

/** Every message in which the result is, or was, to be seen. */
function messagesOf(
  { request: { reply, postings }, requestId, now }: ClaimedRemoval,
  delivery: EndedDelivery | undefined,
): Shown[] {
  const shown: Shown[] = postings.map(({ channelId, messageId, isPrivate, applicationId, token, tokenExpiresAt }) => ({
    ...{ channelId, messageId, isPrivate },
    answers: token !== null && tokenExpiresAt > now ? { applicationId, token } : undefined,
    forget: (db) => db.posting.deleteMany({ where: { channelId, messageId } }),
  }));
  if (delivery?.kind !== 'result' || delivery.messageId === null) return shown;
  const { place, channelId, messageId } = delivery;
  const isAnswer = place === 'interaction';
  const token = isAnswer && isTokenAlive(reply, now.getTime()) ? reply.token : null;
  shown.push({
    channelId: channelId ?? '',
    messageId,
    isPrivate: isAnswer && reply.isPrivate,
    answers: token === null ? undefined : { applicationId: reply.applicationId, token },
    forget: (db) =>
      db.delivery.updateMany({ where: { requestId, messageId }, data: { messageId: null, channelId: null } }),
  });
  return shown;
}

/** By the bot's own rights; by the interaction's token where those do not reach. */
async function takeAway(
  { channelId, messageId, isPrivate, answers }: Shown,
  { rest }: RemovalOptions,
  signal: AbortSignal,
): Promise<Taken> {
  if (!isPrivate) {
    const taken = await takeMessageAway(rest, { channelId, messageId }, signal);
    if (taken === 'gone' || 'again' in taken || answers === undefined) return taken;
  }
  return answers === undefined ? { refused: outOfReach } : takeAnswerAway(rest, answers, messageId, signal);
}
