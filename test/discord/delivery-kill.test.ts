/**
 * The bot is killed at every step of a delivery, at every place: before it sends, after Discord has the message and before the
 * answer, after the answer and before it is written down. Whatever happens, each requester ends with exactly one result.
 * All places: `npm run test:long`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { DeliveryPlace } from '../../src/store/rows.ts';
import { isLong } from '../long.ts';
import { openOutboxWorld, type OutboxWorld } from './outbox-world.ts';
import type { DyingPoint, SenderOrders } from './sender-process.ts';

type Step = DyingPoint | 'answering';

/** A message is edited at the first two and posted at the others: the short form has one of each. */
const places: readonly DeliveryPlace[] = isLong
  ? ['interaction', 'message', 'channel', 'direct']
  : ['message', 'direct'];
const steps: readonly Step[] = ['claimed', 'opened', 'answering', 'told'];
/** What Discord is asked for at each place, by the operation's id. */
const operations: Readonly<Record<DeliveryPlace, string>> = {
  interaction: 'update_webhook_message',
  message: 'update_message',
  channel: 'create_message',
  direct: 'create_message',
};

interface Case {
  readonly place: DeliveryPlace;
  readonly step: Step;
  readonly requestId: string;
  readonly channelId: string;
  readonly memberName: string;
}

let world: OutboxWorld;
let child: ChildProcess | undefined;

beforeAll(async () => {
  world = await openOutboxWorld();
  world.discord.rateLimits.set('create_message', undefined);
  world.discord.rateLimits.set('update_message', undefined);
});

afterAll(async () => {
  child?.kill('SIGKILL');
  await world.close();
});

/** A request whose delivery can go to `place` first. */
async function prepare(place: DeliveryPlace, step: Step): Promise<Case> {
  const { db, guild } = world;
  const channel = guild.channel(`${place}-${step}`);
  const memberName = `${place}.${step}`;
  const member = guild.member(memberName);
  member.goTo(channel);
  const requestId = await world.ask(member, { isPrivate: place === 'direct' });
  await world.finish(requestId);
  await db.delivery.update({ where: { requestId }, data: { place } });
  return { place, step, requestId, channelId: channel.id, memberName };
}

async function startSender(dieAt: SenderOrders['dieAt']): Promise<ChildProcess> {
  const rows = await world.db.request.findMany({ select: { id: true, resultSha256: true } });
  const orders: SenderOrders = {
    databaseUrl: world.databaseUrl,
    mediaFolder: world.mediaFolder,
    token: world.discord.token,
    rest: world.discord.rest,
    dieAt,
    results: Object.fromEntries(rows.map(({ id, resultSha256 }) => [resultSha256 ?? '', id])),
  };
  return spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'sender-process.ts'), JSON.stringify(orders)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
}

/** Every message, in any channel and to anybody, that carries the result of a request. */
function resultsOf({ requestId, channelId, memberName }: Case): number {
  const member = world.guild.member(memberName);
  const inChannel = world.discord.messagesIn({ id: channelId } as never);
  member.goTo('direct messages');
  const direct = member.messagesSeen();
  const carries = (message: unknown): boolean => JSON.stringify(message).includes(`report:${requestId}`);
  const standing = inChannel.filter((message) => message.deletedAt === undefined);
  return [...standing, ...direct].filter((message) => carries({ ...message, history: undefined })).length;
}

it('each requester has one result, wherever the bot was killed', { timeout: 300_000 }, async () => {
  const cases: Case[] = [];
  for (const place of places) {
    // With the file at hand or without it: nothing of the place tells them apart.
    for (const step of steps) if (step !== 'opened' || place === places[0]) cases.push(await prepare(place, step));
  }

  // One kill for each case, in this order; what else is being sent at that moment is hit as well.
  for (const { place, step, requestId } of cases) {
    await world.db.delivery.updateMany({
      where: { requestId: { not: requestId }, state: 'waiting' },
      data: { nextAttemptAt: new Date(Date.now() + 3_600_000) },
    });
    await world.db.delivery.updateMany({
      where: { state: 'sending' },
      data: { claimedAt: new Date(Date.now() + 3_600_000) },
    });
    await world.db.delivery.update({ where: { requestId }, data: { nextAttemptAt: new Date() } });
    child = await startSender(step === 'answering' ? {} : { [requestId]: step });
    const killed = once(child, 'exit');
    if (step === 'answering') {
      const dying = child;
      const remove = world.discord.faults.plant(operations[place], {
        kind: 'then',
        run: async () => {
          dying.kill('SIGKILL');
          await killed;
        },
      });
      await killed;
      remove();
    }
    const [, signal] = (await killed) as [number | null, string | null];
    expect({ place, step, signal }).toEqual({ place, step, signal: 'SIGKILL' });
    expect(await stateOf(requestId)).toBe('sending');
    // A nonce is no longer remembered: what keeps the second message away is the look.
    const isPost = place === 'channel' || place === 'direct';
    if (isPost && (step === 'answering' || step === 'told')) world.discord.clock.advance(181_000);
  }
  expect(cases.map((one) => ({ step: one.step, results: resultsOf(one) }))).toEqual(
    cases.map(({ step }) => ({ step, results: step === 'answering' || step === 'told' ? 1 : 0 })),
  );

  await world.db.delivery.updateMany({ where: { state: 'waiting' }, data: { nextAttemptAt: new Date() } });
  await world.db.delivery.updateMany({ where: { state: 'sending' }, data: { claimedAt: new Date(0) } });
  child = await startSender({});
  const waitUntil = Date.now() + 120_000;
  while ((await world.db.delivery.count({ where: { state: { not: 'delivered' } } })) > 0 && Date.now() < waitUntil) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;

  const ends = await Promise.all(
    cases.map(async (one) => ({
      place: one.place,
      step: one.step,
      state: await stateOf(one.requestId),
      results: resultsOf(one),
    })),
  );
  expect(ends).toEqual(cases.map(({ place, step }) => ({ place, step, state: 'delivered', results: 1 })));
  expect(await world.db.request.count({ where: { state: 'delivered' } })).toBe(cases.length);
  expect(world.discord.journal.refused()).toEqual([]);
  expect(world.discord.journal.warnings()).toEqual([]);
});

async function stateOf(requestId: string): Promise<string> {
  return (await world.db.delivery.findUniqueOrThrow({ where: { requestId } })).state;
}
