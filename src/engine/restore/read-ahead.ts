/** Lets two neighbouring stages work at the same time: the one before fetches the next frames while the one after is busy. */

/**
 * Yields what `source` yields, pulling up to `depth` items before they are asked for. An error of the source comes when
 * its turn has come; leaving the loop early ends the source.
 */
export async function* readAhead<T>(source: AsyncIterable<T>, depth: number): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const pending: Promise<IteratorResult<T>>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const pull = (): void => {
    // One after the other: generators queue calls, other iterators may not.
    const next = last.then(() => iterator.next());
    last = next;
    next.catch(() => undefined);
    pending.push(next);
  };
  try {
    for (let i = 0; i < depth; i++) pull();
    for (;;) {
      const next = await pending.shift()!;
      if (next.done === true) return;
      pull();
      yield next.value;
    }
  } finally {
    await Promise.allSettled(pending);
    await iterator.return?.();
  }
}

/**
 * Pulls the first item now and yields it when asked, with all that follow: whatever the source starts to make its first
 * item (a decoder's process) is started before the caller goes on.
 */
export function begun<T>(source: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  const first = iterator.next();
  first.catch(() => undefined);
  return (async function* () {
    try {
      for (let next = await first; next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
