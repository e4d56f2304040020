/** Work that is done again and again beside everything else, never twice at once. */

export interface Repeating {
  /** Does it now, or once more when it is under way. */
  readonly wake: () => void;
  /** Begins no other round; resolves when the one under way has ended. */
  readonly close: () => Promise<void>;
}

/**
 * Begins at once, then `everyMs` after each round has ended.
 * @param work told by its signal that no more is wanted.
 * @param onError told why a round failed; the next one tries again.
 */
export function repeating(
  work: (signal: AbortSignal) => Promise<void>,
  everyMs: number,
  onError: (error: unknown) => void,
): Repeating {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  let again = false;
  const wake = (): void => {
    if (stop.signal.aborted) return;
    if (round !== undefined) {
      again = true;
      return;
    }
    clearTimeout(timer);
    round = work(stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) onError(error);
      })
      .finally(() => {
        round = undefined;
        if (again) {
          again = false;
          wake();
        } else if (!stop.signal.aborted) timer = setTimeout(wake, everyMs);
      });
  };
  wake();
  return {
    wake,
    close: async () => {
      stop.abort();
      clearTimeout(timer);
      await round;
    },
  };
}
