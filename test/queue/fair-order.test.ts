/** Fairness by measure: simulated queues, who waited how long, and that everybody is served in the end. */
import { describe, expect, it } from 'vitest';

import { fairOrder, type FairLimits, type Served, type Waiting } from '../../src/queue/fair-order.ts';

const one: FairLimits = { runningPerUser: 1 };

let ids = 0;
function job(guildId: string | null, userId: string, more: Partial<Waiting> = {}): Waiting {
  ids += 1;
  return { id: String(ids).padStart(6, '0'), guildId, userId, seconds: 10, priority: 0, queuedAt: 0, ...more };
}

/** A small repeatable source of chance (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Played {
  readonly job: Waiting;
  /** Seconds. */
  readonly startedAt: number;
}

/** Plays jobs through `slots` slots, asking for the order anew each time one is free, as the dispatcher does. */
function play(
  jobs: readonly Waiting[],
  { slots = 1, limits = one }: { slots?: number; limits?: FairLimits } = {},
): Played[] {
  const arriving = [...jobs].sort((a, b) => a.queuedAt - b.queuedAt);
  const waiting: Waiting[] = [];
  const served: Served[] = [];
  const running: { job: Waiting; endsAt: number }[] = [];
  const played: Played[] = [];
  let now = 0;
  while (arriving.length + waiting.length > 0) {
    while (arriving[0] && arriving[0].queuedAt / 1000 <= now) waiting.push(arriving.shift()!);
    for (const next of fairOrder(
      waiting,
      served,
      running.map(({ job }) => job),
      limits,
      slots - running.length,
    )) {
      waiting.splice(waiting.indexOf(next), 1);
      served.push(next);
      running.push({ job: next, endsAt: now + next.seconds });
      played.push({ job: next, startedAt: now });
    }
    const ends = running.map(({ endsAt }) => endsAt);
    now = Math.min(...ends, arriving[0] ? arriving[0].queuedAt / 1000 : Infinity);
    for (let index = running.length - 1; index >= 0; index -= 1) {
      if (running[index]!.endsAt <= now) running.splice(index, 1);
    }
  }
  return played;
}

