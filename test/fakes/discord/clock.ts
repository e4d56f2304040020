/**
 * The server's time: real time that a test moves forward at will. Deadlines (3 s to acknowledge, 15 min for a token,
 * 24 h for an attachment's address) are compared with it whenever somebody asks, so no test has to sleep through one.
 */
export interface Clock {
  /** Milliseconds since 1970. Never goes back. */
  readonly now: () => number;
  /** Jumps forward. @throws RangeError when `milliseconds` is negative or not finite. */
  readonly advance: (milliseconds: number) => void;
  /** Stops time; `advance` still moves it. For tests of the exact edge of a deadline. */
  readonly freeze: () => void;
  /** Lets time run again from where it stands. */
  readonly thaw: () => void;
}

/** @param real the clock underneath, `Date.now` by default. */
export function createClock(real: () => number = Date.now): Clock {
  let ahead = 0;
  let frozenAt: number | undefined;
  const now = (): number => frozenAt ?? real() + ahead;
  return {
    now,
    advance: (milliseconds) => {
      if (!Number.isFinite(milliseconds) || milliseconds < 0) {
        throw new RangeError(`expected a time to advance by of 0 ms or more but received ${milliseconds}`);
      }
      ahead += milliseconds;
      if (frozenAt !== undefined) frozenAt += milliseconds;
    },
    freeze: () => {
      frozenAt ??= real() + ahead;
    },
    thaw: () => {
      if (frozenAt === undefined) return;
      ahead = frozenAt - real();
      frozenAt = undefined;
    },
  };
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
