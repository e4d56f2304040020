/**
 * A whole bot on a Discord of its own: the real client, router, cards, outbox, database, media store, Redis and queue. Only
 * the engine's work on a clip stands in when a test starts a worker; clips are fetched and looked at as ever.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'discord.js';
import { pino } from 'pino';

import { createCommands } from '../../src/commands/index.ts';
import { createCardUpdates } from '../../src/discord/card-updates.ts';
import { connectDiscord } from '../../src/discord/client.ts';
import { startConsentMessages } from '../../src/discord/consent-messages.ts';
import type { BotServices, Command } from '../../src/discord/command.ts';
import { startDelivery } from '../../src/discord/delivery.ts';
import { registerCommands } from '../../src/discord/register.ts';
import { startRemovals } from '../../src/discord/removal.ts';
import { createRouter } from '../../src/discord/router.ts';
import type { Limits } from '../../src/policy/limits.ts';
import { startLocalRedis } from '../../src/queue/local-redis.ts';
import type { Processors } from '../../src/queue/processor.ts';
import { type JobQueue, openQueue } from '../../src/queue/queue.ts';
import { startWorker } from '../../src/queue/worker.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { localMediaStore } from '../../src/store/local-media-store.ts';
import type { MediaStore } from '../../src/store/media-store.ts';
import { newRequestId } from '../../src/store/request-id.ts';
import { scratchFolder } from '../clips.ts';
import { operationIds } from '../fakes/discord/api/routes.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import type { GuildFixture } from '../fakes/discord/world/guild.ts';
import { madeFileMac } from '../store/fixtures.ts';

export const sourceAddress = 'https://example.org/lumiere';
export const privacyAddress = 'https://example.org/privacy';
export const logKey = new Uint8Array(32).fill(5);

export interface Bench {
  readonly discord: DiscordServer;
  readonly guild: GuildFixture;
  /** The same persons in each of the three languages. */
  readonly alice: Member;
  readonly bernard: Member;
  readonly carla: Member;
  readonly client: Client<true>;
  readonly services: BotServices;
  readonly commands: readonly Command[];
  readonly modelsDir: string;
  readonly db: Database;
  readonly media: MediaStore;
  readonly queue: JobQueue;
  /** What the operator allows from now on. */
  readonly setLimits: (limits: Partial<Limits>) => void;
  readonly setMediaMaxBytes: (most: number) => void;
  /** What the operator says of consent; may be changed. */
  readonly consent: { answerMs: number; outsidersAllowed: boolean };
  /** Lines of the log at level warning and above. */
  readonly troubles: readonly { readonly msg: string }[];
  /** A worker with stand-ins for the engine; stopped with the bench. */
  readonly work: (processors: Processors) => Promise<{ stop: () => Promise<void> }>;
  /** Waits until every handler has ended. */
  readonly settled: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * @param patienceMs after which the router acknowledges in a handler's place; long, for what is slow here is the machine.
 */
export async function startBench({ patienceMs = 60_000 }: { readonly patienceMs?: number } = {}): Promise<Bench> {
  const scratch = await scratchFolder();
  const discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
  // Limits of requests have tests of their own, with the client and the cards.
  for (const operation of operationIds) discord.rateLimits.set(operation, undefined);
  const guild = discord.guild('Old films');
  guild.channel('screening');
  const troubles: { msg: string }[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => troubles.push(JSON.parse(line) as { msg: string }) });
  const redis = await startLocalRedis({ folder: join(scratch.path, 'redis') });
  const opened = await openDatabase({ url: `file:${join(scratch.path, 'lumiere.db')}` });
  const modelsDir = join(scratch.path, 'models');
  await mkdir(modelsDir);
  const { db } = opened;
  const { now } = discord.clock;
  const media = localMediaStore({ folder: join(scratch.path, 'media'), now });
  let limits: Partial<Limits> = {};
  let mediaMaxBytes = 2 ** 30;
  const consent = { answerMs: 24 * 3_600_000, outsidersAllowed: false };
  const queue = await openQueue({ db, redis: redis.address, log, now, limits: { runningPerUser: 1 } });
  const lost: string[] = [];
  const connection = await connectDiscord({
    token: discord.token,
    rest: discord.rest,
    log,
    onLost: (why) => lost.push(why),
  });
  const cards = createCardUpdates({ db, queue, rest: connection.cardRest, now, log, gapMs: 50 });
  const delivery = startDelivery({
    db,
    media,
    queue,
    cards,
    rest: connection.deliveryRest,
    botId: 'bench',
    now,
    log,
    pollMs: 50,
  });
  const rest = connection.deliveryRest;
  const removals = startRemovals({ db, media, rest, now, log, pollMs: 50 });
  const questions = startConsentMessages({ db, rest, now, log, pollMs: 50 });
  const commands = createCommands({ modelsDir, sourceAddress, privacyAddress });
  const services: BotServices = {
    client: connection.client,
    deliveryRest: connection.deliveryRest,
    db,
    queue,
    media,
    cards,
    get limits() {
      return limits;
    },
    get mediaMaxBytes() {
      return mediaMaxBytes;
    },
    consent,
    logKey,
    logDays: 90,
    downloads: { hosts: [], testHosts: [new URL(discord.rest.cdn).host], backOffMs: 10 },
    now,
    newId: () => newRequestId(now()),
    log,
  };
  const router = createRouter({ commands, services, patienceMs });
  router.attach(connection.client);
  const { applicationId } = discord;
  await registerCommands({ rest: connection.client.rest, applicationId, db, commands });

  const workers: { close: (graceMs: number) => Promise<void> }[] = [];
  return {
    discord,
    guild,
    alice: guild.member('alice', { locale: 'en-GB' }),
    bernard: guild.member('bernard', { locale: 'fr' }),
    carla: guild.member('carla', { locale: 'it' }),
    client: connection.client,
    services,
    commands,
    modelsDir,
    db,
    media,
    queue,
    setLimits: (changed) => {
      limits = changed;
    },
    setMediaMaxBytes: (most) => {
      mediaMaxBytes = most;
    },
    consent,
    troubles,
    work: async (processors) => {
      const worker = await startWorker({
        db,
        media,
        redis: redis.address,
        processors,
        madeFileMac,
        scratchFolder: join(scratch.path, 'work'),
        device: 'a stand-in',
        version: '0',
        retentionHours: 72,
        now,
        log,
        timing: { heartbeat: 200, watch: 100 },
      });
      workers.push(worker);
      return {
        stop: async () => {
          workers.splice(workers.indexOf(worker), 1);
          await worker.close(1000);
        },
      };
    },
    settled: () => router.drain(60_000),
    stop: async () => {
      await router.drain();
      await delivery.close();
      await removals.close();
      await questions.close();
      await cards.close();
      await Promise.all(workers.map((worker) => worker.close(1000)));
      await connection.close();
      await queue.close();
      await opened.close();
      await redis.stop();
      await scratch.remove();
      await discord.stop();
    },
  };
}
