/** The sender of the outbox against the test server: each place in its turn, each of Discord's refusals, what members see. */
import { DefaultRestOptions, PermissionFlagsBits, REST } from 'discord.js';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { createRests } from '../../src/discord/client.ts';
import { type DeliverySender, startDelivery } from '../../src/discord/delivery.ts';
import { inTransaction } from '../../src/store/database.ts';
import { finishRefit, listRefits } from '../../src/store/deliveries.ts';
import { removeResult } from '../../src/store/removals.ts';
import { type Member, openOutboxWorld, type OutboxWorld } from './outbox-world.ts';

let world: OutboxWorld;
let sender: DeliverySender;
let made = 0;
/** Sizes that smaller encodings were asked for. */
const refits: number[] = [];
let canShrink = true;

const minutes = (count: number): void => {
  world.discord.clock.advance(count * 60_000);
};

/** What the queue does when a result must become smaller, without the encoding. */
async function shrink(): Promise<void> {
  const { db, discord } = world;
  for (const { requestId, sizeLimit } of await listRefits(db)) {
    refits.push(sizeLimit);
    const end = canShrink ? { file: await world.clip(sizeLimit) } : { problem: 'output.size-unreachable' };
    await finishRefit(db, requestId, end, new Date(discord.clock.now()));
  }
}

const open = (
  rest = createRests({ token: world.discord.token, rest: world.discord.rest }).deliveryRest,
): DeliverySender => {
  const { db, media, discord } = world;
  return startDelivery({
    db,
    media,
    rest,
    queue: { onEnded: () => () => undefined, submitted: () => void shrink() },
    cards: { release: () => Promise.resolve() },
    botId: 'the bot of this test',
    now: discord.clock.now,
    log: pino({ level: 'silent' }),
    pollMs: 20,
  });
};

beforeAll(async () => {
  world = await openOutboxWorld();
  sender = open();
});

// A later try comes when the clock is moved, not while one looks: tests of that freeze it.
afterEach(() => {
  world.discord.clock.thaw();
});

afterAll(async () => {
  await sender.close();
  await world.close();
});

/** Somebody new in a channel of their own. */
function somebody(options: { locale?: string } = {}): {
  member: Member;
  channel: ReturnType<OutboxWorld['guild']['channel']>;
} {
  made += 1;
  const channel = world.guild.channel(`screening-${made}`);
  const member = world.guild.member(`member ${made}`, options);
  member.goTo(channel);
  return { member, channel };
}

interface End {
  state: string;
  place: string;
  tries: string[];
  problem: string | null;
}

