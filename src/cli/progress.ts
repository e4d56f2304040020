/**
 * Shows how a job goes on: one line that is rewritten on a terminal, plain lines when the output goes to a file, JSON
 * lines with `--json`; always on stderr, so that stdout holds the answer alone. The rate is taken over the last ten
 * seconds: an average since the start would hide that the expensive stage has only just begun.
 */
import type { JobStage } from '../engine/restore/restore.ts';
import type { Translate } from '../locale.ts';
import { formatDuration } from '../locale.ts';
import type { Terminal } from './terminal.ts';

/** Where a job stands. `stage` is a key of the locale under `stage.`. */
export interface ProgressUpdate {
  readonly stage: string;
  /** What is being worked on, such as the name of a file. */
  readonly detail?: string | undefined;
  /** Frames (or bytes, for a download) done in this stage. */
  readonly done: number;
  /** All there will be, when known. */
  readonly total?: number | undefined;
  /** What is counted; frames unless said otherwise. */
  readonly unit?: 'frames' | 'bytes' | 'percent' | undefined;
}

export interface Progress {
  update(update: ProgressUpdate): void;
  /** Leaves the terminal's line clean, for what is printed next. */
  end(): void;
}

/** A job's `onProgress`: frames while the picture is made, hundredths while the result is fitted and its sound made. */
export function showJob(progress: Progress): (stage: JobStage, done: number, total: number) => void {
  return (stage, done, total) => {
    progress.update({ stage, done, total, unit: stage === 'restore' ? 'frames' : 'percent' });
  };
}

const rateWindowMs = 10_000;
const terminalIntervalMs = 100;
const plainIntervalMs = 5000;

interface Sample {
  readonly at: number;
  readonly done: number;
}

/** Frames (or bytes) per second over the last ten seconds of the present stage, and the seconds left at that rate. */
export function createRateMeter(): (
  update: ProgressUpdate,
  now: number,
) => { perSecond: number; secondsLeft: number | undefined } {
  let stage: string | undefined;
  let samples: Sample[] = [];
  return (update, now) => {
    const step = `${update.stage} ${update.detail ?? ''}`;
    if (step !== stage) samples = [];
    stage = step;
    samples.push({ at: now, done: update.done });
    while (samples.length > 2 && now - samples[1]!.at >= rateWindowMs) samples.shift();
    const first = samples[0]!;
    const seconds = (now - first.at) / 1000;
    const perSecond = seconds > 0 ? (update.done - first.done) / seconds : 0;
    const known = update.total !== undefined && perSecond > 0;
    return { perSecond, secondsLeft: known ? Math.max(0, update.total - update.done) / perSecond : undefined };
  };
}

export function createProgress(
  terminal: Terminal,
  t: Translate,
  now: () => number = () => performance.now(),
): Progress {
  const { stderr } = terminal;
  const live = stderr.isTTY === true && !terminal.json;
  const meter = createRateMeter();
  const interval = live ? terminalIntervalMs : plainIntervalMs;
  let lastWritten = -Infinity;
  let lastStage: string | undefined;
  let drawn = false;

  const count = ({ done, total, unit = 'frames' }: ProgressUpdate): string => {
    const kind = unit === 'bytes' ? 'bytes' : 'frames';
    return total === undefined ? t(`progress.${kind}-so-far`, { done }) : t(`progress.${kind}`, { done, total });
  };

  const describe = (update: ProgressUpdate, rate: ReturnType<ReturnType<typeof createRateMeter>>): string => {
    const bytes = update.unit === 'bytes';
    const parts = [t(`stage.${update.stage}`) + (update.detail === undefined ? '' : ` ${update.detail}`)];
    if (update.total !== undefined && update.total > 0) {
      const part = Math.min(1, update.done / update.total);
      if (live) parts.push(bar(part));
      parts.push(`${Math.floor(part * 100)}%`);
    }
    const counted = update.unit !== 'percent' && (update.done > 0 || update.total !== undefined);
    if (counted) parts.push(count(update));
    if (counted && rate.perSecond > 0) {
      parts.push(
        bytes ? t('progress.bytes-rate', { rate: rate.perSecond }) : t('progress.rate', { rate: rate.perSecond }),
      );
    }
    if (rate.secondsLeft !== undefined && update.done < (update.total ?? 0)) {
      parts.push(t('progress.left', { time: formatDuration(rate.secondsLeft) }));
    }
    return parts.join('  ');
  };

  return {
    update(update) {
      const at = now();
      const rate = meter(update, at);
      const finished = update.total !== undefined && update.done >= update.total;
      const step = `${update.stage} ${update.detail ?? ''}`;
      const newStage = step !== lastStage;
      if (at - lastWritten < interval && !newStage && !(finished && live)) return;
      lastWritten = at;
      lastStage = step;
      if (terminal.json) {
        stderr.write(
          `${JSON.stringify({ event: 'progress', ...update, perSecond: round(rate.perSecond), secondsLeft: round(rate.secondsLeft) })}\n`,
        );
      } else if (live) {
        const line = describe(update, rate).slice(0, Math.max(20, (stderr.columns ?? 80) - 1));
        stderr.write(`\r\x1b[K${line}`);
        drawn = true;
      } else {
        stderr.write(`${describe(update, rate)}\n`);
      }
    },
    end() {
      if (drawn) stderr.write('\r\x1b[K');
      drawn = false;
    },
  };
}

function round(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 100) / 100;
}

function bar(part: number): string {
  const width = 20;
  const full = Math.round(part * width);
  return `[${'='.repeat(full)}${' '.repeat(width - full)}]`;
}
