/**
 * Connections to Redis, the same for everything here. An address is `redis://…`, `rediss://…` or the path of a Unix
 * socket.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

/** What BullMQ wants of a connection that waits for jobs: it waits for ever, whatever happens to the server. */
const patient: RedisOptions = {
  maxRetriesPerRequest: null,
  retryStrategy: (attempt) => Math.min(attempt * 50, 1000),
};

/**
 * A connection that comes back by itself, however long the server is away; commands wait for it. `onError` is told of
 * what goes wrong meanwhile: an unheard error event would end the process. One that `hears` subscribes to channels: it
 * leaves out the question whether the server is ready, whose answer comes too late for a connection that has subscribed.
 */
export function connectRedis(address: string, onError: (error: Error) => void, use: 'asks' | 'hears' = 'asks'): Redis {
  const redis = new Redis(address, { ...patient, enableReadyCheck: use === 'asks' });
  redis.on('error', onError);
  return redis;
}

/** What is on its way to a server that answers is there within this time. */
const quitMs = 500;

/** Closes a connection, whether its server is there, away, or stands still. */
export async function disconnect(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await Promise.race([redis.quit().catch(() => undefined), sleep(quitMs)]);
  redis.disconnect();
}

/** A connection that is away fails at every try: one line in the log for each kind of failure and half a minute is enough. */
const sameErrorMs = 30_000;

/** What a connection fails with while nobody answers, as against what a server that answers has to say. */
const away = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'ENOENT',
]);

/** Writes errors to the log, the same one not more often than every half minute, for as long as it lasts. */
export function quietly(log: Logger, about: string): (error: unknown) => void {
  const last = new Map<string, number>();
  return (error) => {
    const { message: kind, code } =
      error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
    const now = performance.now();
    if (now - (last.get(kind) ?? -Infinity) < sameErrorMs) return;
    if (last.size > 100) last.clear();
    last.set(kind, now);
    if (code !== undefined && away.has(code))
      log.error(
        { code, reason: kind },
        'Redis does not answer: nothing runs until it does, and what was asked for waits',
      );
    else log.warn({ err: error }, about);
  };
}
