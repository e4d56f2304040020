/**
 * The bot: the only process that talks to Discord. It takes requests in, keeps the queue fed, shows progress and delivers.
 * With `worker` it also looks after a worker process, for an installation on one machine.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Status } from 'discord.js';

import { createCommands, leftIntakes, resumeIntakes } from '../commands/index.ts';
import { type Config, metricsPorts } from '../config.ts';
import { connectDiscord } from '../discord/client.ts';
import type { BotServices } from '../discord/command.ts';
import { followGuilds } from '../discord/guild-presence.ts';
import { discordHosts, type DownloadRules } from '../discord/intake.ts';
import { registerCommands } from '../discord/register.ts';
import { createRouter } from '../discord/router.ts';
import { type JobQueue, openQueue } from '../queue/queue.ts';
import { startHealthServer } from '../service/health-server.ts';
import { createLog } from '../service/log.ts';
import { createBotMetrics, type QueueFigures } from '../service/metrics.ts';
import { requireDataFolder } from '../store/data-folder.ts';
import { openDatabase } from '../store/database.ts';
import { localMediaStore } from '../store/local-media-store.ts';
import { newRequestId } from '../store/request-id.ts';
import { version } from '../version.ts';
import { closeAll, type Closing, type Opened, unlessStopped } from './closing.ts';
import { inviteAddress } from './invite.ts';
import { openUsageLog } from './open-usage-log.ts';
import { startPosts } from './posts.ts';
import { reachRedis } from './redis.ts';
import { startUpkeep } from './upkeep.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

/** When the bot closes: for answers under way. */
const answersMs = 2000;

export interface BotOptions {
  readonly token: string;
  /** Main module of this program, to run a worker with; no worker when left out. */
  readonly workerEntry?: string;
  /** Ends the bot. Given a reason by whatever finds that it cannot go on. */
  readonly stop: AbortController;
}

/** Runs until it is stopped. Resolves when all is closed; rejects when it could not start or Discord gave it up. */
export async function runBot(config: Config, { token, workerEntry, stop }: BotOptions): Promise<void> {
  const log = createLog(config.logLevel, 'bot');
  const open: Closing[] = [];
  const opened: Opened = (name, close) => void open.push({ name, close });
  let lost: Error | undefined;
  try {
    await requireDataFolder(config);
    const redis = await unlessStopped(stop.signal, reachRedis(config, log), (late) => late.stop());
    if (redis === undefined) return;
    opened('redis', () => redis.stop());
    const database = await openDatabase({ url: config.databaseUrl });
    opened('database', () => database.close());
    const { db } = database;
    let worker: WorkerProcess | undefined;
    opened('worker process', async () => worker?.close());
    const media = localMediaStore({ folder: join(config.dataDir, 'media'), keys: config.mediaKeys });
    const logKey = await openUsageLog(db, join(config.dataDir, 'keys'), log);
    const queue = await openQueue({ db, redis: redis.address, limits: config.limits, log });
    opened('queue', () => queue.close());
    const upkeep = startUpkeep({ db, media, logKey, config, log });
    opened('upkeep', upkeep.close);
    // Read before anybody can ask: what is found was left by an earlier process.
    const left = await leftIntakes({ db, consent: config.consent, now: Date.now });

    const connecting = connectDiscord({
      token,
      log,
      ...restOf(config),
      onLost: (reason) => {
        lost = new Error(`Discord ended the connection: ${reason}`);
        stop.abort();
      },
    });
    const discord = await unlessStopped(stop.signal, connecting, (late) => late.close());
    if (discord === undefined) return;
    // From here to the router nothing is waited for: a member may ask as soon as the gateway is ready.
    opened('gateway', () => discord.close());
    const { client } = discord;
    const presence = followGuilds({ client, db, now: Date.now, log });
    opened('servers', presence.close);
    const metrics = createBotMetrics(() => queueFigures(queue));
    const cards = startPosts({ db, media, queue, discord, onTry: metrics.deliveryTry, log }, opened);

    const commands = createCommands({
      modelsDir: config.modelsDir,
      sourceAddress: config.sourceAddress,
      privacyAddress: config.privacyAddress,
    });
    const services: BotServices = {
      ...{ client, db, queue, media, cards, log, logKey },
      deliveryRest: discord.deliveryRest,
      limits: config.limits,
      consent: config.consent,
      logDays: config.logDays,
      mediaMaxBytes: config.mediaMaxBytes,
      downloads: downloadRules(config),
      now: Date.now,
      newId: () => newRequestId(Date.now()),
    };
    const router = createRouter({
      commands,
      services,
      onAcknowledged: metrics.acknowledged,
      onFault: metrics.fault,
    });
    const detach = router.attach(client);
    opened('router', (graceMs) => {
      detach();
      return router.drain(Math.min(answersMs, graceMs));
    });

    const resuming = resumeIntakes(services, { modelsDir: config.modelsDir, left, signal: stop.signal });
    opened('intakes', async (graceMs) => {
      await Promise.race([resuming, sleep(Math.min(answersMs, graceMs), undefined, { ref: false })]);
    });
    const applicationId = client.application.id;
    const registering = registerCommands({ rest: client.rest, applicationId, db, commands });
    const registered = await unlessStopped(stop.signal, registering);
    await unlessStopped(stop.signal, cards.resume());
    if (stop.signal.aborted) return;

    const port = config.metricsPort ?? metricsPorts.bot;
    if (port !== 0) {
      const checks = {
        discord: () => client.isReady() && client.ws.shards.every(({ status }) => status === Status.Ready),
        redis: () => queue.isConnected(),
        database: async () => (await db.$queryRaw`SELECT 1`) !== undefined,
      };
      const server = await startHealthServer({ host: config.metricsHost, port, registry: metrics.registry, checks });
      opened('health server', () => server.close());
    }
    if (workerEntry !== undefined) {
      const started = (worker = startWorkerProcess(workerEntry, log));
      // Told at once, and waited for when all that does not need it is closed.
      stop.signal.addEventListener('abort', () => void started.close());
    }
    const resumed = left.length;
    log.info(
      { version, registered, resumed, guilds: client.guilds.cache.size, invite: inviteAddress(applicationId) },
      'ready',
    );
    await new Promise<void>((resolve) => {
      if (stop.signal.aborted) resolve();
      stop.signal.addEventListener('abort', () => {
        resolve();
      });
    });
  } finally {
    await closeAll(open, log);
  }
  log.info('stopped');
  if (lost !== undefined) throw lost;
}

function restOf({ discordApi, discordCdn }: Config): { rest?: { api: string; cdn: string } } {
  if (discordApi === undefined) return {};
  return { rest: { api: discordApi, cdn: discordCdn ?? discordApi } };
}

function downloadRules({ discordCdn }: Config): DownloadRules {
  return { hosts: discordHosts, testHosts: discordCdn === undefined ? [] : [new URL(discordCdn).host] };
}

async function queueFigures(queue: JobQueue): Promise<QueueFigures> {
  const { entries, workers } = await queue.overview();
  const running = entries.filter(({ state }) => state === 'running').length;
  return { running, waiting: entries.length - running, workers: workers.length };
}
