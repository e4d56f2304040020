/**
 * How often somebody may ask for what has no place in the quotas: a comparison, a look at a file. Counted in memory, in a window
 * that slides; a restart forgets it, which is no way to ask more often.
 */
import { Refusal } from './refusal.ts';

export interface RateLimit {
  /** Counts one more. @throws Refusal `refusal.too-often` when there were `most` within the window; then nothing is counted. */
  readonly take: (userId: string, now: number) => void;
}

const hourMs = 3_600_000;

/** @param most times within an hour for one member. */
export function rateLimit(most: number): RateLimit {
  const taken = new Map<string, number[]>();
  return {
    take: (userId, now) => {
      for (const [id, times] of taken) if (times.at(-1)! <= now - hourMs) taken.delete(id);
      const times = (taken.get(userId) ?? []).filter((time) => time > now - hourMs);
      if (times.length >= most) {
        throw new Refusal('refusal.too-often', { limit: most, freesAt: new Date(times[0]! + hourMs) });
      }
      taken.set(userId, [...times, now]);
    },
  };
}
