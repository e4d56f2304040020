/** The result of a request, if it can be had: not held, not removed, its time not over. */
import { Refusal } from '../policy/refusal.ts';
import type { WholeRequest } from '../store/member-requests.ts';
import { shownStates } from '../store/request-states.ts';
import type { Reply } from '../store/rows.ts';

export interface StoredResult {
  readonly sha256: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly reply: Reply;
}

/** @throws Refusal `refusal.result-held` or `refusal.result-gone`. */
export function storedResult({ state, resultExpiresAt, media, reply }: WholeRequest, now: number): StoredResult {
  if (state === 'held') throw new Refusal('refusal.result-held');
  const file = media.find(({ role }) => role === 'result');
  const isOver = resultExpiresAt !== null && resultExpiresAt.getTime() <= now;
  if (file === undefined || reply === null || isOver || !shownStates.includes(state))
    throw new Refusal('refusal.result-gone');
  return { sha256: file.sha256, bytes: Number(file.object.bytes), mediaType: file.object.mediaType, reply };
}
