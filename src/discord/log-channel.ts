/**
 * Tells each guild that named a log channel what happens in it, as it happens: nothing twice and nothing left out, whenever
 * the bot dies. Before a message is sent it is written down how far it reaches; a bot that comes back builds the same message
 * again and sends it with the same nonce, or finds it in the channel. Under load one message tells of many things.
 */
import {
  type APIMessage,
  type APIMessageTopLevelComponent,
  type Client,
  ComponentType,
  DiscordAPIError,
  type REST,
  Routes,
} from 'discord.js';
import type { Logger } from 'pino';

import { chooseLanguage } from '../locale.ts';
import { repeating, type Repeating } from '../repeating.ts';
import type { Database } from '../store/database.ts';
import { feedEnd, type FeedPlace, isSamePlace, readFeedState, writeFeedState } from '../store/feed-place.ts';
import {
  type FeedGaps,
  type FeedItem,
  type FeedPages,
  guildsWithLog,
  readFeed,
  type Reading,
} from '../store/log-feed.ts';
import { translatorOf } from './localise.ts';
import { isTold, logPost } from './log-post.ts';
import type { Message } from './message.ts';
import { nonceOf } from './nonce.ts';
import { sideBySide } from './side-by-side.ts';

export interface LogChannelOptions {
  readonly db: Database;
  /** Waits out Discord's limits by itself up to some seconds, as `deliveryRest` does. */
  readonly rest: REST;
  /** What is known of a guild: its language, and whether a channel is its own (undefined: not known). */
  readonly guild: (
    guildId: string,
  ) => { readonly locale: string; readonly hasChannel: (id: string) => boolean | undefined } | undefined;
  readonly now: () => number;
  readonly log: Logger;
  /** How often it is looked for something to tell, in milliseconds; 3 s when left out. */
  readonly pollMs?: number;
  /** Rows younger than that wait for the next look, in milliseconds; 1 s when left out. */
  readonly settleMs?: number;
}

/** What the gateway told of a guild. A channel that it did not tell of may be a thread. */
export function knownGuild(client: Client, guildId: string): ReturnType<LogChannelOptions['guild']> {
  const guild = client.guilds.cache.get(guildId);
  if (guild === undefined) return undefined;
  return {
    locale: guild.preferredLocale,
    hasChannel: (id) => {
      const channel = client.channels.cache.get(id);
      if (channel === undefined) return undefined;
      return !channel.isDMBased() && channel.guildId === guildId;
    },
  };
}

const looksEvery = 3000;
/** Lines of each kind in one message. */
const mostOfAKind = 5;
/** What is older when its turn comes is left to `/usage`: a channel that was shut for a week is not flooded. */
const tooOldMs = 24 * 3_600_000;
/** Discord remembers a nonce for some minutes; after that the channel is looked through. */
const nonceMs = 60_000;
/** A channel that cannot be written to is tried again after so long. */
const againMs = 10 * 60_000;
const lookedThrough = 50;

export function startLogChannels(options: LogChannelOptions): Repeating {
  return repeating(logLook(options), options.pollMs ?? looksEvery, (error) => {
    options.log.error({ err: error }, 'what to tell in log channels could not be read');
  });
}

/** One look at all guilds, which resolves when all that was there is told. It remembers the channels that are shut, and the rows that are waited for. */
export function logLook(options: LogChannelOptions): (signal: AbortSignal) => Promise<void> {
  const { db, now, log, pollMs = looksEvery, settleMs = 1000 } = options;
  /** Channels that could not be written to, and until when they are left alone. */
  const shut = new Map<string, number>();
  const gaps: FeedGaps = new Map();
  const tell = async (place: Place, round: Round): Promise<void> => {
    const { channelId } = place;
    if ((shut.get(channelId) ?? 0) > now()) return;
    try {
      await tellGuild(place, round, options);
      shut.delete(channelId);
    } catch (error) {
      if (round.signal.aborted) return; // broken off; the next start goes on with it
      // Told once; while it lasts it is only tried.
      const level = shut.has(channelId) ? 'debug' : 'warn';
      shut.set(channelId, now() + (isRefused(error) ? againMs : pollMs));
      log[level]({ err: error, ...place }, 'the log channel of a guild cannot be written to');
    }
  };
  return async (signal) => {
    const end = await feedEnd(db);
    const round: Round = { end, until: new Date(now() - settleMs), pages: new Map(), gaps, signal };
    await sideBySide(await guildsWithLog(db), (place) => tell(place, round), signal);
  };
}

