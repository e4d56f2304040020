/** The Redis of the queue: the one that the operator names, or a redis-server of our own in the data folder. */
import { join } from 'node:path';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';
import { type LocalRedis, startLocalRedis } from '../queue/local-redis.ts';

/** Where Redis answers. `stop` ends a server of our own, and leaves another's alone. Rejects as `startLocalRedis` does. */
export async function reachRedis({ redisUrl, dataDir }: Config, log: Logger): Promise<LocalRedis> {
  if (redisUrl !== undefined) {
    const { protocol, host, pathname } = new URL(redisUrl);
    log.info({ redis: `${protocol}//${host}${pathname}` }, 'the queue is that of REDIS_URL');
    return { address: redisUrl, stop: () => Promise.resolve() };
  }
  // A worker on another machine that was not told of it would wait here for ever.
  log.info({ folder: dataDir }, 'the queue is that of the data folder; REDIS_URL would name another');
  return startLocalRedis({
    folder: join(dataDir, 'redis'),
    onEvent: (event, detail) => {
      log[event === 'died' ? 'error' : 'info']({ event, ...detail }, 'redis-server');
    },
  });
}
