/** Who is where in the queue, when their turn comes and how far the running ones are: asked often, worked out once a second. */
import type { Database } from '../store/database.ts';
import { forecast, secondsLeft } from './eta.ts';
import type { FairLimits } from './fair-order.ts';
import type { JobProgress } from './job.ts';
import type { QueueEntry } from './job-queue.ts';
import { readQueueRows, type QueueRows } from './queue-rows.ts';
import type { LiveWorker } from './workers.ts';

/** The last that a running request said of itself. */
export interface Heard {
  readonly progress: JobProgress;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Standings {
  /** What runs, then what waits in the order it will start. */
  read(): Promise<ReadonlyMap<string, QueueEntry>>;
  /** The next reading looks at the database again. */
  forget(): void;
}

const freshMs = 1000;

export function createStandings(options: {
  readonly db: Database;
  readonly limits: FairLimits;
  readonly now: () => number;
  readonly heard: ReadonlyMap<string, Heard>;
  readonly workers: () => readonly LiveWorker[];
}): Standings {
  const { db, now } = options;
  let last: { readonly at: number; readonly entries: Promise<ReadonlyMap<string, QueueEntry>> } | undefined;
  return {
    read: async () => {
      if (!last || now() - last.at >= freshMs) {
        const at = now();
        const entries = readQueueRows(db, at).then((rows) => entriesOf(rows, { ...options, at }));
        last = { at, entries };
        // A reading that failed is no reading.
        entries.catch(() => {
          last = undefined;
        });
      }
      return await last.entries;
    },
    forget: () => {
      last = undefined;
    },
  };
}

function entriesOf(
  { waiting, running, served }: QueueRows,
  options: {
    readonly at: number;
    readonly limits: FairLimits;
    readonly heard: ReadonlyMap<string, Heard>;
    readonly workers: () => readonly LiveWorker[];
  },
): ReadonlyMap<string, QueueEntry> {
  const { at, limits, heard } = options;
  const slots = options.workers().reduce((sum, worker) => sum + (worker.closing ? 0 : worker.slots), 0);
  const hasWorker = slots > 0;
  const moment = (seconds: number): Date => new Date(at + seconds * 1000);
  const atWork = running.map((row) => {
    const said = heard.get(row.id);
    const left = secondsLeft({
      predicted: row.seconds,
      elapsed: (at - row.startedAt) / 1000,
      reported:
        said?.progress.secondsLeft === undefined
          ? undefined
          : { secondsLeft: said.progress.secondsLeft, age: (at - said.at) / 1000 },
    });
    return { row, left, progress: said?.progress };
  });
  const entries = new Map<string, QueueEntry>();
  for (const { row, left, progress } of atWork) {
    entries.set(row.id, {
      requestId: row.id,
      userId: row.userId,
      guildId: row.guildId,
      state: 'running',
      hasWorker,
      ...(hasWorker && { endsAt: moment(left) }),
      ...(progress && { progress }),
    });
  }
  const places = forecast({
    waiting,
    served,
    running: atWork.map(({ row, left }) => ({ userId: row.userId, secondsLeft: left })),
    slots,
    limits,
  });
  const byId = new Map(waiting.map((row) => [row.id, row]));
  for (const [id, { place, startsIn, endsIn }] of places) {
    const { userId, guildId } = byId.get(id)!;
    entries.set(id, {
      requestId: id,
      userId,
      guildId,
      state: 'waiting',
      place,
      hasWorker,
      ...(startsIn !== undefined && { startsAt: moment(startsIn) }),
      ...(endsIn !== undefined && { endsAt: moment(endsIn) }),
    });
  }
  return entries;
}