const waits = (played: readonly Played[], whose: (job: Waiting) => boolean): number[] =>
  played.filter(({ job }) => whose(job)).map(({ job, startedAt }) => startedAt - job.queuedAt / 1000);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the fair order', () => {
  it('lets a user who asks for one thing wait for at most one job of another who asked for fifty', () => {
    const flood = Array.from({ length: 50 }, () => job('g', 'flood'));
    const others = Array.from({ length: 10 }, (_, n) => job('g', `u${n}`, { queuedAt: 35_000 + n * 20_000 }));
    const played = play([...flood, ...others]);
    expect(Math.max(...waits(played, ({ userId }) => userId !== 'flood'))).toBeLessThanOrEqual(20);
    // First come, first served would let each of them wait for all that is left of the fifty.
    expect(played).toHaveLength(60);
  });

  it('goes on doing so for a user who always has one waiting', () => {
    const flood = Array.from({ length: 50 }, () => job('g', 'flood'));
    const steady = Array.from({ length: 20 }, () => job('g', 'steady', { queuedAt: 1 }));
    const firstForty = play([...flood, ...steady]).slice(0, 40);
    expect(firstForty.filter(({ job }) => job.userId === 'steady')).toHaveLength(20);
  });

  it('gives a guild of two as much as a guild of forty', () => {
    const large = Array.from({ length: 40 }, (_, n) => job('large', `l${n}`));
    const small = Array.from({ length: 10 }, (_, n) => job('small', `s${n % 2}`, { queuedAt: 1 }));
    const firstTwenty = play([...large, ...small]).slice(0, 20);
    expect(firstTwenty.filter(({ job }) => job.guildId === 'small').length).toBeGreaterThanOrEqual(9);
  });

  it('counts seconds, not jobs', () => {
    const long = Array.from({ length: 20 }, () => job('long', 'a', { seconds: 100 }));
    const short = Array.from({ length: 200 }, () => job('short', 'b', { seconds: 10 }));
    const played = play([...long, ...short]).filter(({ startedAt }) => startedAt < 1000);
    const seconds = (guild: string): number =>
      played.filter(({ job }) => job.guildId === guild).reduce((sum, { job }) => sum + job.seconds, 0);
    expect(seconds('short') / seconds('long')).toBeGreaterThan(0.8);
    expect(seconds('short') / seconds('long')).toBeLessThan(1.25);
  });

  it('holds nothing against a guild that used the machine while nobody else wanted it', () => {
    const alone = Array.from({ length: 100 }, () => job('early', 'a'));
    const both = [
      ...Array.from({ length: 20 }, () => job('early', 'a', { queuedAt: 900_000 })),
      ...Array.from({ length: 20 }, () => job('late', 'b', { queuedAt: 900_000 })),
    ];
    const after = play([...alone, ...both]).filter(({ startedAt }) => startedAt >= 1000);
    expect(after.slice(0, 10).filter(({ job }) => job.guildId === 'early').length).toBeGreaterThanOrEqual(4);
  });

  it('counts each user of direct messages as a guild', () => {
    const flood = Array.from({ length: 20 }, () => job(null, 'flood'));
    const order = fairOrder([...flood, job(null, 'other', { queuedAt: 5 })], [], [], { runningPerUser: 9 }, 2);
    expect(order.map(({ userId }) => userId)).toEqual(['flood', 'other']);
  });

  it('passes over a user whose running limit is reached, and leaves the slot empty rather than exceed it', () => {
    const waiting = [job('g', 'a'), job('g', 'a'), job('g', 'b', { queuedAt: 9 })];
    expect(fairOrder(waiting, [], [{ userId: 'a' }], one).map(({ userId }) => userId)).toEqual(['b']);
    expect(fairOrder(waiting, [], [{ userId: 'a' }, { userId: 'b' }], one)).toEqual([]);
    expect(fairOrder(waiting, [], [{ userId: 'a' }], { runningPerUser: 3 })).toHaveLength(3);
  });

  it('puts priority first inside a guild, and takes nothing from another guild by it', () => {
    const urgent = Array.from({ length: 10 }, () => job('g', 'late', { priority: 5, queuedAt: 100 }));
    const plain = [job('g', 'early'), job('g', 'early')];
    const other = Array.from({ length: 10 }, (_, n) => job('other', `o${n}`, { queuedAt: 200 }));
    const played = play([...plain.map((one) => ({ ...one, queuedAt: 100 })), ...urgent, ...other]);
    const inGuild = played.filter(({ job }) => job.guildId === 'g').map(({ job }) => job.priority);
    expect(inGuild).toEqual([...Array<number>(10).fill(5), 0, 0]);
    expect(played.slice(0, 12).filter(({ job }) => job.guildId === 'other').length).toBeGreaterThanOrEqual(5);
  });

  it('goes by age where nothing else decides, and by id in the end', () => {
    const b = job('g', 'x', { queuedAt: 2 });
    const a = job('g', 'x', { queuedAt: 1 });
    const [c, d] = [job('g', 'x', { queuedAt: 2 }), job('g', 'x', { queuedAt: 2 })];
    expect(fairOrder([d, c, b, a], [], [], { runningPerUser: 9 })).toEqual([a, b, c, d]);
  });

  it('is the same whichever dispatcher asks: the past alone decides', () => {
    const served = [job('a', 'u'), job('b', 'v'), job('a', 'w')];
    const waiting = Array.from({ length: 30 }, (_, n) => job(['a', 'b', 'c'][n % 3]!, `u${n % 7}`));
    const order = fairOrder(waiting, served, [], { runningPerUser: 99 });
    expect(fairOrder([...waiting].reverse(), served, [], { runningPerUser: 99 })).toEqual(order);
    expect(order.slice(0, 2).map(({ guildId }) => guildId)).toEqual(['b', 'c']);
  });

  it('starves nobody, whatever comes: in 60 random queues each wait is bounded by the fair share', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = chance(seed);
      const guilds = 2 + Math.floor(random() * 5);
      const jobs = Array.from({ length: 150 }, () => {
        const guild = Math.floor(random() * guilds);
        return job(`g${guild}`, `g${guild}u${Math.floor(random() ** 2 * 6)}`, {
          seconds: 1 + random() * 30,
          queuedAt: Math.floor(random() * 600_000),
        });
      });
      const slots = 1 + Math.floor(random() * 3);
      const played = play(jobs, { slots, limits: { runningPerUser: 2 } });
      expect(new Set(played.map(({ job }) => job.id)).size).toBe(jobs.length);
      // Start-time fair queueing's bound, per user: what the user has before this one, once for each user and guild that
      // shares, and one largest job of each of them.
      const users = new Set(jobs.map(({ userId }) => userId)).size;
      for (const { job: late, startedAt } of played) {
        const own = jobs
          .filter(({ userId, queuedAt }) => userId === late.userId && queuedAt <= late.queuedAt)
          .reduce((sum, { seconds }) => sum + seconds, 0);
        const bound = late.queuedAt / 1000 + own * guilds * 6 + users * 31 * guilds;
        expect(startedAt).toBeLessThanOrEqual(bound);
      }
    }
  });

  it('is fair by waiting times: 40 members of 5 guilds, 200 requests at once, means within a factor of two', () => {
    const jobs = Array.from({ length: 200 }, (_, n) =>
      job(`g${n % 5}`, `g${n % 5}u${Math.floor(n / 5) % 8}`, { seconds: 1, queuedAt: n }),
    );
    const played = play(jobs, { slots: 4 });
    const users = [...new Set(jobs.map(({ userId }) => userId))];
    const means = users.map((user) => mean(waits(played, ({ userId }) => userId === user)));
    expect(users).toHaveLength(40);
    expect(Math.max(...means) / Math.min(...means)).toBeLessThan(2);
  });

  it('orders a thousand waiting jobs without being lost in them', () => {
    const waiting = Array.from({ length: 1000 }, (_, n) => job(`g${n % 50}`, `u${n % 400}`, { queuedAt: n }));
    fairOrder(waiting, [], [], one);
    const started = process.cpuUsage();
    const order = fairOrder(waiting, waiting.slice(0, 500), [], { runningPerUser: 99 });
    expect(order).toHaveLength(1000);
    // Of computing: some milliseconds; what grows with the square of them takes minutes.
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });
});
