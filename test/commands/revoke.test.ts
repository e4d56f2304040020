/**
 * Consent taken back at random moments of a job, from the answer to the result and after it, with a real queue, worker, outbox
 * and media store. Whatever the moment: no result is to be seen afterwards, and no file of it is kept. A hundred moments:
 * `npm run test:long -- test/commands/revoke.test.ts`; `npm test` tries a few.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { isLong } from '../long.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type Bench, startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

const moments = isLong ? 100 : 10;
/** From the answer to a result that has been there for a while, with this work. */
const workMs = 120;
const longestMs = 900;
/** Where an upload takes Discord time, so much of it. */
const uploadMs = 700;
/** Longer than what was sent without an answer is looked for. */
const lookedForMs = 31_000;

let bench: Bench;
let alice: Member;
let bernard: Member;
const { processors, hold, release } = standIns();

beforeAll(async () => {
  bench = await startBench();
  ({ alice, bernard } = bench);
  const animate: typeof processors.animate = async (work) => {
    await sleep(workMs, undefined, { signal: work.signal });
    return processors.animate(work);
  };
  await bench.work({ ...processors, animate });
  bench.setLimits({
    userJobsPerDay: 1000,
    guildJobsPerDay: 1000,
    userComputeSecondsPerDay: 1e6,
    maxOpenPerUser: 50,
    userTriesPerDay: 1000,
  });
});
afterAll(() => bench.stop());

/** A reproducible draw of numbers from 0 to 1 (Park and Miller's generator). */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

async function picture(number: number): Promise<MemberFile> {
  const background = { r: number % 256, g: 200, b: 40 };
  const bytes = await sharp({ create: { width: 64 + number, height: 64, channels: 3, background } })
    .jpeg()
    .toBuffer();
  return { name: `moment-${number}.jpg`, bytes };
}

const isResult = ({ files }: SeenMessage): boolean => files.some(({ name }) => name.endsWith('.animated.mp4'));

async function kept(): Promise<string[]> {
  const files: string[] = [];
  for await (const { sha256 } of bench.media.files()) files.push(sha256);
  return files;
}

/** Somebody asks for an animation, and the member accepts. */
async function accepted(number: number): Promise<{ readonly id: string; readonly consentId: string }> {
  // Each asks as if nobody had asked before.
  await bench.db.consent.updateMany({ data: { askedAt: new Date(0) } });
  const interaction = alice.slash('animate', { photo: await picture(number), subject: 'member', member: bernard });
  const question = await bernard.sees(
    ({ buttons, id }) => buttons.some(({ customId }) => customId?.startsWith('consent-photo:')) && !settled.has(id),
  );
  settled.add(question.id);
  const accept = question.buttons.find(({ customId }) => customId?.startsWith('consent-photo:'))!.customId!;
  await bernard.click(accept, question).acknowledged();
  const given = () =>
    bench.db.request.findUniqueOrThrow({ where: { interactionId: interaction.id }, include: { consent: true } });
  while ((await given()).consent?.state !== 'given') await sleep(1);
  const { id, consentId } = await given();
  return { id, consentId: consentId! };
}
const settled = new Set<string>();

/**
 * The member accepts, and takes it back after so many milliseconds, or when the result is there. Resolves to the state that the
 * request was in then.
 */
async function revokeAfter(
  number: number,
  delay: number | 'delivered',
): Promise<{ readonly id: string; readonly was: string }> {
  const { id, consentId } = await accepted(number);
  const stateNow = () => bench.db.request.findUniqueOrThrow({ where: { id } }).then((row) => row.state);
  if (delay === 'delivered') await expect.poll(stateNow).toBe('delivered');
  else await sleep(delay);
  const state = await stateNow();
  const revoked = bernard.slash('consent revoke', { which: consentId });
  await revoked.acknowledged(20_000);
  return { id, was: state };
}

/** Until Discord has the whole of an upload that it has not answered. */
const uploaded = (): Promise<unknown> =>
  bench.discord.until(
    () =>
      bench.discord.journal
        .requests('update_webhook_message')
        .some(({ files, status }) => files.length > 0 && status === 0) || undefined,
    'the whole upload',
  );

const removalOf = (id: string): Promise<string | undefined> =>
  bench.db.removal.findUnique({ where: { requestId: id } }).then((removal) => removal?.state);

it(`leaves nothing to be seen after any of ${moments} moments`, { timeout: isLong ? 1_200_000 : 300_000 }, async () => {
  const draw = draws(20_26);
  const hit = new Map<string, number>();
  const ids: string[] = [];
  for (let number = 1; number <= moments; number += 1) {
    const isSlow = number % 3 === 0;
    const slow = { kind: 'slow to do', milliseconds: uploadMs } as const;
    const end = isSlow ? bench.discord.faults.plant('update_webhook_message', slow, Infinity) : undefined;
    const drawn = draw() * (isSlow ? longestMs + uploadMs : longestMs);
    // The first two are the two ends, whatever a machine gets done in the time of the others.
    const { id, was } = await revokeAfter(number, number === 1 ? 0 : number === 2 ? 'delivered' : drawn);
    hit.set(was, (hit.get(was) ?? 0) + 1);
    ids.push(id);
    await expect
      .poll(() => bench.db.request.findUniqueOrThrow({ where: { id } }).then(({ state }) => state))
      .toMatch(/^(cancelled|failed|removed)$/);
    if (isSlow) {
      end?.();
      // What was broken off arrives all the same, and is found; then nothing can come any more.
      await sleep(uploadMs);
      await expect.poll(() => alice.messagesSeen().filter(isResult).length).toBe(0);
      bench.discord.clock.advance(lookedForMs);
    }
    await expect.poll(() => bench.db.removal.count({ where: { requestId: id, state: 'waiting' } })).toBe(0);
    await expect.poll(() => alice.messagesSeen().filter(isResult).length).toBe(0);
  }
  // What was on its way has arrived by now, if it was ever going to.
  await sleep(500);
  for (const place of [undefined, 'direct messages'] as const) {
    expect(alice.messagesSeen(place).filter(isResult), String(place)).toEqual([]);
  }
  expect(await bench.db.mediaReference.count({ where: { requestId: { in: ids } } })).toBe(0);
  // The clock of the bench goes on with real time: files go when they are a few seconds old.
  bench.discord.clock.advance(60_000);
  await expect.poll(kept).toEqual([]);
  // The moments met the job at different stages, or they show little.
  expect(hit.size).toBeGreaterThanOrEqual(isLong ? 4 : 2);
});