async function ending(requestId: string): Promise<End> {
  const until = performance.now() + 60_000;
  for (;;) {
    const row = await world.db.delivery.findUniqueOrThrow({
      where: { requestId },
      include: { tries: { orderBy: { id: 'asc' } } },
    });
    const { state, place, tries, lastProblem } = row;
    if (state === 'delivered' || state === 'kept' || performance.now() > until) {
      return { state, place, problem: lastProblem, tries: tries.map((one) => `${one.place} ${one.outcome}`) };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Until a delivery waits for a later try. */
async function waiting(requestId: string, tries: number): Promise<void> {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    const count = await world.db.deliveryTry.count({ where: { deliveryId: requestId } });
    if (count >= tries) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no ${tries} tries: ${JSON.stringify(await ending(requestId))}`);
}

/** Milliseconds from the last try to the next. */
async function waitAfterLastTry(requestId: string): Promise<number> {
  const row = await world.db.delivery.findUniqueOrThrow({
    where: { requestId },
    include: { tries: { orderBy: { id: 'desc' } } },
  });
  return row.nextAttemptAt.getTime() - row.tries[0]!.at.getTime();
}

/** Opened when the test says so. */
function gated(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const withResult = (member: Member, place?: 'direct messages') => {
  if (place !== undefined) member.goTo(place);
  return member.messagesSeen().filter(({ files }) => files.length > 0);
};

describe('the result', () => {
  it('takes the place of the card, with everything there is to say, and nothing beside it', async () => {
    const { member } = somebody({ locale: 'fr' });
    const id = await world.ask(member, { isSpoiler: true });
    await world.finish(id);
    expect(await ending(id)).toEqual({
      state: 'delivered',
      place: 'interaction',
      problem: null,
      tries: ['interaction sent'],
    });
    const seen = member.messagesSeen();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      text: expect.stringMatching(/320×240, 24 i\/s.*→ \*\*1280×960, 24 i\/s, 4,88 KiB\*\*[^]*fait en 12s/u) as string,
      files: [{ name: 'grand_pe_re.restored.mp4', size: 5000, isSpoiler: true }],
      isLoading: false,
    });
    expect(seen[0]!.buttons.map(({ label }) => label)).toEqual(['Comparer', 'Signaler']);
    expect((await world.db.request.findUniqueOrThrow({ where: { id } })).state).toBe('delivered');
  });

  it('is edited into the same message by the bot itself when the token is old', async () => {
    const { member } = somebody();
    const id = await world.ask(member);
    minutes(14.5);
    await world.finish(id);
    expect((await ending(id)).tries).toEqual(['interaction token-expired', 'message sent']);
    expect(withResult(member)).toHaveLength(1);
    expect(member.messagesSeen()).toHaveLength(1);
  });

  it('is posted anew where its message is gone, and says whose it is', async () => {
    const { member, channel } = somebody();
    const id = await world.ask(member);
    const moderator = world.guild.member('moderator', {
      roles: [world.guild.role('mods', PermissionFlagsBits.ManageMessages)],
    });
    moderator.goTo(channel);
    moderator.delete(moderator.messagesSeen()[0]!);
    await world.finish(id);
    expect((await ending(id)).tries).toEqual(['interaction discord-10008', 'message discord-10008', 'channel sent']);
    const [seen, ...others] = withResult(member);
    expect(others).toEqual([]);
    expect(seen).toMatchObject({ pingsMe: true, text: expect.stringContaining('grand\\_père.mp4') as string });
  });

  it('goes to the member directly where the channel is closed to the bot', async () => {
    const { member, channel } = somebody();
    const id = await world.ask(member);
    world.guild.botMayNot(channel, PermissionFlagsBits.SendMessages, PermissionFlagsBits.AttachFiles);
    minutes(16);
    await world.finish(id);
    expect((await ending(id)).tries).toEqual([
      'interaction token-expired',
      'message discord-50013',
      'channel discord-50013',
      'direct sent',
    ]);
    expect(withResult(member)).toEqual([]);
    expect(withResult(member, 'direct messages')).toMatchObject([
      { text: expect.stringContaining(`You asked for this in <#${channel.id}>`) as string },
    ]);
  });

  it('is kept when direct messages are closed too, with the reason', async () => {
    const { member, channel } = somebody();
    const id = await world.ask(member);
    world.guild.botMayNot(channel, PermissionFlagsBits.ViewChannel);
    member.closeDirectMessages();
    minutes(16);
    await world.finish(id);
    expect(await ending(id)).toMatchObject({ state: 'kept', place: 'direct', problem: 'discord-50007' });
    expect((await world.db.request.findUniqueOrThrow({ where: { id } })).state).toBe('kept');
  });

  it('that is private stays private: in its place, or directly, or kept', async () => {
    const first = somebody();
    const inTime = await world.ask(first.member, { isPrivate: true });
    await world.finish(inTime);
    expect((await ending(inTime)).place).toBe('interaction');
    expect(withResult(first.member)).toMatchObject([{ isPrivate: true }]);

    const second = somebody();
    const late = await world.ask(second.member, { isPrivate: true });
    minutes(15);
    await world.finish(late);
    expect((await ending(late)).tries).toEqual(['interaction token-expired', 'direct sent']);
    const onlooker = world.guild.member('onlooker');
    for (const { channel } of [first, second]) {
      onlooker.goTo(channel);
      expect(onlooker.messagesSeen()).toEqual([]);
    }
    expect(withResult(second.member, 'direct messages')).toHaveLength(1);
  });
});

