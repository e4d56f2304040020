/** Keeps several pieces of work under way and hands them on in order: what threads draw, look at and encode side by side. */

/**
 * `work` of each item of `source`, in order, with up to `depth` of them begun before the first is asked for. The first that
 * fails is thrown when its turn comes; the others are waited for, so that nothing goes on behind the caller's back.
 */
export async function* workAhead<T, U>(
  source: AsyncIterable<T> | Iterable<T>,
  depth: number,
  work: (item: T) => Promise<U>,
): AsyncGenerator<U> {
  const begun: Promise<U>[] = [];
  try {
    for await (const item of source) {
      const running = work(item);
      running.catch(() => undefined);
      begun.push(running);
      if (begun.length >= depth) yield await begun.shift()!;
    }
    while (begun.length > 0) yield await begun.shift()!;
  } finally {
    await Promise.allSettled(begun);
  }
}
