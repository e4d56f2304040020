/** Looks at a Redis that the operator named: for the doctor. */
import { Redis } from 'ioredis';

export interface RedisState {
  readonly version: string;
  /** What it does when memory is short, where it says so; a queue must never be evicted: `noeviction`. */
  readonly evictionPolicy: string | undefined;
}

/** Rejects with the connection's error when nothing answers within five seconds. */
export async function examineRedis(address: string): Promise<RedisState> {
  const redis = new Redis(address, { lazyConnect: true, connectTimeout: 5000, retryStrategy: () => null });
  // The rejection of `connect` says it all.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? '?';
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1];
    return { version, evictionPolicy: policy };
  } finally {
    redis.disconnect();
  }
}
