/** Work that is done again and again beside everything else, one round at a time. */
import type { Logger } from 'pino';

export interface Repeating {
  /** Lets the round that is under way end and begins no other. */
  readonly close: () => Promise<void>;
}

/** Begins at once, then `everyMs` after each round has ended. A round that fails is logged, and the next one tries again. */
export function startRepeating(
  name: string,
  everyMs: number,
  work: (signal: AbortSignal) => Promise<void>,
  log: Logger,
): Repeating {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  const begin = (): void => {
    round = work(stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) log.error({ err: error }, `${name} failed`);
      })
      .then(() => {
        if (!stop.signal.aborted) timer = setTimeout(begin, everyMs);
      });
  };
  begin();
  return {
    close: () => {
      stop.abort();
      clearTimeout(timer);
      return round;
    },
  };
}