describe("of Discord's refusals", () => {
  it.each([
    [404, 10062],
    [400, 40060],
    [401, 50027],
    [404, 10015],
    [403, 50001],
  ])('%i with code %i sends the answer to the next place', async (status, code) => {
    const { member } = somebody();
    const id = await world.ask(member);
    world.discord.faults.plant('update_webhook_message', { kind: 'refusal', status, code, message: 'planted' });
    await world.finish(id);
    expect((await ending(id)).tries).toEqual([`interaction discord-${code}`, 'message sent']);
    expect(withResult(member)).toHaveLength(1);
  });

  it.each([
    ['a 502', { kind: 'status', status: 502 }, 'unanswered-502'],
    ['a cut connection', { kind: 'drop before' }, 'unanswered'],
  ] as const)('%s is tried again, later each time', async (_, fault, problem) => {
    const { member } = somebody();
    const id = await world.ask(member);
    world.discord.clock.freeze();
    world.discord.faults.plant('update_webhook_message', fault, 2);
    await world.finish(id);
    await waiting(id, 1);
    const first = await world.db.delivery.findUniqueOrThrow({ where: { requestId: id } });
    expect(first.state).toBe('waiting');
    world.discord.clock.advance(1100);
    await waiting(id, 2);
    expect(await waitAfterLastTry(id)).toBeGreaterThan(1900);
    world.discord.clock.advance(2100);
    expect((await ending(id)).tries).toEqual([`interaction ${problem}`, `interaction ${problem}`, 'interaction sent']);
  });

  it.each([
    ['a 500 after the deed', { kind: 'status after', status: 500 }],
    ['an answer that is lost', { kind: 'drop after' }],
  ] as const)('%s does not make a second message, even when the nonce is forgotten', async (_, fault) => {
    const { member, channel } = somebody();
    const id = await world.ask(member);
    await world.db.reply.update({ where: { requestId: id }, data: { messageId: null, token: null } });
    world.discord.clock.freeze();
    world.discord.faults.plant('create_message', fault);
    await world.finish(id);
    await waiting(id, 3);
    minutes(4);
    expect((await ending(id)).tries.at(-1)).toBe('channel sent');
    const results = world.discord.messagesIn(channel).filter(({ attachments }) => attachments.length > 0);
    expect(results).toHaveLength(1);
  });

  it('a short wait is waited for and a longer one becomes a later try', async () => {
    const { member } = somebody();
    const id = await world.ask(member);
    world.discord.clock.freeze();
    world.discord.rateLimits.refuseNext('update_webhook_message', { retryAfterMs: 8000, scope: 'user' });
    await world.finish(id);
    await waiting(id, 1);
    expect(await waitAfterLastTry(id)).toBeGreaterThan(7000);
    world.discord.clock.advance(8500);
    expect((await ending(id)).tries).toEqual(['interaction rate-limited', 'interaction sent']);
  });

  it('an old message that may not be edited any more (30046) is left for a post', async () => {
    const { member } = somebody();
    const id = await world.ask(member);
    minutes(61);
    world.discord.settings.lateEdits = 0;
    await world.finish(id);
    const end = await ending(id);
    world.discord.settings.lateEdits = 3;
    expect(end.tries).toEqual(['interaction token-expired', 'message too-many-edits', 'channel sent']);
  });

  it.each([40005, 50045] as const)('too large (%i): encoded again until it fits', async (oversizeCode) => {
    Object.assign(world.discord.settings, { oversizeCode, uploadLimit: 250_000 });
    refits.length = 0;
    const { member } = somebody();
    const id = await world.ask(member);
    await world.finish(id, 700_000);
    const { state, tries } = await ending(id);
    world.discord.settings.uploadLimit = undefined;
    expect({ state, tries, refits }).toEqual({
      state: 'delivered',
      tries: [`interaction discord-${oversizeCode}`, `interaction discord-${oversizeCode}`, 'interaction sent'],
      refits: [350_000, 175_000],
    });
    expect(withResult(member)).toMatchObject([
      { files: [{ size: 175_000 }], text: expect.stringContaining('171 KiB') as string },
    ]);
  });

  it('too large for ever: kept, and said so', async () => {
    world.discord.settings.uploadLimit = 1000;
    const small = somebody();
    const first = await world.ask(small.member);
    await world.finish(first, 150_000);
    expect((await ending(first)).state).toBe('kept');
    expect((await small.member.sees(/too large for this place/)).text).toContain('146 KiB');

    canShrink = false;
    const large = somebody();
    const second = await world.ask(large.member);
    await world.finish(second, 700_000);
    expect(await ending(second)).toMatchObject({ state: 'kept', problem: 'output.size-unreachable' });
    const said = (await large.member.sees(/too large for this place/)).text;
    expect(said).toContain('342 KiB');
    expect(said).not.toMatch(/quota|could not be restored/);
    canShrink = true;
    world.discord.settings.uploadLimit = undefined;
  });
});

