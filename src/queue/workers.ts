/**
 * The workers that are alive: each writes its own entry in Redis, which fades unless it is written again. The dispatcher
 * learns the free slots from it, and people how much help there is.
 */
import type { Redis } from 'ioredis';
import * as z from 'zod';

const workerEntry = z.strictObject({
  id: z.string().min(1),
  /** What it computes on, in words: `NVIDIA GeForce RTX 3060`, `cpu`. */
  device: z.string(),
  /** Restorations it runs at once. */
  slots: z.int().positive(),
  /** Milliseconds since the epoch. */
  since: z.number(),
  version: z.string(),
  /** Requests it is at work on. */
  requests: z.array(z.string()),
  /** True once it takes no more, because it is about to end. */
  closing: z.boolean(),
});
export type LiveWorker = Readonly<z.output<typeof workerEntry>>;

const setKey = (prefix: string): string => `${prefix}:workers`;
const entryKey = (prefix: string, id: string): string => `${prefix}:worker:${id}`;

/** Writes a worker's entry, to fade after `ttlMs`. */
export async function announceWorker(redis: Redis, prefix: string, worker: LiveWorker, ttlMs: number): Promise<void> {
  await redis
    .multi()
    .set(entryKey(prefix, worker.id), JSON.stringify(worker), 'PX', ttlMs)
    .sadd(setKey(prefix), worker.id)
    .exec();
}

export async function withdrawWorker(redis: Redis, prefix: string, id: string): Promise<void> {
  await redis.multi().del(entryKey(prefix, id)).srem(setKey(prefix), id).exec();
}

/** The workers whose entries have not faded, the oldest first. Entries of another version that cannot be read are left out. */
export async function liveWorkers(redis: Redis, prefix: string): Promise<LiveWorker[]> {
  const ids = await redis.smembers(setKey(prefix));
  if (ids.length === 0) return [];
  const texts = await redis.mget(ids.map((id) => entryKey(prefix, id)));
  const faded = ids.filter((_, index) => texts[index] === null);
  if (faded.length > 0) await redis.srem(setKey(prefix), ...faded);
  return texts
    .flatMap((text) => {
      const entry = text === null ? undefined : workerEntry.safeParse(JSON.parse(text));
      return entry?.success ? [entry.data] : [];
    })
    .sort((a, b) => a.since - b.since);
}
