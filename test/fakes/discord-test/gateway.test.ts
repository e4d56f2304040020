/** The gateway: close codes for what clients must not do, and the real client through every kind of broken connection. */
import { Client, Events, GatewayIntentBits } from 'discord.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type DiscordServer, startDiscord } from '../discord/server.ts';
import { type ExampleBot, startExampleBot } from './example-bot.ts';

/** Where it matters that nothing is heard: everywhere else a machine that stands still for a moment must not be cut off. */
const SHORT_HEARTBEAT = 400;

const settings = { acknowledgeWithin: 60_000 };
let discord: DiscordServer;

beforeEach(async () => {
  discord = await startDiscord({ settings });
});

afterEach(async () => discord.stop());

const withShortHeartbeat = async (): Promise<void> => {
  await discord.stop();
  discord = await startDiscord({ settings, heartbeatMs: SHORT_HEARTBEAT });
};

interface RawGateway {
  readonly send: (payload: unknown) => void;
  /** The next payload with this opcode. */
  readonly next: (op: number) => Promise<{ op: number; t?: string; s?: number; d: unknown }>;
  readonly closed: Promise<number>;
}

async function connect(query = 'v=10&encoding=json'): Promise<RawGateway> {
  const socket = new WebSocket(`${discord.rest.api.replace('http', 'ws').replace('/api', '')}/?${query}`);
  const received: { op: number; d: unknown }[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (raw: Buffer) => {
    received.push(JSON.parse(raw.toString()) as { op: number; d: unknown });
    for (const wake of waiting.splice(0)) wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('close', resolve);
  });
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  return {
    closed,
    send: (payload) => {
      socket.send(typeof payload === 'string' ? payload : JSON.stringify(payload));
    },
    next: async (op) => {
      for (;;) {
        const at = received.findIndex((payload) => payload.op === op);
        if (at >= 0) return received.splice(at, 1)[0]!;
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
    },
  };
}

const identify = (extra: object = {}): object => ({
  op: 2,
  d: { token: discord.token, intents: GatewayIntentBits.Guilds, properties: { os: 'linux' }, ...extra },
});

test('HELLO, READY and the guilds, heartbeats acknowledged', async () => {
  discord.guild('Old films').channel('screening');
  const client = await connect();
  expect((await client.next(10)).d).toEqual({ heartbeat_interval: 41_250 });
  client.send(identify());
  const ready = await client.next(0);
  expect(ready).toMatchObject({ t: 'READY', s: 1, d: { guilds: [{ unavailable: true }] } });
  expect(await client.next(0)).toMatchObject({ t: 'GUILD_CREATE', s: 2, d: { channels: [{ name: 'screening' }] } });
  client.send({ op: 1, d: 2 });
  expect(await client.next(11)).toMatchObject({ op: 11 });
});

test.each<readonly [string, number, () => readonly unknown[]]>([
  ['a wrong token', 4004, () => [identify({ token: 'wrong' })]],
  ['no intents', 4013, () => [identify({ intents: undefined })]],
  ['a privileged intent that was not granted', 4014, () => [identify({ intents: GatewayIntentBits.MessageContent })]],
  ['a shard that there is not', 4010, () => [identify({ shard: [1, 1] })]],
  ['IDENTIFY twice', 4005, () => [identify(), identify()]],
  ['anything before IDENTIFY', 4003, () => [{ op: 3, d: {} }]],
  ['an unknown opcode', 4001, () => [identify(), { op: 77 }]],
  ['what is no JSON', 4002, () => ['{']],
  ['more than 4,096 bytes', 4002, () => ['x'.repeat(4097)]],
  ['more than 120 payloads a minute', 4008, () => Array.from({ length: 121 }, () => ({ op: 1, d: 0 }))],
])('%s closes the connection with %i', async (_what, code, payloads) => {
  const client = await connect();
  for (const payload of payloads()) client.send(payload);
  expect(await client.closed).toBe(code);
});

test('silence closes the connection with 4009', async () => {
  await withShortHeartbeat();
  const client = await connect();
  expect(await client.closed).toBe(4009);
});

test('a granted privileged intent is let in', async () => {
  discord.settings.privilegedIntents = GatewayIntentBits.MessageContent;
  const client = await connect();
  client.send(identify({ intents: GatewayIntentBits.MessageContent }));
  expect(await client.next(0)).toMatchObject({ t: 'READY' });
});

test('another version, encoding or a compressed stream is refused', async () => {
  await expect(connect('v=9&encoding=json')).rejects.toThrow('400');
  await expect(connect('v=10&encoding=json&compress=zlib-stream')).rejects.toThrow('400');
});

test('RESUME: replays what was missed; refuses an unknown session, a wrong token, a number never sent, a late comer', async () => {
  const guild = discord.guild('Old films');
  const client = await connect();
  client.send(identify());
  const sessionId = ((await client.next(0)).d as { session_id: string }).session_id;
  const resume = (extra: object = {}): object => ({
    op: 6,
    d: { token: discord.token, session_id: sessionId, seq: 2, ...extra },
  });
  discord.gateway.drop();
  await client.closed;
  guild.channel('made meanwhile');
  const again = await connect();
  again.send(resume());
  expect(await again.next(0)).toMatchObject({ t: 'CHANNEL_CREATE', s: 3, d: { name: 'made meanwhile' } });
  expect(await again.next(0)).toMatchObject({ t: 'RESUMED' });

  const answerTo = async (payload: object): Promise<RawGateway> => {
    const other = await connect();
    other.send(payload);
    return other;
  };
  expect(await (await answerTo(resume({ session_id: 'unknown' }))).next(9)).toMatchObject({ d: false });
  expect(await (await answerTo(resume({ token: 'wrong' }))).closed).toBe(4004);
  expect(await (await answerTo(resume({ seq: 99 }))).closed).toBe(4007);
  discord.gateway.drop();
  await discord.until(() => discord.gateway.connected() === 0, 'the connection to be lost');
  discord.clock.advance(5 * 60_000 + 1);
  expect(await (await answerTo(resume())).next(9)).toMatchObject({ d: false });
});

test('messages are heard with the intent for them, and read with the privileged one', async () => {
  const guild = discord.guild('Old films');
  const alice = guild.member('alice');
  discord.settings.privilegedIntents = GatewayIntentBits.MessageContent;
  const listen = async (intents: number): Promise<RawGateway> => {
    const client = await connect();
    client.send(identify({ intents }));
    await client.next(0);
    return client;
  };
  const deaf = await listen(GatewayIntentBits.Guilds);
  const hears = await listen(GatewayIntentBits.GuildMessages);
  const reads = await listen(GatewayIntentBits.GuildMessages | GatewayIntentBits.MessageContent);
  alice.post('hello');
  expect(await hears.next(0)).toMatchObject({ t: 'MESSAGE_CREATE', d: { content: '', guild_id: guild.id } });
  expect(await reads.next(0)).toMatchObject({ t: 'MESSAGE_CREATE', d: { content: 'hello' } });
  guild.removeBot();
  expect(await deaf.next(0)).toMatchObject({ t: 'GUILD_CREATE' });
  expect(await deaf.next(0)).toMatchObject({ t: 'GUILD_DELETE' });
});

// --- the real client

async function withBot(
  run: (bot: ExampleBot, guild: ReturnType<DiscordServer['guild']>) => Promise<void>,
  expectedErrors: readonly string[] = [],
): Promise<void> {
  const guild = discord.guild('Old films');
  guild.channel('screening');
  const bot = await startExampleBot(discord);
  try {
    await run(bot, guild);
  } finally {
    await bot.stop();
  }
  expect(bot.errors.map(String)).toEqual(expectedErrors);
}

const greets = async (guild: ReturnType<DiscordServer['guild']>): Promise<string> => {
  const alice = guild.member('alice');
  return (await alice.contextMenu('Greet', alice).answer()).text;
};

test.each<readonly [string, () => void]>([
  [
    'a cut cable',
    () => {
      discord.gateway.drop();
    },
  ],
  [
    'an orderly close',
    () => {
      discord.gateway.close(4000);
    },
  ],
  [
    'a request to reconnect',
    () => {
      discord.gateway.askToReconnect();
    },
  ],
  [
    'a session that can be resumed',
    () => {
      discord.gateway.invalidate(true);
    },
  ],
])('the real client resumes after %s and hears what it missed', async (_what, disturb) => {
  await withBot(async (bot, guild) => {
    disturb();
    guild.channel('made meanwhile');
    await discord.until(() => discord.gateway.log.resumed === 1, 'the client to resume');
    await discord.until(
      () => bot.client.channels.cache.some((one) => 'name' in one && one.name === 'made meanwhile'),
      'the missed event',
    );
    expect(discord.gateway.log.identified).toBe(1);
    expect(await greets(guild)).toBe('hello alice');
  });
});

test('the real client notices a silent connection by its heartbeats, and resumes', async () => {
  await withShortHeartbeat();
  await withBot(async (_bot, guild) => {
    const { resumed } = discord.gateway.log;
    discord.gateway.freeze();
    await discord.until(() => discord.gateway.log.resumed > resumed, 'the client to resume');
    expect(await greets(guild)).toBe('hello alice');
  });
});

test('the real client identifies anew when its session is gone', async () => {
  await withBot(async (_bot, guild) => {
    discord.gateway.invalidate(false);
    await discord.until(() => discord.gateway.log.identified === 2, 'the client to identify again');
    expect(await greets(guild)).toBe('hello alice');
  });
});

test('while the gateway is down nobody answers; the real client comes back when it is up', async () => {
  await withBot(
    async (_bot, guild) => {
      discord.gateway.down();
      const alice = guild.member('alice');
      const asked = alice.contextMenu('Greet', alice);
      discord.clock.advance(60_001);
      expect(asked.hasFailed()).toBe(true);
      discord.gateway.up();
      await discord.until(() => discord.gateway.log.resumed === 1, 'the client to resume');
      // The event is replayed, and the answer to it comes too late.
      await discord.until(() => discord.journal.refused().some(({ code }) => code === 10062), 'the late answer');
      expect(await greets(guild)).toBe('hello alice');
    },
    ['DiscordAPIError[10062]: Unknown interaction'],
  );
});

test('the real client does not get in with a wrong token', async () => {
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: discord.rest });
  await expect(client.login('wrong')).rejects.toThrow('An invalid token was provided.');
  await client.destroy();
});

test('the real client repeats a request after a 5xx and after an answer that got lost, so a message may come twice', async () => {
  const guild = discord.guild('Old films');
  const channel = guild.channel('screening');
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: discord.rest });
  await client.login(discord.token);
  if (!client.isReady()) await new Promise((resolve) => client.once(Events.ClientReady, resolve));
  const post = async (extra: object): Promise<number> => {
    const before = discord.messagesIn(channel).length;
    discord.faults.plant('create_message', { kind: 'status after', status: 502 });
    const there = await client.channels.fetch(channel.id);
    if (!there?.isSendable()) throw new Error('the channel cannot be written to');
    await there.send({ content: 'the result', ...extra });
    return discord.messagesIn(channel).length - before;
  };
  expect(await post({})).toBe(2);
  expect(await post({ nonce: 'delivery-1', enforceNonce: true })).toBe(1);
  await client.destroy();
});
