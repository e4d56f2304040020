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
const troubles: string[] = [];
const log = pino({ level: 'warn' }, { write: (line) => troubles.push(line) });
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

/** A result of which nobody knows whether it was sent, that is to go: whoever sent it died. */
async function interrupted(): Promise<string> {
  const { db, discord, guild } = world;
  posted += 1;
  const member = guild.member(`member ${posted}`);
  member.goTo(guild.channel(`screening-${posted}`));
  const id = await world.ask(member);
  await world.finish(id);
  const now = new Date(discord.clock.now());
  const claim = { state: 'sending', claimedBy: 'dead', claimedAt: new Date(now.getTime() - 60_000) } as const;
  await db.delivery.update({ where: { requestId: id }, data: claim });
  const change = { actor: 'moderator:1', code: 'queue.deleted-by-moderator', now };
  expect(await inTransaction(db, (tx) => removeResult(tx, id, change))).toBe(true);
  return id;
}

const looks = () => world.discord.journal.requests('get_message');

it('closing breaks off a look for a message, and leaves it to the next start at once', async () => {
  await interrupted();
  const before = looks().length;
  world.discord.faults.plant('get_message', hanging);
  const waiting = rest();
  waiting.options.makeRequest = DefaultRestOptions.makeRequest;
  const removals = start(waiting);
  await expect.poll(() => looks().length, { timeout }).toBe(before + 1);
  await removals.close();
  const [removal] = await removalsIn('waiting');
  expect(removal).toMatchObject({ attempts: 0, problem: null });
  expect(removal!.nextAttemptAt.getTime()).toBeLessThanOrEqual(world.discord.clock.now());
  expect(troubles).toEqual([]);
});

it('a look that Discord does not answer is no error and no try; it is looked again', async () => {
  const id = (await removalsIn('waiting'))[0]!.requestId;
  const { clock, faults } = world.discord;
  clock.freeze();
  faults.plant('get_message', { kind: 'status', status: 503 });
  const next = start();
  const problem = () => world.db.removal.findUniqueOrThrow({ where: { requestId: id } }).then((row) => row.problem);
  await expect.poll(problem, { timeout }).toBe('unanswered-503');
  expect(await removalsIn('waiting')).toMatchObject([{ attempts: 0 }]);
  expect(troubles).toEqual([]);
  clock.advance(60_000);
  await expect.poll(() => removalsIn('waiting'), { timeout }).toEqual([]);
  await next.close();
});
