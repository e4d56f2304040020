/** Progress messages on the test server: how often they change, by which token, and when they are left alone. */
import { EventEmitter } from 'node:events';
import type { REST } from 'discord.js';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { type CardUpdates, createCardUpdates } from '../../src/discord/card-updates.ts';
import { createRests } from '../../src/discord/client.ts';
import { startDelivery } from '../../src/discord/delivery.ts';
import type { JobProgress, Standing } from '../../src/queue/queue.ts';
import { changeState } from '../../src/store/requests.ts';
import { type Member, openOutboxWorld, type OutboxWorld, type Wish } from './outbox-world.ts';

const gapMs = 100;

let world: OutboxWorld;
let rest: REST;
let cards: CardUpdates;
let made = 0;
/** What the queue would say. */
const news = new EventEmitter();
const standings = new Map<string, Standing>();

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const openCards = (): CardUpdates =>
  createCardUpdates({
    db: world.db,
    rest,
    queue: {
      onProgress: (listener) => {
        news.on('progress', listener);
        return () => news.off('progress', listener);
      },
      onEnded: (listener) => {
        news.on('ended', listener);
        return () => news.off('ended', listener);
      },
      standing: (id) => Promise.resolve(standings.get(id)),
      overview: () => Promise.resolve({ entries: [], workers: [] }),
    },
    now: world.discord.clock.now,
    log: pino({ level: 'silent' }),
    gapMs,
  });

beforeAll(async () => {
  world = await openOutboxWorld();
  rest = createRests({ token: world.discord.token, rest: world.discord.rest }).cardRest;
  // No test here is about an edit that is not answered in time.
  rest.options.timeout = 60_000;
  for (const operation of ['update_webhook_message', 'update_message'])
    world.discord.rateLimits.set(operation, undefined);
  cards = openCards();
});

afterEach(() => {
  standings.clear();
});

afterAll(async () => {
  await cards.close();
  await world.close();
});

/** A request that runs, its card followed and drawn once. */
async function running(wish: Wish = {}): Promise<{
  id: string;
  member: Member;
  edits: () => { at: number; status: number; operation: string | undefined }[];
}> {
  made += 1;
  const member = world.guild.member(`member ${made}`);
  member.goTo(world.guild.channel(`screening-${made}`));
  const id = await world.ask(member, wish);
  await changeState(world.db, id, 'running', { actor: 'worker:w', now: new Date(world.discord.clock.now()) });
  standings.set(id, { state: 'running', hasWorker: true });
  const { messageId } = await world.db.reply.findUniqueOrThrow({ where: { requestId: id } });
  cards.follow(id);
  await member.sees(/Having a look/);
  const edits = () =>
    world.discord.journal
      .requests()
      .filter(({ method, path }) => method === 'PATCH' && path.endsWith(`/${messageId ?? ''}`))
      .map(({ at, status, operation }) => ({ at, status, operation }));
  return { id, member, edits };
}

/** Holds the next edit up: `begun` once Discord has it, until `end`. */
function heldEdit(edits: () => readonly { readonly status: number }[]) {
  let end = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    end = resolve;
  });
  world.discord.faults.plant('update_webhook_message', { kind: 'slow', until });
  const begun = (): Promise<unknown> =>
    world.discord.until(() => edits().at(-1)?.status === 0, 'the edit to be on its way');
  return { begun, end };
}

const progress = (id: string, done: number): void => {
  const said: JobProgress = { stage: 'restore', done, total: 100, framesPerSecond: 12.34 };
  news.emit('progress', id, said);
};

it('change no oftener than the gap, and end on what was said last', async () => {
  const { id, member, edits } = await running();
  // As long as some edits take on this machine, with many changes between any two.
  for (let done = 1; edits().length < 5; done += 1) {
    progress(id, done % 60);
    await pause(10);
  }
  progress(id, 60);
  const seen = await member.sees(/60\/100 frames · 12.3 fps/);
  expect(seen.text).toContain('▰▰▰▰▰▰▰▱▱▱▱▱ 60 %');
  expect(seen.buttons.map(({ label }) => label)).toEqual(['Cancel']);
  const gaps = edits().map(({ at }, index, all) => (index === 0 ? gapMs : at - all[index - 1]!.at));
  // A timer may be a millisecond early by the clock.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(gapMs - 5);
});

it('are not sent again when nothing has changed', async () => {
  const { id, edits } = await running();
  const before = edits().length;
  for (let times = 0; times < 5; times += 1) {
    cards.refresh(id);
    await pause(gapMs);
  }
  expect(edits().length).toBe(before);
});

it('wait as long as Discord says, and go slower from then on', async () => {
  const { id, member, edits } = await running();
  world.discord.rateLimits.refuseNext('update_webhook_message', { retryAfterMs: 500, scope: 'user' });
  progress(id, 10);
  const refused = () => edits().find(({ status }) => status === 429);
  await expect.poll(refused).toBeDefined();
  const refusedAt = refused()!.at;
  for (let done = 11; done <= 30; done += 1) {
    progress(id, done);
    await pause(40);
  }
  await member.sees(/30\/100/);
  const later = edits().filter(({ at }) => at > refusedAt);
  expect(later[0]!.at - refusedAt).toBeGreaterThanOrEqual(495);
  for (const [index, { at }] of later.entries()) {
    if (index > 0) expect(at - later[index - 1]!.at).toBeGreaterThanOrEqual(2 * gapMs - 5);
  }
});

