/** A message is taken away by the bot's own rights: one attempt, and what it came to. */
import { DiscordAPIError, type REST, RESTJSONErrorCodes, Routes } from 'discord.js';

import { judge } from './delivery-places.ts';

/** Discord cannot be asked at present, and why; not before so many milliseconds. */
export interface Again {
  readonly again: string;
  readonly waitMs: number;
}

/** `gone`: it is not there; `refused`: it may not be taken away. */
export type Taken = 'gone' | { readonly refused: string } | Again;

const goneCodes: ReadonlySet<number | string> = new Set([
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.UnknownChannel,
]);

/** Never rejects for what Discord says. Broken off by `signal`, it is to be tried again. */
export function takeMessageAway(
  rest: REST,
  { channelId, messageId }: { readonly channelId: string; readonly messageId: string },
  signal?: AbortSignal,
): Promise<Taken> {
  return attempt(() => rest.delete(Routes.channelMessage(channelId, messageId), until(signal)));
}

/** The same for a message of an interaction, by its token: the only way to one that a member alone sees. */
export function takeAnswerAway(
  rest: REST,
  { applicationId, token }: { readonly applicationId: string; readonly token: string },
  messageId: string,
  signal?: AbortSignal,
): Promise<Taken> {
  const route = Routes.webhookMessage(applicationId, token, messageId);
  return attempt(() => rest.delete(route, { ...until(signal), auth: false }));
}

/** A signal of its own for each request: discord.js never takes its listener off. */
const until = (signal: AbortSignal | undefined): { readonly signal?: AbortSignal } =>
  signal === undefined ? {} : { signal: AbortSignal.any([signal]) };

async function attempt(take: () => Promise<unknown>): Promise<Taken> {
  try {
    await take();
    return 'gone';
  } catch (error) {
    if (error instanceof DiscordAPIError && goneCodes.has(error.code)) return 'gone';
    const verdict = judge(error);
    if (verdict.act === 'again') return { again: verdict.problem, waitMs: verdict.waitMs ?? 0 };
    return { refused: verdict.problem };
  }
}
