/** Waiting for what only a question to a database or a process can tell. */
import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 100;

/** Resolves when `look` says true; rejects with `because` after `withinMs`. */
export async function eventually(look: () => Promise<boolean>, because: string, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await look())) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${because}`);
    await sleep(everyMs);
  }
}
