/** The channel in which the bot and one member talk. */
import { type APIDMChannel, type REST, Routes } from 'discord.js';

/** Its id; Discord makes it when there is none. That a member takes no messages is told by the first that is sent. */
export async function directChannel(rest: REST, userId: string, signal?: AbortSignal): Promise<string> {
  // A signal of its own for each request: discord.js never takes its listener off.
  const until = signal === undefined ? {} : { signal: AbortSignal.any([signal]) };
  const body = { recipient_id: userId };
  const { id } = (await rest.post(Routes.userChannels(), { body, ...until })) as APIDMChannel;
  return id;
}
