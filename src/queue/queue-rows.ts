/** What the database says about the queue: who waits, who runs, and whose turn it was before. */
import { setImmediate } from 'node:timers/promises';

import type { Database } from '../store/database.ts';
import { calibrate } from './eta.ts';
import type { Command, Request } from '../store/rows.ts';
import type { Served, Waiting } from './fair-order.ts';

export interface RunningRow {
  readonly id: string;
  readonly guildId: string | null;
  readonly userId: string;
  readonly workerId: string | null;
  readonly attempts: number;
  readonly cancelAsked: boolean;
  /** Why it was asked to stop, where there was a reason. */
  readonly code: string | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of compute, all of it. */
  readonly seconds: number;
}

export interface QueueRows {
  readonly waiting: readonly (Waiting & { readonly command: Command })[];
  readonly running: readonly RunningRow[];
  /** Requests that were started lately, in that order, the running ones among them. */
  readonly served: readonly Served[];
}

/** Who was served longer ago than this has no claim left to settle. */
const servedWindowMs = 6 * 3_600_000;
const mostServed = 400;
/** Lately finished requests by which predictions are corrected. */
const calibratedBy = 30;
/** Seconds that a request without a prediction is taken to need while nothing has been measured. */
const unknownSeconds = 60;

const columns = {
  id: true,
  command: true,
  state: true,
  guildId: true,
  requesterId: true,
  priority: true,
  queuedAt: true,
  createdAt: true,
  startedAt: true,
  predictedSeconds: true,
  computeSeconds: true,
} as const;

/** Reads all that dispatching and forecasting need. Predictions are corrected by what was measured lately. */
export async function readQueueRows(db: Database, now: number): Promise<QueueRows> {
  const open = await db.request.findMany({
    where: { state: { in: ['waiting', 'running'] } },
    select: { ...columns, workerId: true, attempts: true, cancelAskedAt: true, code: true },
  });
  // SQLite is read on this thread: what else waits for it goes between.
  await setImmediate();
  const started = await db.request.findMany({
    // By their start: a request may have waited longer than the window.
    where: { startedAt: { gte: new Date(now - servedWindowMs) } },
    select: columns,
    orderBy: { startedAt: 'desc' },
    take: mostServed,
  });
  await setImmediate();
  const measured = started.flatMap(({ command, predictedSeconds, computeSeconds, state }) =>
    predictedSeconds !== null && computeSeconds !== null && state !== 'cancelled' && state !== 'failed'
      ? [{ command, predicted: predictedSeconds, measured: computeSeconds }]
      : [],
  );
  // Each kind of work is predicted by figures of its own.
  const correctionOf = (wanted: Command): number =>
    calibrate(measured.filter(({ command }) => command === wanted).slice(0, calibratedBy));
  const corrections = { restore: correctionOf('restore'), animate: correctionOf('animate') } as const;
  const secondsOf = ({ command, predictedSeconds }: Pick<Request, 'command' | 'predictedSeconds'>): number =>
    (predictedSeconds ?? unknownSeconds) * corrections[command];
  return {
    waiting: open
      .filter(({ state }) => state === 'waiting')
      .map((row) => ({
        id: row.id,
        command: row.command,
        guildId: row.guildId,
        userId: row.requesterId,
        priority: row.priority,
        queuedAt: (row.queuedAt ?? row.createdAt).getTime(),
        seconds: secondsOf(row),
      })),
    running: open
      .filter(({ state }) => state === 'running')
      .map((row) => ({
        id: row.id,
        guildId: row.guildId,
        userId: row.requesterId,
        workerId: row.workerId,
        attempts: row.attempts,
        cancelAsked: row.cancelAskedAt !== null,
        code: row.code,
        startedAt: (row.startedAt ?? row.createdAt).getTime(),
        seconds: secondsOf(row),
      })),
    served: started
      .sort((a, b) => a.startedAt!.getTime() - b.startedAt!.getTime() || (a.id < b.id ? -1 : 1))
      .map((row) => ({
        guildId: row.guildId,
        userId: row.requesterId,
        seconds: row.computeSeconds ?? secondsOf(row),
      })),
  };
}
