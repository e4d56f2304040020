/**
 * What is measured for Prometheus: how fast members are answered, what waits and runs, how deliveries end, how the event
 * loop fares. Labels are commands, states and places; never a member, a server or a request.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Discord gives up after three seconds; the project's own aim is half a second. */
const acknowledgementBuckets = [0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3];
const jobBuckets = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];

export interface QueueFigures {
  readonly waiting: number;
  readonly running: number;
  readonly workers: number;
}

export interface BotMetrics {
  readonly registry: Registry;
  readonly acknowledged: (command: string, milliseconds: number) => void;
  readonly fault: (command: string) => void;
  readonly deliveryTry: (place: string, outcome: string) => void;
}

function createRegistry(role: 'bot' | 'worker'): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry, prefix: 'lumiere_' });
  return registry;
}

/** @param readQueue asked at each scrape; what it rejects with fails that scrape alone */
export function createBotMetrics(readQueue: () => Promise<QueueFigures>): BotMetrics {
  const registry = createRegistry('bot');
  const registers = [registry];
  const acknowledgements = new Histogram({
    name: 'lumiere_acknowledgement_seconds',
    help: 'From the arrival of an interaction until Discord has taken the first answer.',
    labelNames: ['command'],
    buckets: acknowledgementBuckets,
    registers,
  });
  const faults = new Counter({
    name: 'lumiere_faults_total',
    help: 'Answers that failed by a fault of the bot.',
    labelNames: ['command'],
    registers,
  });
  const tries = new Counter({
    name: 'lumiere_delivery_tries_total',
    help: 'Attempts to send a result, by place and outcome.',
    labelNames: ['place', 'outcome'],
    registers,
  });
  const figures: Record<keyof QueueFigures, string> = {
    waiting: 'Requests that wait.',
    running: 'Requests that are being worked on.',
    workers: 'Workers that are alive.',
  };
  // The three are read at once: the first of them that is collected asks, the others follow.
  let reading: Promise<QueueFigures> | undefined;
  for (const name of Object.keys(figures) as (keyof QueueFigures)[]) {
    new Gauge({
      name: `lumiere_queue_${name}`,
      help: figures[name],
      registers,
      async collect() {
        reading ??= readQueue().finally(() => {
          reading = undefined;
        });
        this.set((await reading)[name]);
      },
    });
  }
  return {
    registry,
    acknowledged: (command, milliseconds) => {
      acknowledgements.observe({ command }, milliseconds / 1000);
    },
    fault: (command) => {
      faults.inc({ command });
    },
    deliveryTry: (place, outcome) => {
      tries.inc({ place, outcome });
    },
  };
}

export interface WorkerMetrics {
  readonly registry: Registry;
  /** @param outcome `done`, `failed` or `stopped` (cancelled or handed back) */
  readonly jobEnded: (kind: string, outcome: string, seconds: number) => void;
}

export function createWorkerMetrics(): WorkerMetrics {
  const registry = createRegistry('worker');
  const jobs = new Histogram({
    name: 'lumiere_job_seconds',
    help: 'How long jobs took on this worker, by kind and outcome.',
    labelNames: ['kind', 'outcome'],
    buckets: jobBuckets,
    registers: [registry],
  });
  return {
    registry,
    jobEnded: (kind, outcome, seconds) => {
      jobs.observe({ kind, outcome }, seconds);
    },
  };
}
