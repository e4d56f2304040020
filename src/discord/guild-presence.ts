/**
 * Notes when the bot is removed from a server and when it comes back: some days later what is known of the server goes
 * (src/store/retention.ts). An outage of Discord's is no removal.
 */
import { type Client, Events, type Guild } from 'discord.js';
import type { Logger } from 'pino';

import type { Database } from '../store/database.ts';
import { guildSettings, knownGuilds, noteGuildLeft } from '../store/guild-settings.ts';

export interface PresenceOptions {
  readonly client: Client<true>;
  readonly db: Database;
  readonly now: () => number;
  readonly log: Logger;
}

/** Compares what is stored with where the bot is, then listens. Resolves when that is done; returns what stops it. */
export async function followGuilds({ client, db, now, log }: PresenceOptions): Promise<() => void> {
  const note = async (guildId: string, isHere: boolean): Promise<void> => {
    const leftAt = (await guildSettings(db, guildId))?.leftAt ?? null;
    if (isHere === (leftAt === null)) return; // since when it is gone does not change by a restart
    await noteGuildLeft(db, guildId, isHere ? null : new Date(now()));
    log.info({ guildId }, isHere ? 'back in a server' : 'no longer in a server');
  };
  const heard =
    (isHere: boolean) =>
    ({ id }: Guild): void => {
      note(id, isHere).catch((error: unknown) => {
        log.error({ err: error, guildId: id }, 'a change of servers could not be noted');
      });
    };
  const [left, joined] = [heard(false), heard(true)];
  // discord.js tells of an outage by another event, GuildUnavailable.
  client.on(Events.GuildDelete, left);
  client.on(Events.GuildCreate, joined);
  for await (const guildId of knownGuilds(db)) await note(guildId, client.guilds.cache.has(guildId));
  return () => {
    client.off(Events.GuildDelete, left);
    client.off(Events.GuildCreate, joined);
  };
}
