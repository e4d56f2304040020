/** A few pieces of work at the same time, so that one for which Discord does not answer does not hold up the others. */
const atOnce = 3;

/** Does `work` for each item, three at a time, and begins no more once `signal` is aborted. Rejects when all that was begun has ended. */
export async function sideBySide<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const left = items.values();
  const ends = await Promise.allSettled(
    Array.from({ length: atOnce }, async () => {
      for (const item of left) {
        if (signal.aborted) return;
        await work(item);
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
