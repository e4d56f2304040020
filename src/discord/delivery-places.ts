/**
 * Where an answer can go and what to do when it does not: pure decisions. The order is interaction, message, channel, direct
 * message, and then kept for `/result`. A private answer never goes where others read.
 */
import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';

import { isTokenUsable, mostBytes, smallestUpload } from '../queue/upload-limits.ts';
import { type ClaimedDelivery, uncertain } from '../store/deliveries.ts';
import type { DeliveryPlace, Reply } from '../store/rows.ts';
import { isOfTheConnection, isOver } from './unreachable.ts';

type Placed = Pick<ClaimedDelivery, 'kind' | 'request'>;

/** The places of a delivery, first to last. */
export function placesOf({ kind, request }: Placed): readonly DeliveryPlace[] {
  const { isPrivate } = request.reply;
  // Who cancelled knows: a word where the card stood, and no message beside it.
  if (kind === 'notice' && request.state === 'cancelled' && isOwnDoing(request.code))
    return isPrivate ? ['interaction'] : ['interaction', 'message'];
  // They read it when they next ask: here the card ends, without a word of why.
  if (kind === 'notice' && isForThemAlone(request.code) && !isPrivate) return ['interaction', 'message'];
  // Where the progress stood, and else to them alone: that somebody took a consent back is nobody's business but theirs.
  if (kind === 'notice' && (request.state === 'removed' || request.state === 'held') && !isPrivate)
    return ['interaction', 'message', 'direct'];
  if (isPrivate) return ['interaction', 'direct'];
  return ['interaction', 'message', 'channel', 'direct'];
}

/** Stopped by the member, or not answered by them. */
const isOwnDoing = (code: string | null): boolean =>
  code === null || code === 'job.cancelled' || code === 'queue.unanswered';

/** That a member is blocked nobody else reads. */
export const isForThemAlone = (code: string | null): boolean =>
  code !== null && /^(queue\.requester-blocked|refusal\.blocked-)/.test(code);

/** The place after `place`; undefined when there is none. */
export function nextPlace(delivery: Placed, place: DeliveryPlace): DeliveryPlace | undefined {
  const places = placesOf(delivery);
  return places[places.indexOf(place) + 1];
}

/** Whether the interaction's token can still be used. */
export function isTokenAlive({ token, tokenExpiresAt }: Reply, now: number): boolean {
  return token !== null && isTokenUsable({ tokenExpiresAt }, now);
}

/** Why a place need not be tried at all; undefined when it may work. */
export function obstacle({ request: { reply } }: Placed, place: DeliveryPlace, now: number): string | undefined {
  if (place === 'interaction' && !isTokenAlive(reply, now)) return 'token-expired';
  return place === 'message' && reply.messageId === null ? 'message-unknown' : undefined;
}

/** What to do after a try that failed, with the code that is written down. */
export type Verdict = { readonly problem: string } & (
  { readonly act: 'again'; readonly waitMs?: number } | { readonly act: 'next' } | { readonly act: 'smaller' }
);

/** Longer than may be waited for: an upload that the line is too slow for. */
export const late = `${uncertain}-late`;

/** A mistake of ours, in the list of tries. */
export const fault = 'fault';

/** Discord's codes for a file over the limit. */
const tooLarge: ReadonlySet<number | string> = new Set([40005, 50045]);

/** Waits at a place longer than that make the next place the better one; Discord lets old messages be edited rarely. */
const longWait = 60_000;

export function judge(error: unknown): Verdict {
  if (error instanceof RateLimitError) {
    const waitMs = Math.max(error.timeToReset, error.retryAfter);
    return waitMs > longWait && !error.global
      ? { act: 'next', problem: 'too-many-edits' }
      : { act: 'again', problem: 'rate-limited', waitMs };
  }
  if (error instanceof DiscordAPIError) {
    if (error.status === 413 || tooLarge.has(error.code)) return { act: 'smaller', problem: `discord-${error.code}` };
    if (error.status === 401 && error.code !== 50027) return { act: 'again', problem: 'discord-401' };
    if (error.status < 500) return { act: 'next', problem: `discord-${error.code}` };
  }
  if (error instanceof HTTPError && error.status === 413) return { act: 'smaller', problem: 'discord-413' };
  if (error instanceof HTTPError || error instanceof DiscordAPIError) {
    return { act: 'again', problem: `${uncertain}-${error.status}` };
  }
  if (isOver(error)) return { act: 'again', problem: late };
  if (isOfTheConnection(error)) return { act: 'again', problem: uncertain };
  return { act: 'next', problem: fault };
}

/** Milliseconds before the next try: 1 s, doubled, a minute at most. */
export function backOff(attempts: number): number {
  return Math.min(60_000, 1000 * 2 ** Math.min(attempts, 10));
}

/** Tries at one place, about a quarter of an hour of them, before the next place is the better guess. */
export const mostAttempts = 20;

/** Smaller than that is not worth sending. */
const leastBytes = 100_000;
const everywhere = mostBytes(smallestUpload);

/** A line that does not bring that much to its end in the time of an upload fails for another reason than the size. */
export const smallEnough = 2 * 2 ** 20;

/** The limit to encode to after `bytes` were too many; undefined when there is nothing left to take away. */
export function smallerLimit(bytes: number): number | undefined {
  const limit = bytes > everywhere ? everywhere : Math.floor(bytes / 2);
  return limit < leastBytes ? undefined : limit;
}