it('go on after a fault of the network', async () => {
  const { id, member } = await running();
  world.discord.faults.plant('update_webhook_message', { kind: 'status', status: 502 });
  world.discord.faults.plant('update_webhook_message', { kind: 'drop before' });
  progress(id, 40);
  await member.sees(/40\/100/);
});

it('say at once that it is stopping, with the button greyed', async () => {
  const { id, member } = await running();
  await world.db.request.update({ where: { id }, data: { cancelAskedAt: new Date() } });
  cards.refresh(id);
  const seen = await member.sees(/Stopping/);
  expect(() => member.click('Cancel', seen)).toThrow();
});

it('show the place in the queue, and that nobody is there to work', async () => {
  made += 1;
  const member = world.guild.member(`member ${made}`, { locale: 'fr' });
  const id = await world.ask(member);
  standings.set(id, {
    state: 'waiting',
    place: 2,
    startsAt: new Date(1_800_000_000_000),
    endsAt: new Date(1_800_000_060_000),
    hasWorker: true,
  });
  cards.follow(id);
  const seen = await member.sees(/Numéro 2 dans la file/);
  expect(seen.text).toContain('commence <t:1800000000:R> · prêt <t:1800000060:R>');
  await cards.release(id);
  standings.set(id, { state: 'waiting', place: 1, hasWorker: false });
  cards.follow(id);
  await member.sees(/Aucune machine/);
  await cards.release(id);
});

it('are released only when no edit is on its way any more', async () => {
  const { id, member, edits } = await running();
  const edit = heldEdit(edits);
  progress(id, 50);
  await edit.begun();
  let isReleased = false;
  const released = cards.release(id).then(() => {
    isReleased = true;
  });
  progress(id, 99);
  await pause(gapMs);
  expect(isReleased).toBe(false);
  edit.end();
  await released;
  expect(member.messagesSeen()[0]?.text).toContain('50/100');
  const before = edits().length;
  await pause(3 * gapMs);
  expect(edits().length).toBe(before);
});

it('stop by themselves when the request has ended', async () => {
  const { id, edits } = await running();
  await world.db.request.update({ where: { id }, data: { state: 'delivering' } });
  const before = edits().length;
  progress(id, 70);
  await pause(3 * gapMs);
  expect(edits().length).toBe(before);
});

it('are found again after a restart', async () => {
  const { id, member } = await running();
  progress(id, 20);
  await member.sees(/20\/100/);
  await cards.close();
  cards = openCards();
  standings.set(id, {
    state: 'running',
    hasWorker: true,
    progress: { stage: 'fit', done: 30, total: 100 },
  });
  await cards.resume();
  await member.sees(/Fitting to the size limit[^]*30 %/);
  expect(member.messagesSeen()).toHaveLength(1);
  progress(id, 80);
  await member.sees(/80\/100/);
});

it('go over to the token of the bot before the interaction has lost its own; private ones cannot', async () => {
  const open = await running();
  const closed = await running({ isPrivate: true });
  world.discord.clock.advance(14.2 * 60_000);
  progress(open.id, 90);
  progress(closed.id, 90);
  await open.member.sees(/90\/100/);
  expect(open.edits().at(-1)?.operation).toBe('update_message');
  await pause(3 * gapMs);
  expect(closed.member.messagesSeen()[0]?.text).toContain('Having a look');
});

it('keep the few edits that an old message may have for the result', async () => {
  const { id, member, edits } = await running();
  world.discord.clock.advance(60 * 60_000);
  progress(id, 10);
  await member.sees(/10\/100/);
  const before = edits().length;
  for (let done = 11; done < 20; done += 1) {
    progress(id, done);
    await pause(gapMs / 2);
  }
  expect(edits().length).toBe(before);
  world.discord.clock.advance(30 * 60_000);
  cards.refresh(id);
  await cards.release(id);
});

it('never overwrite the result: it waits for the edit that is on its way', async () => {
  const { id, member, edits } = await running();
  const sender = startDelivery({
    db: world.db,
    media: world.media,
    rest: createRests({ token: world.discord.token, rest: world.discord.rest }).deliveryRest,
    queue: { onEnded: () => () => undefined, submitted: () => undefined },
    cards,
    botId: 'the bot of this test',
    now: world.discord.clock.now,
    log: pino({ level: 'silent' }),
    pollMs: 20,
  });
  const edit = heldEdit(edits);
  progress(id, 95);
  await edit.begun();
  await world.finish(id);
  const delivery = () => world.db.delivery.findUniqueOrThrow({ where: { requestId: id } });
  await expect.poll(async () => (await delivery()).state).toBe('sending');
  progress(id, 100);
  // Time for a sender that does not wait.
  await pause(3 * gapMs);
  edit.end();
  await member.sees(({ files }) => files.length > 0);
  const seen = await world.discord.until(() => {
    const [only] = member.messagesSeen();
    return only?.history.some(({ text }) => text.includes('95/100')) ? only : undefined;
  }, 'the late edit');
  expect(seen.history.at(-1)?.text).toContain('1280×960');
  expect(member.messagesSeen()).toMatchObject([{ text: expect.stringContaining('1280×960') as string }]);
  await sender.close();
});

it('broke no rule', () => {
  const refused = world.discord.journal.refused().map(({ operation, status, code }) => ({ operation, status, code }));
  expect(refused).toEqual([{ operation: 'update_webhook_message', status: 429, code: undefined }]);
  expect(world.discord.journal.warnings()).toEqual([]);
});
