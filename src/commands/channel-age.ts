/** Whether the channel of an interaction is for adults. A thread is as its channel is, and private ones are not told to bots. */
import type { BaseInteraction, Channel } from 'discord.js';

import type { ChannelAge } from '../policy/asking.ts';

/** Asks Discord where the channel is not known. Never rejects: what cannot be learnt is unknown. Direct messages are open. */
export async function channelAgeOf(interaction: BaseInteraction): Promise<ChannelAge> {
  const { client, channelId, channel, guildId } = interaction;
  if (guildId === null) return 'open';
  const fetched = (id: string | null): Promise<Channel | null> =>
    id === null ? Promise.resolve(null) : client.channels.fetch(id).catch(() => null);
  const here = channel ?? (await fetched(channelId));
  const place = here?.isThread() ? (here.parent ?? (await fetched(here.parentId))) : here;
  if (place === null) return 'unknown';
  return 'nsfw' in place && place.nsfw ? 'restricted' : 'open';
}
