/** The worker: weights first, then jobs until it is told to stop. It never talks to Discord. */
import { join } from 'node:path';

import { type Config, metricsPorts } from '../config.ts';
import { expiresSoon, openIdentity } from '../engine/provenance/identity.ts';
import { describeDevice } from '../engine/model/device-report.ts';
import { installModel } from '../engine/model/install.ts';
import { listModels } from '../engine/model/model-list.ts';
import type { Machine } from '../engine/restore/plan/machine.ts';
import { chooseLanguage, createTranslate } from '../locale.ts';
import { animateProcessor, lookProcessor } from '../queue/animate-processor.ts';
import { pictureProcessor } from '../queue/picture-processor.ts';
import type { Processors } from '../queue/processor.ts';
import { restoreProcessor } from '../queue/restore-processor.ts';
import { compareProcessor, refitProcessor, verifyProcessor } from '../queue/result-processors.ts';
import { startWorker } from '../queue/worker.ts';
import { startHealthServer } from '../service/health-server.ts';
import { createLog } from '../service/log.ts';
import { createWorkerMetrics, type WorkerMetrics } from '../service/metrics.ts';
import { requireDataFolder } from '../store/data-folder.ts';
import { openDatabase } from '../store/database.ts';
import { openMadeFileMac } from '../store/made-file-mac.ts';
import { localMediaStore } from '../store/local-media-store.ts';
import { version } from '../version.ts';
import type { Logger } from 'pino';
import { closeAll, closeWithinMs, type Closing, forkedCloseWithinMs, unlessStopped } from './closing.ts';
import { reachRedis } from './redis.ts';

export interface WorkerRole {
  /** Ends the worker. */
  readonly stop: AbortSignal;
  /** A bot on this machine started it: its health server has the port after the bot's, and the bot waits for its end. */
  readonly isForked: boolean;
}

/** What every animation says of itself, in the language of the member who asked. */
const animationLabel = (locale: string): string => createTranslate(chooseLanguage([locale]))('animate.label');

/** Runs until it is stopped, then hands back what it has in hand. Resolves when all is closed. */
export async function runWorker(config: Config, { stop, isForked }: WorkerRole): Promise<void> {
  const log = createLog(config.logLevel, 'worker');
  const open: Closing[] = [];
  try {
    await requireDataFolder(config);
    const machine: Machine = {
      modelsDir: config.modelsDir,
      ...(config.providers && { providers: config.providers }),
      ...(config.threads !== undefined && { threads: config.threads }),
    };
    // Before anything is fetched: a certificate that cannot be used ends this process at once.
    const identity = await openIdentity(join(config.dataDir, 'keys'), config.certificate);
    const { name, signedBy, fingerprint, expiresAt } = identity;
    log.info({ name, signedBy, fingerprint, expiresAt }, 'signs what it makes');
    if (expiresSoon(expiresAt, Date.now())) log.warn({ name, expiresAt }, 'the certificate expires soon');
    const marking = { identity, version };
    await unlessStopped(stop, installMissingModels(config, log, stop));
    if (stop.aborted) return;
    const redis = await unlessStopped(stop, reachRedis(config, log), (late) => late.stop());
    if (redis === undefined) return;
    open.push({ name: 'redis', close: () => redis.stop() });
    const database = await openDatabase({ url: config.databaseUrl });
    open.push({ name: 'database', close: () => database.close() });
    const metrics = createWorkerMetrics();
    const device = await deviceName(machine);
    let isConnected = (): boolean => false;
    // Before the worker: a port that is taken ends this process while it has no job yet.
    const port = healthPort(config.metricsPort, isForked);
    if (port !== 0) {
      const checks = {
        redis: () => isConnected(),
        database: async () => (await database.db.$queryRaw`SELECT 1`) !== undefined,
      };
      const server = await startHealthServer({ host: config.metricsHost, port, registry: metrics.registry, checks });
      open.push({ name: 'health server', close: () => server.close() });
    }
    const starting = startWorker({
      db: database.db,
      media: localMediaStore({ folder: join(config.dataDir, 'media'), keys: config.mediaKeys }),
      redis: redis.address,
      processors: measured(
        {
          restore: restoreProcessor({ machine, label: config.label, marking }),
          animate: animateProcessor({ machine, label: animationLabel, marking }),
          look: lookProcessor({ machine, label: animationLabel }),
          picture: pictureProcessor,
          refit: refitProcessor({ marking }),
          compare: compareProcessor({ marking }),
          verify: verifyProcessor({ marking }),
        },
        metrics,
      ),
      madeFileMac: openMadeFileMac(identity.watermarkKey),
      scratchFolder: join(config.dataDir, 'scratch'),
      device,
      slots: config.workerSlots,
      version,
      retentionHours: config.limits.resultRetentionHours,
      log,
    });
    const worker = await unlessStopped(stop, starting, (late) => late.close(0));
    if (worker === undefined) return;
    isConnected = () => worker.isConnected();
    open.push({ name: 'worker', close: (graceMs) => worker.close(graceMs) });
    log.info({ device, slots: config.workerSlots, version }, 'worker ready');
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => {
        resolve();
      });
    });
  } finally {
    await closeAll(open, log, isForked ? forkedCloseWithinMs : closeWithinMs);
  }
  log.info('stopped');
}

/** 0: none. A bot and its worker are given one setting and cannot have one port. */
function healthPort(given: number | undefined, isForked: boolean): number {
  if (given === undefined) return metricsPorts.worker;
  return given === 0 || !isForked ? given : given + 1;
}

/** Counts each job with how it ended and how long it took. */
function measured(processors: Processors, metrics: WorkerMetrics): Processors {
  const count =
    <Work, Made>(kind: string, process: (work: Work & { readonly signal: AbortSignal }) => Promise<Made>) =>
    async (work: Work & { readonly signal: AbortSignal }): Promise<Made> => {
      const begun = performance.now();
      let outcome = 'failed';
      try {
        const made = await process(work);
        outcome = 'done';
        return made;
      } finally {
        if (work.signal.aborted) outcome = 'stopped';
        metrics.jobEnded(kind, outcome, (performance.now() - begun) / 1000);
      }
    };
  return {
    restore: count('restore', processors.restore),
    animate: count('animate', processors.animate),
    look: count('look', processors.look),
    refit: count('refit', processors.refit),
    compare: count('compare', processors.compare),
    picture: count('picture', processors.picture),
    verify: count('verify', processors.verify),
  };
}

/** A container or a new machine starts without weights; a job that finds none would be lost. */
async function installMissingModels({ modelsDir, mirrorDir }: Config, log: Logger, signal: AbortSignal): Promise<void> {
  for (const { entry, state } of await listModels(modelsDir)) {
    if (!entry.required || state === 'installed') continue;
    log.info({ model: entry.id }, 'fetching weights');
    await installModel(entry.id, { cacheDir: modelsDir, mirror: mirrorDir, signal });
  }
}

async function deviceName({ modelsDir, ...machine }: Machine): Promise<string> {
  const report = await describeDevice({ memoryFile: join(modelsDir, 'providers.json'), ...machine });
  return `${report.chosen ?? 'cpu'}, ${report.processor}`;
}
