/** Lets a few pieces of work run at the same time and the others wait in the order they came. */

export type Turns = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** @param most how many run at once. */
export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      // The place is handed on, not given back: nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