it('takes away what Discord makes of an upload that was broken off', async () => {
  const { db, discord } = bench;
  hold('moment-300.jpg');
  const { id, consentId } = await accepted(300);
  let open = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    open = resolve;
  });
  const end = discord.faults.plant('update_webhook_message', { kind: 'slow to do', until }, Infinity);
  release();
  await uploaded();
  end();
  bernard.slash('consent revoke', { which: consentId });
  // The upload is broken off, and a first look finds nothing: the next one is seconds away, and does not come by itself.
  await expect
    .poll(async () => {
      const removal = await db.removal.findUnique({ where: { requestId: id } });
      const isLater = Number(removal?.nextAttemptAt ?? 0) - discord.clock.now() > 500;
      if (isLater) discord.clock.freeze();
      return isLater;
    })
    .toBe(true);
  open();
  const orphan = await alice.sees(isResult);
  expect((await db.deliveryTry.findMany({ where: { deliveryId: id } })).map(({ outcome }) => outcome)).toEqual([
    'unanswered',
  ]);
  expect(await removalOf(id)).toBe('waiting');
  discord.clock.thaw();
  discord.clock.advance(2000);
  await expect.poll(() => alice.messagesSeen().some((one) => one.id === orphan.id)).toBe(false);
  await expect.poll(() => removalOf(id)).toBe('done');
  await expect.poll(() => alice.messagesSeen('direct messages').at(-1)?.text).toContain('300.jpg');
});

it('says so on the card, which no result took the place of', async () => {
  const { db, discord } = bench;
  hold('moment-400.jpg');
  const { id, consentId } = await accepted(400);
  // Discord never has the whole of it.
  const until = new Promise<never>(() => undefined);
  const end = discord.faults.plant('update_webhook_message', { kind: 'slow', until }, Infinity);
  release();
  const delivery = () => db.delivery.findUnique({ where: { requestId: id } });
  await expect.poll(() => delivery().then((row) => row?.state), { interval: 5 }).toBe('sending');
  const isUnderWay = () =>
    discord.journal.requests('update_webhook_message').some((one) => one.planted === 'slow' && one.status === 0);
  await discord.until(isUnderWay, 'the upload to begin');
  bernard.slash('consent revoke', { which: consentId });
  await expect.poll(() => delivery().then((row) => row?.state)).not.toBe('sending');
  end();
  const { messageId } = await db.reply.findUniqueOrThrow({ where: { requestId: id } });
  discord.clock.advance(lookedForMs);
  await expect.poll(delivery).toMatchObject({ kind: 'notice', state: 'delivered', place: 'interaction', messageId });
  const card = alice.messagesSeen().find((one) => one.id === messageId);
  expect(card).toMatchObject({ buttons: [], files: [] });
  expect(card?.text).toContain('400.jpg');
  expect(alice.messagesSeen('direct messages').filter(({ text }) => text.includes('400.jpg'))).toEqual([]);
});

it('takes away what was sent while it was taken back, by a sender that dies before it can say where', async () => {
  const interaction = alice.slash('animate', { photo: await picture(500), subject: 'member', member: bernard });
  const question = await bernard.sees(
    ({ buttons, id }) => buttons.some(({ customId }) => customId?.startsWith('consent-photo:')) && !settled.has(id),
  );
  settled.add(question.id);
  bernard.click(question.buttons.find(({ customId }) => customId?.startsWith('consent-photo:'))!.customId!, question);
  const result = await alice.sees(isResult);
  const { id, consentId } = await bench.db.request.findUniqueOrThrow({ where: { interactionId: interaction.id } });
  await expect
    .poll(() => bench.db.delivery.findUniqueOrThrow({ where: { requestId: id } }).then(({ state }) => state))
    .toBe('delivered');
  // As a bot leaves it that died after Discord had the message and before the answer came.
  await bench.db.request.update({ where: { id }, data: { state: 'delivering' } });
  await bench.db.delivery.update({
    where: { requestId: id },
    data: {
      state: 'sending',
      claimedBy: 'dead',
      claimedAt: new Date(bench.discord.clock.now()),
      messageId: null,
      channelId: null,
    },
  });
  bernard.slash('consent revoke', { which: consentId! });
  await expect.poll(() => removalOf(id)).toBe('waiting');
  // It might still be alive until then.
  bench.discord.clock.advance(16_000);
  await expect.poll(() => alice.messagesSeen().some((one) => one.id === result.id)).toBe(false);
  await expect.poll(() => removalOf(id)).toBe('done');
  const tries = await bench.db.deliveryTry.findMany({ where: { deliveryId: id }, orderBy: { id: 'asc' }, take: 2 });
  expect(tries.map(({ outcome }) => outcome)).toEqual(['sent', 'unanswered']);
});