describe('a notice', () => {
  it('says why a clip failed, where the card was', async () => {
    const { member } = somebody({ locale: 'it' });
    const id = await world.ask(member);
    await world.fail(id, 'failed', 'queue.worker-lost');
    expect((await ending(id)).tries).toEqual(['interaction sent']);
    const [seen] = member.messagesSeen();
    expect(seen?.text).toMatch(/Non è stato possibile restaurare[^]*La macchina si è fermata/u);
    expect(seen?.buttons).toEqual([]);
    expect((await world.db.request.findUniqueOrThrow({ where: { id } })).state).toBe('failed');
  });

  it('of a cancellation is not worth a message of its own', async () => {
    const there = somebody();
    const first = await world.ask(there.member);
    await world.fail(first, 'cancelled', 'job.cancelled');
    expect((await ending(first)).state).toBe('delivered');
    expect(there.member.messagesSeen()).toMatchObject([{ text: expect.stringContaining('Cancelled') as string }]);

    const gone = somebody();
    const second = await world.ask(gone.member);
    await world.db.reply.update({ where: { requestId: second }, data: { messageId: null } });
    minutes(15);
    await world.fail(second, 'cancelled', 'job.cancelled');
    expect(await ending(second)).toMatchObject({ state: 'kept', problem: 'message-unknown' });
    expect(gone.member.messagesSeen()).toMatchObject([{ text: '' }]);

    const alone = somebody();
    const third = await world.ask(alone.member, { isPrivate: true });
    minutes(15);
    await world.fail(third, 'cancelled', 'job.cancelled');
    expect(await ending(third)).toMatchObject({ state: 'kept', problem: 'token-expired' });
    alone.member.goTo('direct messages');
    expect(alone.member.messagesSeen()).toEqual([]);
  });
});

it('whose file is no longer kept ends, and says so', async () => {
  const { member } = somebody();
  const id = await world.ask(member);
  world.discord.clock.freeze();
  world.discord.faults.plant('update_webhook_message', { kind: 'status', status: 503 });
  await world.finish(id);
  await waiting(id, 1);
  const { resultSha256 } = await world.db.request.findUniqueOrThrow({ where: { id } });
  await world.media.remove(resultSha256!);
  world.discord.clock.advance(2000);
  expect(await ending(id)).toMatchObject({ state: 'kept', problem: 'result-gone' });
  expect((await member.sees(/could not be delivered/)).text).toContain('no longer kept here');
});

