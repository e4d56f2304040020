/**
 * One installer at a time in a cache folder, across processes: the others wait, then find the work done. A lock whose
 * holder died is taken over once it has not been renewed for 30 s: a busy machine may let a process stand for longer than
 * one would think.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { LumiereError } from '../errors.ts';

const staleMs = 30_000;
const renewMs = 2_000;
const pollMs = 200;

/**
 * Runs `work` while holding the lock of `folder`. The signal it is given is aborted with the caller's, or when the lock
 * is lost (a machine that slept). Rejects with `job.cancelled` when aborted while waiting.
 */
export async function withCacheLock<T>(
  folder: string,
  signal: AbortSignal | undefined,
  onWait: () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true });
  const lost = new AbortController();
  const take = () =>
    lock(folder, {
      lockfilePath: join(folder, 'install.lock'),
      stale: staleMs,
      update: renewMs,
      onCompromised: (error) => {
        lost.abort(error);
      },
    });
  for (;;) {
    if (signal?.aborted) throw new LumiereError('job.cancelled');
    try {
      const release = await take();
      try {
        return await work(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
      } finally {
        // Not ours any more once it is lost: then there is nothing to give back.
        if (!lost.signal.aborted) await release();
      }
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== 'ELOCKED') throw error;
    }
    onWait();
    await pause(pollMs);
  }
}
