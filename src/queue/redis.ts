/**
 * Connections to Redis, the same for everything here. An address is `redis://…`, `rediss://…` or the path of a Unix
 * socket.
 */
import { Redis, type RedisOptions } from 'ioredis';

/** What BullMQ wants of a connection that waits for jobs: it waits for ever, whatever happens to the server. */
const patient: RedisOptions = {
  maxRetriesPerRequest: null,
  retryStrategy: (attempt) => Math.min(attempt * 50, 1000),
};

/**
 * A connection that comes back by itself, however long the server is away; commands wait for it. `onError` is told of
 * what goes wrong meanwhile: an unheard error event would end the process.
 */
export function connectRedis(address: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(address, patient);
  redis.on('error', onError);
  return redis;
}

/** Closes a connection whether its server is there or not. */
export async function disconnect(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => undefined);
  redis.disconnect();
}
