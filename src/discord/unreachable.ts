/** Faults of the way to Discord, and of a Discord that is down: nobody's mistake here, and worth another try later. */
import { DiscordAPIError, HTTPError } from 'discord.js';

/** Discord could not be asked when the bot started. */
export class DiscordUnreachable extends Error {
  override readonly name = 'DiscordUnreachable';
}

/** Codes of sockets, names, TLS and the HTTP client; a code of anything else is a mistake of ours and would repeat itself. */
const ofTheConnection =
  /^(UND_ERR_|HPE_|ERR_(SSL|TLS|SOCKET)|E(CONN|PIPE|PROTO|TIMEDOUT|AI_|NOTFOUND|NET|HOST|ADDRNOTAVAIL))/;

export function isOfTheConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ofTheConnection.test(String(error.code));
}

/** The time for it was over, or the bot stops. */
export function isOver(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

/** What to reject with when the first question to Discord failed with `error`: itself where asking again would not help. */
export function startProblem(error: unknown): unknown {
  const isDown = (error instanceof HTTPError || error instanceof DiscordAPIError) && error.status >= 500;
  if (!isDown && !isOfTheConnection(error) && !isOver(error)) return error;
  return new DiscordUnreachable((error as Error).message, { cause: error });
}
