/**
 * A Discord of one's own, on loopback: gateway, REST and CDN that the real discord.js client talks to, and members who
 * use it as people would. It refuses what Discord refuses. See README.md beside this file.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { operationIds } from './api/routes.ts';
import { compileAll } from './api/validation.ts';
import { type Cdn, createCdn } from './cdn.ts';
import { type Changes, createChanges } from './changes.ts';
import { type Clock, createClock } from './clock.ts';
import { type Commands, createCommands } from './commands.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { ACKNOWLEDGE_WITHIN, createInteractions, type Interactions } from './interactions.ts';
import { createMessages, type StoredMessage } from './messages.ts';
import { createRestFaults, type RestFaults } from './rest/faults.ts';
import { createJournal, type Journal } from './rest/journal.ts';
import { createRateLimits, type RateLimits } from './rest/rate-limits.ts';
import { createRest } from './rest/rest.ts';
import { createSnowflakes } from './snowflake.ts';
import type { Settings, State } from './state.ts';
import { addGuild, type GuildFixture } from './world/guild.ts';
import type { Channel } from './world/model.ts';
import { createWorld } from './world/world.ts';

export interface DiscordOptions {
  /** Interval of heartbeats in milliseconds of real time; Discord's 41,250 by default. */
  readonly heartbeatMs?: number;
  readonly settings?: Partial<Settings>;
}

export interface DiscordServer {
  /** What the bot logs in with. */
  readonly token: string;
  readonly applicationId: string;
  /** Options of discord.js's client under `rest`. */
  readonly rest: { readonly api: string; readonly cdn: string; readonly mediaProxy: string };
  readonly clock: Clock;
  readonly settings: Settings;
  readonly faults: RestFaults;
  readonly rateLimits: RateLimits;
  readonly gateway: Gateway;
  readonly cdn: Cdn;
  readonly journal: Journal;
  readonly commands: Commands;
  readonly interactions: Interactions;
  /** Makes a guild that the bot is in. */
  readonly guild: (
    name: string,
    options?: { readonly locale?: string; readonly boostTier?: 0 | 1 | 2 | 3 },
  ) => GuildFixture;
  /** Everything that was ever said in a channel, private and deleted messages too. */
  readonly messagesIn: (channel: Channel) => readonly StoredMessage[];
  readonly until: Changes['until'];
  /** Stops listening. @throws Error when the server itself was at fault: a test that passed on it proves nothing. */
  readonly stop: () => Promise<void>;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

const DEFAULT_HEARTBEAT = 41_250;

export async function startDiscord({
  heartbeatMs = DEFAULT_HEARTBEAT,
  settings,
}: DiscordOptions = {}): Promise<DiscordServer> {
  compileAll();
  const clock = createClock();
  const nextId = createSnowflakes(clock);
  const applicationId = nextId();
  const journal = createJournal();
  const faults = createRestFaults(operationIds);
  const rateLimits = createRateLimits(clock);
  const [apiServer, cdnServer] = [createServer(), createServer()];
  const [apiHost, cdnHost] = [await listen(apiServer), await listen(cdnServer)];
  const cdn = createCdn(clock, nextId, () => `http://${cdnHost}`);
  const allSettings: Settings = {
    oversizeCode: 40005,
    uploadLimit: undefined,
    lateEdits: 3,
    acknowledgeWithin: ACKNOWLEDGE_WITHIN,
    privilegedIntents: 0,
    ...settings,
  };
  const state: State = {
    token: 'test.bot.token',
    applicationId,
    clock,
    nextId,
    settings: allSettings,
    world: createWorld(clock, nextId, applicationId),
    messages: createMessages(clock, nextId, cdn),
    interactions: createInteractions(clock, nextId, allSettings),
    commands: createCommands(nextId),
    cdn,
    changes: createChanges(journal.story),
    dispatch: (event, data) => {
      gateway.dispatch(event, data);
    },
    gatewayAddress: () => `ws://${apiHost}`,
  };
  const gateway = createGateway(apiServer, state, heartbeatMs);
  const rest = createRest(state, faults, rateLimits, journal);
  apiServer.on('request', (request, response) => {
    void rest.serve(request, response);
  });
  cdnServer.on('request', (request, response) => {
    if (!cdn.serve(request, response)) response.writeHead(404).end();
  });

  return {
    token: state.token,
    applicationId,
    rest: { api: `http://${apiHost}/api`, cdn: `http://${cdnHost}`, mediaProxy: `http://${cdnHost}` },
    clock,
    settings: state.settings,
    faults,
    rateLimits,
    gateway,
    cdn,
    journal,
    commands: state.commands,
    interactions: state.interactions,
    guild: (name, options = {}) => addGuild(state, name, options),
    messagesIn: ({ id }) => state.messages.inChannel(id),
    until: state.changes.until,
    stop: async () => {
      gateway.stop();
      await Promise.all([close(apiServer), close(cdnServer)]);
      if (journal.ownFaults.length > 0)
        throw new Error(`the test server was at fault:\n${journal.ownFaults.join('\n')}`);
    },
  };
}
