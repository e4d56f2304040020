/** Long loops over pixels take turns with all else that this thread has to do. */

/** Milliseconds a turn. */
const turnMs = 5;

export interface Turns {
  /** Whether the turn is over; asked for between rows or pieces of some tens of thousands of bytes. */
  isOver(): boolean;
  /** Lets the others have theirs. */
  pass(): Promise<void>;
}

export function takeTurns(): Turns {
  let began = performance.now();
  return {
    isOver: () => performance.now() - began > turnMs,
    async pass() {
      await new Promise(setImmediate);
      began = performance.now();
    },
  };
}
