/** Closing what was opened, last first, and never for longer than the time that a supervisor gives. */
import type { Logger } from 'pino';

export interface Closing {
  readonly name: string;
  /** Given the milliseconds that are left for everything. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** Everything is closed in ten seconds, the process's end included. */
const graceMs = 9000;

/** Closes all, whatever goes wrong with one; a fault is logged and the next one has its turn. */
export async function closeAll(open: readonly Closing[], log: Logger): Promise<void> {
  const end = performance.now() + graceMs;
  for (const { name, close } of open.toReversed()) {
    try {
      await close(Math.max(0, end - performance.now()));
    } catch (error) {
      log.error({ err: error, part: name }, 'a part did not close');
    }
  }
}
