/** Work that is done again and again, never twice at once, and once more when something asks for it meanwhile. */

export interface Repeating {
  /** Does it now. */
  readonly wake: () => void;
  /** Resolves when it has ended for good. */
  readonly close: () => Promise<void>;
}

/** @param everyMs between two rounds that nobody asked for. */
export function repeating(work: () => Promise<void>, everyMs: number, onError: (error: unknown) => void): Repeating {
  let isClosed = false;
  let round: Promise<void> | undefined;
  let again = false;
  const wake = (): void => {
    if (isClosed) return;
    if (round !== undefined) {
      again = true;
      return;
    }
    round = work()
      .catch(onError)
      .finally(() => {
        round = undefined;
        if (!again) return;
        again = false;
        wake();
      });
  };
  const timer = setInterval(wake, everyMs);
  wake();
  return {
    wake,
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      await round;
    },
  };
}
