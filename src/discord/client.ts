/**
 * The connection to Discord: a gateway client without privileged intents, and two REST clients beside its own. Cards must
 * not wait (a late edit is an edit too many) and deliveries decide for themselves when to try again.
 */
import {
  Client,
  type ClientOptions,
  DefaultRestOptions,
  Events,
  GatewayIntentBits,
  Options,
  Partials,
  REST,
  type RESTOptions,
} from 'discord.js';
import type { Logger } from 'pino';

import { startProblem } from './unreachable.ts';

export interface DiscordSettings {
  readonly token: string;
  /** Other addresses than Discord's own, for tests. */
  readonly rest?: { readonly api: string; readonly cdn: string; readonly mediaProxy?: string };
  readonly log: Logger;
  /** The gateway is closed for good: a token or an intent that Discord no longer accepts. The process should end. */
  readonly onLost: (reason: string) => void;
}

export interface DiscordConnection {
  readonly client: Client<true>;
  /** For progress cards: rejects with a RateLimitError rather than wait. */
  readonly cardRest: REST;
  /** For deliveries: no tries of its own, waits that are short, minutes for an upload and seconds for all else. */
  readonly deliveryRest: REST;
  close(): Promise<void>;
}

/** Waits of the delivery's REST client longer than that become a later try, in milliseconds. */
export const longestWait = 5000;

/** Of requests without a file: a result waits for the edit of its card that is on its way, and much else for a deletion. */
const answerTimeout = 5000;

/** A large clip on a slow line. */
const uploadTimeout = 120_000;

const promptUnlessUpload: RESTOptions['makeRequest'] = (url, init) => {
  const { makeRequest } = DefaultRestOptions;
  if (init.body instanceof FormData) return makeRequest(url, init);
  const late = AbortSignal.timeout(answerTimeout);
  return makeRequest(url, { ...init, signal: init.signal ? AbortSignal.any([init.signal, late]) : late });
};

/** REST clients for cards and deliveries; the gateway client has a third of its own. */
export function createRests({ token, rest }: Pick<DiscordSettings, 'token' | 'rest'>): {
  readonly cardRest: REST;
  readonly deliveryRest: REST;
} {
  const shared: Partial<RESTOptions> = { version: '10', ...rest };
  const cardRest = new REST({ ...shared, retries: 0, timeout: answerTimeout, rejectOnRateLimit: () => true });
  const deliveryRest = new REST({
    ...shared,
    retries: 0,
    timeout: uploadTimeout,
    makeRequest: promptUnlessUpload,
    rejectOnRateLimit: ({ timeToReset, retryAfter }) => Math.max(timeToReset, retryAfter) > longestWait,
  });
  cardRest.setToken(token);
  deliveryRest.setToken(token);
  return { cardRest, deliveryRest };
}

export const clientOptions: ClientOptions = {
  intents: [GatewayIntentBits.Guilds],
  // The gateway tells of no private thread that the bot is not in, nor of direct messages: an interaction there does.
  partials: [Partials.Channel],
  // As many as Discord advises: one connection takes 2,500 guilds at most.
  shards: 'auto',
  allowedMentions: { parse: [] },
  // Nothing is ever read from old messages: what is known of a request is in the store.
  makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 0 }),
};

/** Logs in and resolves when the gateway is ready. discord.js resumes and reconnects by itself. Rejects with DiscordUnreachable, else as `login` does. */
export async function connectDiscord(settings: DiscordSettings): Promise<DiscordConnection> {
  const { token, rest, log, onLost } = settings;
  const client = new Client({ ...clientOptions, ...(rest !== undefined && { rest }) });
  client.on(Events.Error, (error) => {
    log.error({ err: error }, 'discord client');
  });
  let isClosing = false;
  client.on(Events.ShardReconnecting, (shard) => {
    if (!isClosing) log.info({ shard }, 'gateway lost, reconnecting');
  });
  client.on(Events.ShardResume, (shard, replayed) => {
    log.info({ shard, replayed }, 'gateway resumed');
  });
  client.on(Events.ShardDisconnect, ({ code }, shard) => {
    log.error({ shard, code }, 'gateway closed for good');
    onLost(`gateway closed with code ${code}`);
  });
  client.on(Events.Invalidated, () => {
    onLost('the session was invalidated');
  });
  const ready = new Promise<Client<true>>((resolve) => {
    client.once(Events.ClientReady, resolve);
  });
  try {
    await client.login(token);
  } catch (error) {
    await client.destroy();
    throw startProblem(error);
  }
  return {
    client: await ready,
    ...createRests(settings),
    close: () => {
      isClosing = true;
      return client.destroy();
    },
  };
}