interface Place {
  readonly guildId: string;
  readonly channelId: string;
}

/** One look at all guilds. */
interface Round {
  /** Where the tables ended when it began. */
  readonly end: FeedPlace;
  /** Rows younger than that wait for the next one. */
  readonly until: Date;
  readonly pages: FeedPages;
  readonly gaps: FeedGaps;
  readonly signal: AbortSignal;
}

async function tellGuild(
  place: Place,
  { end, until, pages, gaps, signal }: Round,
  options: LogChannelOptions,
): Promise<void> {
  const { db, now } = options;
  const { guildId } = place;
  const state = await readFeedState(db, guildId);
  if (state === undefined) {
    await writeFeedState(db, guildId, { told: end });
    return;
  }
  let { told, telling } = state;
  if (telling === undefined && isSamePlace(told, end)) return;
  while (!signal.aborted) {
    const since = now() - tooOldMs;
    const wish = {
      guildId,
      from: told,
      to: telling?.to,
      until,
      gaps,
      most: mostOfAKind,
      isTold: (item: FeedItem) => isTold(item) && item.at.getTime() >= since,
    };
    const reading: Reading = await readFeed(db, wish, pages);
    const to = telling?.to ?? reading.to;
    if (reading.items.length > 0) {
      const said = messageOf(reading, place, options);
      const mayBeThere = telling !== undefined && now() - telling.at > nonceMs;
      if (telling === undefined) await writeFeedState(db, guildId, { told, telling: { to, at: now() } });
      // A signal of its own for each request: discord.js never takes its listener off.
      const until = (): AbortSignal => AbortSignal.any([signal]);
      if (!mayBeThere || !(await isThere(options.rest, place, said, until()))) {
        await post(place, said, { to, signal: until() }, options);
      }
    }
    if (!isSamePlace(told, to)) await writeFeedState(db, guildId, { told: to });
    const isDone = telling === undefined && isSamePlace(told, to);
    told = to;
    telling = undefined;
    if (isDone) return;
  }
}

function messageOf({ items }: Reading, { guildId }: Place, { guild }: LogChannelOptions): Message {
  const language = chooseLanguage([guild(guildId)?.locale ?? 'en']);
  return logPost(items, translatorOf(language), language);
}

async function post(
  { guildId, channelId }: Place,
  said: Message,
  { to, signal }: { readonly to: FeedPlace; readonly signal: AbortSignal },
  options: LogChannelOptions,
): Promise<void> {
  // A setting that names a channel of another guild, however it came about, gives nothing away.
  if (options.guild(guildId)?.hasChannel(channelId) === false) throw new ForeignChannel(channelId);
  const nonce = nonceOf(channelId, JSON.stringify(to));
  const body = { ...said, nonce, enforce_nonce: true };
  await options.rest.post(Routes.channelMessages(channelId), { body, signal });
}

class ForeignChannel extends Error {
  override readonly name = 'ForeignChannel';
}

/** Discord says no, and will go on saying so until somebody changes something there. */
function isRefused(error: unknown): boolean {
  return (
    error instanceof ForeignChannel || (error instanceof DiscordAPIError && error.status < 500 && error.status !== 429)
  );
}

async function isThere(rest: REST, { channelId }: Place, said: Message, signal: AbortSignal): Promise<boolean> {
  const query = new URLSearchParams({ limit: String(lookedThrough) });
  const messages = (await rest.get(Routes.channelMessages(channelId), { query, signal })) as APIMessage[];
  const wanted = textOf(said.components);
  return messages.some(({ components = [] }) => textOf(components) === wanted);
}

const textOf = (components: readonly APIMessageTopLevelComponent[]): string =>
  components
    .flatMap((component) => (component.type === ComponentType.Container ? component.components : []))
    .flatMap((part) => (part.type === ComponentType.TextDisplay ? [part.content] : []))
    .join('\n');
