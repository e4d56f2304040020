/**
 * Notes when the bot is removed from a server and when it comes back: some days later what is known of the server goes
 * (src/store/retention.ts). An outage of Discord's is no removal.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, Events, type Guild } from 'discord.js';
import type { Logger } from 'pino';

import type { Database } from '../store/database.ts';
import { guildSettings, knownGuilds, noteGuildLeft } from '../store/guild-settings.ts';

export interface PresenceOptions {
  readonly client: Client<true>;
  readonly db: Database;
  readonly now: () => number;
  readonly log: Logger;
  /** After so long the first comparison is tried again when it failed, in milliseconds; a minute when left out. */
  readonly againMs?: number;
}

export interface GuildPresence {
  /** What is stored has been compared with where the bot is. Never rejects. */
  readonly compared: Promise<void>;
  readonly close: () => Promise<void>;
}

/** Listens, and compares what is stored with where the bot is, until that has succeeded once. */
export function followGuilds({ client, db, now, log, againMs = 60_000 }: PresenceOptions): GuildPresence {
  const stop = new AbortController();
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
  const compare = async (): Promise<void> => {
    for await (const guildId of knownGuilds(db)) {
      if (stop.signal.aborted) return;
      await note(guildId, client.guilds.cache.has(guildId));
    }
  };
  const untilCompared = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await compare();
        return;
      } catch (error) {
        log.error({ err: error }, 'the servers could not be compared with what is stored');
        await sleep(againMs, undefined, stop).catch(() => undefined);
      }
    }
  };
  const compared = untilCompared();
  return {
    compared,
    close: async () => {
      client.off(Events.GuildDelete, left);
      client.off(Events.GuildCreate, joined);
      stop.abort();
      await compared;
    },
  };
}