it('that takes too long twice is sent smaller, when it is large enough for that to help', async () => {
  await sender.close();
  let late = 2;
  const slowLine = new REST({
    ...world.discord.rest,
    version: '10',
    retries: 0,
    // As when the time for an upload is over.
    makeRequest: async (url, init) => {
      if (init.method === 'PATCH' && late-- > 0) throw new DOMException('This operation was aborted', 'AbortError');
      return DefaultRestOptions.makeRequest(url, init);
    },
  });
  sender = open(slowLine.setToken(world.discord.token));
  refits.length = 0;
  const { member } = somebody();
  const id = await world.ask(member);
  await world.finish(id, 2_200_000);
  await waiting(id, 1);
  world.discord.clock.advance(1100);
  const { state, tries } = await ending(id);
  await sender.close();
  sender = open();
  expect({ state, tries, refits }).toEqual({
    state: 'delivered',
    tries: ['interaction unanswered-late', 'interaction unanswered-late', 'interaction sent'],
    refits: [1_100_000],
  });
  expect(withResult(member)).toHaveLength(1);
});

it('breaks no rule of Discord but those that were tested', () => {
  const codes = world.discord.journal.refused().map(({ operation, code }) => `${operation} ${code}`);
  expect(new Set(codes)).toEqual(
    new Set([
      'update_webhook_message 10008',
      'update_message 10008',
      'update_message 50013',
      'create_message 50013',
      'update_message 50001',
      'create_message 50001',
      'create_message 50007',
      'update_message 30046',
      'update_webhook_message 40005',
      'update_webhook_message 50045',
      // the rate limit that was planted
      'update_webhook_message undefined',
    ]),
  );
  expect(world.discord.journal.warnings()).toEqual([]);
});

const edits = () => world.discord.journal.requests('update_webhook_message');

it('breaks off what takes too long when it is closed, and the next one finds what had arrived', async () => {
  const { member } = somebody();
  const id = await world.ask(member);
  await sender.close();
  sender = open();
  const gate = gated();
  world.discord.faults.plant('update_webhook_message', { kind: 'slow', until: gate.opened });
  const before = edits().length;
  await world.finish(id);
  sender.wake();
  const upload = await world.discord.until(() => edits()[before], 'the upload to begin');
  await sender.close(100);
  await world.discord.until(() => upload.isLeft || undefined, 'the upload to be broken off');
  gate.open();
  expect((await world.db.delivery.findUniqueOrThrow({ where: { requestId: id } })).state).toBe('waiting');
  sender = open();
  world.discord.clock.advance(2000);
  expect(await ending(id)).toMatchObject({ state: 'delivered', tries: ['interaction unanswered', 'interaction sent'] });
});

it('breaks an upload off when its result is removed meanwhile: nobody ever sees it', async () => {
  const { db, discord } = world;
  const { member } = somebody();
  const id = await world.ask(member);
  const gate = gated();
  discord.faults.plant('update_webhook_message', { kind: 'slow', until: gate.opened });
  const before = edits().length;
  await world.finish(id);
  sender.wake();
  const upload = await discord.until(() => edits()[before], 'the upload to begin');
  const change = { actor: 'moderator:1', code: 'queue.deleted-by-moderator', now: new Date(discord.clock.now()) };
  expect(await inTransaction(db, (tx) => removeResult(tx, id, change))).toBe(true);
  await waiting(id, 1);
  await discord.until(() => upload.isLeft || undefined, 'the upload to be broken off');
  // Now Discord would have had it.
  gate.open();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(upload.status).not.toBe(200);
  expect(withResult(member)).toEqual([]);
  const delivery = await db.delivery.findUniqueOrThrow({ where: { requestId: id }, include: { tries: true } });
  expect(delivery.tries.map(({ outcome }) => outcome)).toEqual(['unanswered']);
  // Whether it had arrived after all is looked at by who takes it away.
  expect(await db.removal.findUnique({ where: { requestId: id } })).toMatchObject({ state: 'waiting' });
});
