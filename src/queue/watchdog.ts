/** Breaks off work that says nothing any more: a device that hangs would hold its slot, and its member, for ever. */
import { LumiereError } from '../engine/errors.ts';
import type { ProgressMeter } from './progress-meter.ts';
import type { Break } from './run-context.ts';

export interface Watchdog {
  /** The same meter; each report is a sign of life. */
  readonly watched: (meter: ProgressMeter) => ProgressMeter;
  /** What to tell instead of `error`, when it was the watchdog that broke the work off. */
  readonly causeOf: (error: unknown) => unknown;
  readonly stop: () => void;
}

/** Aborts `breaking` with `stalled` once nothing was reported for `stallMs` milliseconds. */
export function watchdog(breaking: AbortController, stallMs: number): Watchdog {
  const timer = setTimeout(() => {
    breaking.abort('stalled' satisfies Break);
  }, stallMs);
  return {
    watched: (meter) => ({
      ...meter,
      update: (...report) => {
        timer.refresh();
        meter.update(...report);
      },
    }),
    causeOf: (error) => {
      if (breaking.signal.reason !== ('stalled' satisfies Break)) return error;
      const reason = `no progress for ${Math.round(stallMs / 60_000)} min`;
      return new LumiereError('device.failed', { model: '-', provider: '-', reason }, { cause: error });
    },
    stop: () => {
      clearTimeout(timer);
    },
  };
}
