/** Lets a test wait for something to become true: told of every change, it looks again. */

export interface Changes {
  /** Something a test may wait for has happened. */
  readonly notify: () => void;
  /**
   * Waits until `look` gives something other than undefined, null or false, and returns it.
   * @param because ends the message of the error thrown when `within` milliseconds have passed.
   */
  readonly until: <T>(look: () => T, because: string, within?: number) => Promise<NonNullable<T>>;
}

const isThere = <T>(value: T): value is NonNullable<T> => value !== undefined && value !== null && value !== false;

/** @param story what to add to the error when waiting was in vain, such as the last requests. */
export function createChanges(story: () => string): Changes {
  const waiting = new Set<() => void>();
  let isTold = false;
  return {
    notify: () => {
      // Once a turn is enough, however many requests it served.
      if (isTold) return;
      isTold = true;
      setImmediate(() => {
        isTold = false;
        for (const look of [...waiting]) look();
      });
    },
    until: async (look, because, within = 60_000) =>
      new Promise((resolve, reject) => {
        // Deadlines pass without an event, so it also looks now and then.
        const again = setInterval(check, 25);
        const giveUp = setTimeout(() => {
          stop();
          reject(new Error(`waited ${within} ms in vain for ${because}\n${story()}`));
        }, within);
        function stop(): void {
          clearInterval(again);
          clearTimeout(giveUp);
          waiting.delete(check);
        }
        function check(): void {
          try {
            const value = look();
            if (!isThere(value)) return;
            stop();
            resolve(value);
          } catch (error) {
            stop();
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        }
        waiting.add(check);
        check();
      }),
  };
}
