/** A crowd: 200 requests of 40 members of 5 guilds, with work of 50 ms. None lost, none twice, and fair by waiting times. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openWorld, type QueueWorld, stubWork, until } from './world.ts';

let world: QueueWorld;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('200 requests of 40 members of 5 guilds', () => {
  it('all end once, and no member waits twice as long as another on average', async () => {
    const ran: string[] = [];
    const ids: string[] = [];
    // All wait before the first is begun; one guild's members ask for all of theirs before the next guild's.
    for (let n = 0; n < 200; n += 1) {
      const guild = Math.floor(n / 40);
      const member = Math.floor((n % 40) / 5);
      ids.push(await world.add({ guildId: `${guild}`, userId: `${guild}0${member}`, predictedSeconds: 0.05 }));
    }
    const queue = await world.queue();
    await world.worker({ restore: stubWork(50, (id) => ran.push(id)) }, { slots: 4 });
    const ended = new Map<string, number>();
    queue.onEnded((id) => ended.set(id, (ended.get(id) ?? 0) + 1));
    const began = Date.now();
    await until(async () => (await world.db.request.count({ where: { state: 'delivering' } })) === 200, 60);
    expect(ran.slice().sort()).toEqual(ids.slice().sort());
    expect(await world.db.delivery.count()).toBe(200);
    await until(() => ended.size === 200);

    const rows = await world.db.request.findMany();
    const by = (key: (row: (typeof rows)[number]) => string): number[] => {
      const groups = new Map<string, number[]>();
      for (const row of rows) {
        const waits = groups.get(key(row)) ?? [];
        waits.push(row.startedAt!.getTime() - began);
        groups.set(key(row), waits);
      }
      return [...groups.values()].map(mean);
    };
    const members = by(({ requesterId }) => requesterId);
    const guilds = by(({ guildId }) => guildId!);
    expect([members.length, guilds.length]).toEqual([40, 5]);
    expect(Math.max(...members) / Math.min(...members)).toBeLessThan(2);
    expect(Math.max(...guilds) / Math.min(...guilds)).toBeLessThan(1.25);
  });
});

describe('a member with fifty', () => {
  it('keeps none of the others waiting for more than a few of them', async () => {
    const ran: string[] = [];
    const queue = await world.queue();
    for (let n = 0; n < 50; n += 1) await world.add({ guildId: 'g', userId: 'flood', predictedSeconds: 0.05 });
    const others = await Promise.all(
      Array.from({ length: 5 }, (_, n) => world.add({ guildId: 'g', userId: `other${n}`, predictedSeconds: 0.05 })),
    );
    await world.worker({ restore: stubWork(50, (id) => ran.push(id)) });
    queue.submitted(others[0]!);
    await until(() => others.every((id) => ran.includes(id)));
    expect(Math.max(...others.map((id) => ran.indexOf(id)))).toBeLessThan(12);
  });
});
