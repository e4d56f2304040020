/** Ends a request whose clip was not accepted: the reason is kept, the place in the quota and the clip are given back. */
import type { CommandContext } from '../discord/command.ts';
import { DownloadError } from '../discord/download-error.ts';
import { isGone } from '../discord/fault-answer.ts';
import { LumiereError } from '../engine/errors.ts';
import { Refusal, type RefusalParameters } from '../policy/refusal.ts';
import { inTransaction } from '../store/database.ts';
import { dropReferences } from '../store/media-references.ts';
import { releaseQuota } from '../store/quotas.ts';
import { IllegalTransition } from '../store/request-states.ts';

import type { Json, JsonObject } from '../store/rows.ts';
import { changeStateIn } from '../store/state-change.ts';

interface Reason {
  readonly state: 'refused' | 'failed';
  readonly code: string;
  readonly params: JsonObject;
}

/**
 * Writes down why, and leaves the request's message to whoever answers. Gives true when the member has stopped it
 * meanwhile, so that there is nothing more to tell.
 */
export async function endIntake(requestId: string, error: unknown, context: CommandContext): Promise<boolean> {
  const { db, cards, now } = context;
  await cards.release(requestId);
  const { state, code, params } = reasonOf(error);
  const wasStopped = error instanceof IllegalTransition;
  await inTransaction(db, async (tx) => {
    await releaseQuota(tx, requestId);
    await dropReferences(tx, requestId);
    if (wasStopped) return;
    await changeStateIn(tx, requestId, state, {
      actor: 'bot',
      now: new Date(now()),
      code,
      codeParameters: params,
    });
  });
  return wasStopped;
}

function reasonOf(error: unknown): Reason {
  if (error instanceof Refusal) return { state: 'refused', code: error.code, params: written(error.params) };
  if (error instanceof DownloadError) return { state: 'failed', code: `download.${error.fault}`, params: {} };
  if (error instanceof LumiereError) {
    // A clip that is none is the member's to mend; a missing tool or a full disk is not.
    const state = error.code.startsWith('input.') ? 'refused' : 'failed';
    return { state, code: error.code, params: error.params };
  }
  return { state: 'failed', code: isGone(error) ? 'discord.unanswered' : 'queue.fault', params: {} };
}

function written(params: RefusalParameters): JsonObject {
  const json = (value: RefusalParameters[string]): Json => (value instanceof Date ? value.toISOString() : value);
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, json(value)]));
}
