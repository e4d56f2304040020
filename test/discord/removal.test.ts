/** Removals while Discord does not answer: one that hangs holds up no other, and nobody who closes waits for it. */
import { DefaultRestOptions } from 'discord.js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { createRests } from '../../src/discord/client.ts';
import { startDelivery } from '../../src/discord/delivery.ts';
import { startRemovals } from '../../src/discord/removal.ts';
import { inTransaction } from '../../src/store/database.ts';
import { removeResult } from '../../src/store/removals.ts';
import { openOutboxWorld, type OutboxWorld } from './outbox-world.ts';

/** Discord does not answer a deletion. */
const hanging = { kind: 'slow', until: new Promise<never>(() => undefined) } as const;
const timeout = 60_000;
const log = pino({ level: 'silent' });
let world: OutboxWorld;
let posted = 0;

beforeAll(async () => {
  world = await openOutboxWorld();
});
afterAll(() => world.close());

const rest = () => createRests({ token: world.discord.token, rest: world.discord.rest }).deliveryRest;
const start = (by = rest()) => {
  const { db, media, discord } = world;
  return startRemovals({ db, media, rest: by, now: discord.clock.now, log, pollMs: 20 });
};
const removalsIn = (state: 'waiting' | 'done') => world.db.removal.findMany({ where: { state } });
const deletions = () => world.discord.journal.requests('delete_message');

/** So many results, each in a channel of its own, that are to be taken away again. */
async function toRemove(count: number): Promise<void> {
  const { db, media, discord, guild } = world;
  const sender = startDelivery({
    ...{ db, media, log, rest: rest(), botId: 'the bot of this test', now: discord.clock.now, pollMs: 20 },
    queue: { onEnded: () => () => undefined, submitted: () => undefined },
    cards: { release: () => Promise.resolve() },
  });
  for (let number = 0; number < count; number += 1) {
    posted += 1;
    const member = guild.member(`member ${posted}`);
    member.goTo(guild.channel(`screening-${posted}`));
    const id = await world.ask(member);
    await world.finish(id);
    const state = () => db.delivery.findUniqueOrThrow({ where: { requestId: id } }).then((row) => row.state);
    await expect.poll(state, { timeout }).toBe('delivered');
    const change = { actor: 'moderator:1', code: 'queue.deleted-by-moderator', now: new Date(discord.clock.now()) };
    expect(await inTransaction(db, (tx) => removeResult(tx, id, change))).toBe(true);
  }
  await sender.close();
}

it('the others go while one hangs, which is given up and tried again', async () => {
  await toRemove(5);
  world.discord.faults.plant('delete_message', hanging);
  const removals = start();
  await expect.poll(async () => (await removalsIn('done')).length, { timeout }).toBe(5);
  const inOrder = (await removalsIn('done')).sort((one, other) => Number(one.doneAt) - Number(other.doneAt));
  expect(inOrder.map(({ attempts }) => attempts)).toEqual([0, 0, 0, 0, 1]);
  expect(deletions()).toHaveLength(6);
  await removals.close();
});

it('closing breaks off what hangs, and leaves it to the next start at once', async () => {
  await toRemove(1);
  const before = deletions().length;
  world.discord.faults.plant('delete_message', hanging);
  // Waits as long as one lets it: what breaks it off is the closing.
  const waiting = rest();
  waiting.options.makeRequest = DefaultRestOptions.makeRequest;
  const removals = start(waiting);
  await expect.poll(() => deletions().length, { timeout }).toBe(before + 1);
  await removals.close();
  expect(await removalsIn('waiting')).toMatchObject([{ attempts: 0, problem: null }]);
  const next = start();
  await expect.poll(() => removalsIn('waiting'), { timeout }).toEqual([]);
  await next.close();
});
