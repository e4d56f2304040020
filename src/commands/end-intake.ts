/** Ends a request that was not accepted: the reason is kept, the place in the quota and its files are given back. */
import type { CardUpdates } from '../discord/card-updates.ts';
import type { BotServices } from '../discord/command.ts';
import { DownloadError } from '../discord/download-error.ts';
import { isGone } from '../discord/fault-answer.ts';
import { LumiereError } from '../engine/errors.ts';
import { Refusal, type RefusalParameters } from '../policy/refusal.ts';
import { QueueProblem } from '../queue/reasons.ts';
import { inTransaction, type Transaction } from '../store/database.ts';
import { dropReferences } from '../store/media-references.ts';
import { releaseQuota } from '../store/quotas.ts';
import { MediaMissing } from '../store/media-store.ts';
import { finalStates, IllegalTransition } from '../store/request-states.ts';
import { finishRequest } from '../store/requests.ts';

import type { Json, JsonObject } from '../store/rows.ts';
import { changeStateIn, readRequest } from '../store/state-change.ts';

interface Reason {
  readonly state: 'refused' | 'failed';
  readonly code: string;
  readonly params: JsonObject;
}

/**
 * Writes down why, and leaves the request's message to whoever answers. Gives true when somebody else has the request by
 * now, a member who stopped it or another process that took it in: then there is nothing more to tell.
 */
export async function endIntake(
  requestId: string,
  error: unknown,
  { db, cards, now }: Pick<BotServices, 'db' | 'cards' | 'now'>,
): Promise<boolean> {
  const { state, code, params } = reasonOf(error);
  const isOurs = await inTransaction(db, async (tx) => {
    const request = await readRequest(tx, requestId);
    const wasOurs = request.state === 'received' || request.state === 'asking';
    if (wasOurs) {
      await changeStateIn(tx, requestId, state, { actor: 'bot', now: new Date(now()), code, codeParameters: params });
    } else if (!finalStates.includes(request.state)) {
      return false;
    }
    await giveBack(tx, requestId);
    return wasOurs;
  });
  if (isOurs) await cards.release(requestId);
  return !isOurs;
}

/**
 * Ends a request that somebody else than its requester let go on: they are told by the outbox, wherever they are. Nothing
 * happens to one that goes on already; one that has ended gives back what it took since.
 */
export async function endTold(
  requestId: string,
  error: unknown,
  { db, cards, now, log }: Pick<BotServices, 'db' | 'now' | 'log'> & { readonly cards: Pick<CardUpdates, 'release'> },
): Promise<void> {
  const { state, code, params } =
    error instanceof MediaMissing
      ? { state: 'failed' as const, code: 'queue.input-gone', params: {} }
      : reasonOf(error);
  if (code === 'queue.fault') log.error({ err: error, requestId }, 'a request could not be taken in');
  const end = { kind: state, actor: 'bot', code, codeParameters: params, from: ['received', 'asking'] } as const;
  try {
    await finishRequest(db, requestId, end, new Date(now()));
  } catch (failure) {
    if (!(failure instanceof IllegalTransition)) throw failure;
    if (finalStates.includes(failure.from)) await inTransaction(db, (tx) => giveBack(tx, requestId));
    return;
  }
  await cards.release(requestId);
}

/** A request that is stopped between two steps of taking it in holds a place in the quota, or files, that it took after its end. */
async function giveBack(tx: Transaction, requestId: string): Promise<void> {
  await releaseQuota(tx, requestId);
  await dropReferences(tx, requestId);
}

function reasonOf(error: unknown): Reason {
  if (error instanceof Refusal) return { state: 'refused', code: error.code, params: written(error.params) };
  if (error instanceof DownloadError) return { state: 'failed', code: `download.${error.fault}`, params: {} };
  if (error instanceof QueueProblem && error.code === 'queue.consent-source') {
    return { state: 'refused', code: error.code, params: {} };
  }
  if (error instanceof LumiereError) {
    // A clip that is none is the member's to mend; a missing tool or a full disk is not.
    const state = /^(input|photo|face|driver|speech)\./.test(error.code) ? 'refused' : 'failed';
    return { state, code: error.code, params: error.params };
  }
  return { state: 'failed', code: isGone(error) ? 'discord.unanswered' : 'queue.fault', params: {} };
}

function written(params: RefusalParameters): JsonObject {
  const json = (value: RefusalParameters[string]): Json => (value instanceof Date ? value.toISOString() : value);
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, json(value)]));
}
