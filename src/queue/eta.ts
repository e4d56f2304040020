/**
 * When each waiting job will start and end: the fair order is played forward over the slots there are, with the seconds
 * each job is predicted to take and those the running ones have left.
 */
import { countRunning, createLine, type FairLimits, type Served, type Waiting } from './fair-order.ts';

export interface RunningJob {
  readonly userId: string;
  readonly secondsLeft: number;
}

export interface Forecast {
  /** 1 is the next to start. */
  readonly place: number;
  /** Seconds from now; absent when no worker is there to start anything. */
  readonly startsIn?: number;
  readonly endsIn?: number;
}

export interface QueueState {
  readonly waiting: readonly Waiting[];
  readonly served: readonly Served[];
  readonly running: readonly RunningJob[];
  /** Jobs that can run at once, over all workers that are alive. */
  readonly slots: number;
  readonly limits: FairLimits;
}

/** Place and times of every waiting job, by its id. Without a slot the places stand and the times are left out. */
export function forecast({ waiting, served, running, slots, limits }: QueueState): Map<string, Forecast> {
  const line = createLine(waiting, served);
  const counts = countRunning(running, limits);
  const busy = running.map(({ userId, secondsLeft }) => ({ userId, endsIn: secondsLeft }));
  const found = new Map<string, Forecast>();
  const width = Math.max(1, slots);
  let now = 0;
  while (line.length > 0) {
    const job = busy.length < width ? line.take(counts.mayRun) : undefined;
    if (job) {
      const endsIn = now + job.seconds;
      const place = found.size + 1;
      found.set(job.id, slots > 0 ? { place, startsIn: now, endsIn } : { place });
      counts.started(job.userId);
      busy.push({ userId: job.userId, endsIn });
      continue;
    }
    if (busy.length === 0) break; // nobody may run at all
    let first = 0;
    for (let index = 1; index < busy.length; index += 1) {
      if (busy[index]!.endsIn < busy[first]!.endsIn) first = index;
    }
    const [ended] = busy.splice(first, 1);
    now = Math.max(now, ended!.endsIn);
    counts.ended(ended!.userId);
  }
  return found;
}

/** Predictions below this say too little about what one was off by. */
const leastPrediction = 1;
const calibrationRange = { min: 0.1, max: 20 } as const;

/**
 * By what the predictions of lately finished jobs were off: the median of measured over predicted seconds. 1 when
 * nothing has been measured yet.
 */
export function calibrate(finished: readonly { readonly predicted: number; readonly measured: number }[]): number {
  const ratios = finished
    .filter(({ predicted, measured }) => predicted >= leastPrediction && measured > 0)
    .map(({ predicted, measured }) => measured / predicted)
    .sort((a, b) => a - b);
  if (ratios.length === 0) return 1;
  const median = (ratios[(ratios.length - 1) >> 1]! + ratios[ratios.length >> 1]!) / 2;
  return Math.min(calibrationRange.max, Math.max(calibrationRange.min, median));
}

/**
 * Seconds a running job has left: what it says itself, less the time since it said so, else the prediction less what
 * has passed. A job that is overdue is taken to need a tenth of its time again, never less than a second.
 */
export function secondsLeft(job: {
  readonly predicted: number;
  /** Seconds it has been running. */
  readonly elapsed: number;
  readonly reported?: { readonly secondsLeft: number; readonly age: number } | undefined;
}): number {
  const left = job.reported ? job.reported.secondsLeft - job.reported.age : job.predicted - job.elapsed;
  return left > 0 ? Math.max(1, left) : Math.max(1, job.elapsed / 10);
}
