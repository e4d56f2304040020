/** The channel in which the bot and one member talk. */
import { type APIDMChannel, type REST, Routes } from 'discord.js';

/** Its id; Discord makes it when there is none. That a member takes no messages is told by the first that is sent. */
export async function directChannel(rest: REST, userId: string): Promise<string> {
  const { id } = (await rest.post(Routes.userChannels(), { body: { recipient_id: userId } })) as APIDMChannel;
  return id;
}
