/** Waiting that is given up after a time in which this process ran: one that stood still blames nobody else for it. */

/** So many times within the whole wait this process looks whether it goes on. */
const looks = 10;

/**
 * Calls `giveUp` after `ms` milliseconds, of which a tenth at most is counted at a stretch in which this process did nothing
 * (it was stopped, or its machine was). Returns what ends the waiting.
 */
export function afterWaiting(ms: number, giveUp: () => void): () => void {
  let left = looks;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(() => {
      left -= 1;
      if (left === 0) giveUp();
      else wait();
    }, ms / looks);
  };
  wait();
  return () => {
    clearTimeout(timer);
  };
}
