/** A process of its own that keeps a local Redis, for a test that kills it. */
import { startLocalRedis } from '../../src/queue/local-redis.ts';

await startLocalRedis({ folder: process.argv[2]! });
process.send?.('ready');
