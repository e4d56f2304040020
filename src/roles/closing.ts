/** Closing what was opened, last first, and never for longer than the time that a supervisor gives. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface Closing {
  readonly name: string;
  /** Given the milliseconds that are left for everything. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** Told of each part as it is opened: they are closed the other way round. */
export type Opened = (name: string, close: Closing['close']) => void;

/** Everything is closed in ten seconds, the process's end included. */
export const closeWithinMs = 9000;
/** For the worker that a bot looks after and waits for. */
export const forkedCloseWithinMs = 6000;
/** Kept back for each part that is still to come, so that one that hangs does not take all the time. */
const reserveMs = 250;

/** Closes all, whatever goes wrong with one; a fault or a part that takes too long is logged and the next one has its turn. */
export async function closeAll(open: readonly Closing[], log: Logger, graceMs = closeWithinMs): Promise<void> {
  const end = performance.now() + graceMs;
  for (const [before, { name, close }] of [...open.entries()].reverse()) {
    const left = Math.max(reserveMs, end - performance.now() - before * reserveMs);
    const over = new AbortController();
    const late = sleep(left, true, { signal: over.signal }).catch(() => false);
    try {
      const closing = close(left).then(() => false);
      closing.catch(() => undefined); // it may still fail when nobody waits any more
      if (await Promise.race([closing, late])) log.error({ part: name }, 'a part did not close in time');
    } catch (error) {
      log.error({ err: error, part: name }, 'a part did not close');
    } finally {
      over.abort();
    }
  }
}

/**
 * What `work` comes to, or undefined as soon as `stop` is aborted: what waits for a server that is away must not keep a
 * process that was told to end. What `work` still comes to is then given to `close`. Rejects as `work` does.
 */
export async function unlessStopped<Result>(
  stop: AbortSignal,
  work: Promise<Result>,
  close: (late: Result) => Promise<void> = () => Promise.resolve(),
): Promise<Result | undefined> {
  const over = new AbortController();
  const stopped = new Promise<undefined>((resolve) => {
    const leave = (): void => {
      resolve(undefined);
    };
    if (stop.aborted) leave();
    stop.addEventListener('abort', leave, { signal: over.signal });
  });
  try {
    return await Promise.race([stopped, work]);
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  } finally {
    over.abort();
    if (stop.aborted) work.then(close).catch(() => undefined);
  }
}
