/** From the engine's counts to what a member reads: frames a second, seconds left, and no more than two reports a second. */
import { countsFrames, type JobProgress } from './job.ts';

/** Two a second, which is more than Discord lets us show. */
const defaultEveryMs = 500;
/** The rate is measured over the last seconds: what is slow at first must not be held against it for ever. */
const windowMs = 10_000;
/** A rate measured over less time than this says little. */
const leastWindowMs = 2000;
/** The share of a stage that has to be done before it says how long the rest will take. */
const leastShare = 0.05;

export interface ProgressMeter {
  update(stage: JobProgress['stage'], done: number, total: number): void;
  /** Seconds the whole job is predicted to take from its beginning, once the plan is made. */
  predict(seconds: number): void;
}

/**
 * Tells `publish` of the first progress of every stage at once, and of the rest at most every `everyMs`. `now` in
 * milliseconds, counted from any moment.
 */
export function createProgressMeter(options: {
  readonly now: () => number;
  readonly publish: (progress: JobProgress) => void;
  readonly everyMs?: number;
}): ProgressMeter {
  const { now, publish, everyMs = defaultEveryMs } = options;
  const began = now();
  let predicted: number | undefined;
  let stage: JobProgress['stage'] | undefined;
  let stageBegan = began;
  let published = -Infinity;
  let samples: { readonly at: number; readonly done: number }[] = [];

  const rate = (at: number, done: number): number | undefined => {
    const first = samples[0];
    if (!first || at - first.at < leastWindowMs || done <= first.done) return undefined;
    return (done - first.done) / ((at - first.at) / 1000);
  };
  const left = (at: number, done: number, total: number, perSecond: number | undefined): number | undefined => {
    const byPlan = predicted === undefined ? undefined : predicted - (at - began) / 1000;
    if (stage === 'restore' || stage === 'animate') {
      return perSecond === undefined ? positive(byPlan) : (total - done) / perSecond;
    }
    // Most of the work is still to come.
    if (stage === 'prepare' || stage === 'follow' || stage === 'listen') return positive(byPlan);
    if (total <= 0 || done / total < leastShare) return positive(byPlan);
    return ((at - stageBegan) / 1000) * ((total - done) / done);
  };

  return {
    predict: (seconds) => {
      predicted = seconds;
    },
    update: (name, done, total) => {
      const at = now();
      const isNew = name !== stage;
      if (isNew) {
        stage = name;
        stageBegan = at;
        samples = [];
      }
      const last = samples.at(-1);
      if (!last || at - last.at >= everyMs / 2) samples.push({ at, done });
      while (samples.length > 1 && samples[1]!.at <= at - windowMs) samples.shift();
      if (!isNew && at - published < everyMs) return;
      published = at;
      const framesPerSecond = countsFrames(name) ? rate(at, done) : undefined;
      const secondsLeft = left(at, done, total, framesPerSecond);
      publish({
        stage: name,
        done,
        total,
        ...(framesPerSecond !== undefined && { framesPerSecond }),
        ...(secondsLeft !== undefined && { secondsLeft }),
      });
    },
  };
}

const positive = (seconds: number | undefined): number | undefined =>
  seconds === undefined || seconds <= 0 ? undefined : seconds;
