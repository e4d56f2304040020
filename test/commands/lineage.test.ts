/**
 * What is made from an animation shares its fate: a restoration of it is refused once it is gone, and goes with it, whoever asked
 * for it and whoever makes the animation go.
 */
import { readFile } from 'node:fs/promises';
import { PermissionFlagsBits } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { continueErasures } from '../../src/store/erase.ts';
import { h264, makeClip, picture } from '../clips.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type Bench, logKey, startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let alice: Member;
let bernard: Member;
let carla: Member;
let mona: Member;
const { processors, hold, release } = standIns();
/** What the worker finds in the clip that it is given, beside its hash. */
let carried: string | undefined;
let made = 0;

beforeAll(async () => {
  bench = await startBench();
  ({ alice, bernard, carla } = bench);
  mona = bench.guild.member('mona', { roles: [bench.guild.role('mods', PermissionFlagsBits.ModerateMembers)] });
  const clipOf = (number: number): Promise<string> =>
    makeClip('mp4', [...picture(`testsrc2=s=64x48:r=10:d=${1 + number / 10}`), ...h264]);
  await bench.work({
    ...processors,
    // No two are the same file.
    animate: async (work) => ({ ...(await processors.animate(work)), path: await clipOf((made += 1)) }),
    restore: async (work) => {
      const files = carried === undefined ? [] : [{ role: 'input' as const, markId: carried, madeHere: false }];
      await work.keepMarks({ version: 1, files });
      const again = await processors.restore(work);
      return { ...again, path: await clipOf(100 + (made += 1)) };
    },
  });
  bench.setLimits({
    ...{ userJobsPerDay: 1000, guildJobsPerDay: 1000, userComputeSecondsPerDay: 1e6 },
    ...{ maxOpenPerUser: 50, userTriesPerDay: 1000 },
  });
});
afterAll(() => bench.stop());
beforeEach(async () => {
  release();
  carried = undefined;
  await bench.db.consent.updateMany({ data: { askedAt: new Date(0) } });
});

const requestOf = (interactionId: string) =>
  bench.db.request.findUniqueOrThrow({ where: { interactionId }, include: { consent: true, removal: true } });
const comesTo = (interaction: { readonly id: string }, state: string): Promise<void> =>
  expect.poll(async () => (await requestOf(interaction.id)).state).toBe(state);

let photos = 0;
async function photo(): Promise<MemberFile> {
  photos += 1;
  const background = { r: photos * 7, g: 90, b: 60 };
  const bytes = await sharp({ create: { width: 320, height: 240, channels: 3, background } })
    .jpeg()
    .toBuffer();
  return { name: `photo-${photos}.jpg`, bytes };
}

interface Animation {
  readonly id: string;
  readonly interactionId: string;
  readonly consentId: string | null;
  readonly markId: string;
  readonly clip: MemberFile;
}

/** Alice has a picture of Bernard animated, and he agreed; or one of herself. */
async function animation(of: 'bernard' | 'alice' = 'bernard'): Promise<Animation> {
  const before = new Set(bernard.messagesSeen().map(({ id }) => id));
  const whose = of === 'alice' ? { subject: 'self' } : { subject: 'member', member: bernard };
  const asked = alice.slash('animate', { photo: await photo(), ...whose });
  if (of === 'bernard') {
    const isQuestion = ({ id, buttons }: SeenMessage): boolean =>
      !before.has(id) && buttons.some(({ customId }) => customId?.startsWith('consent-photo:'));
    const question = await bernard.sees(isQuestion);
    const accept = question.buttons.find(({ customId }) => customId?.startsWith('consent-photo:'))!.customId!;
    await bernard.click(accept, question).acknowledged();
  }
  await comesTo(asked, 'delivered');
  const { id, consentId, markId, resultSha256 } = await requestOf(asked.id);
  const file = await bench.media.open(resultSha256!);
  const bytes = await readFile(file.path);
  await file.release();
  return { id, interactionId: asked.id, consentId, markId: markId!, clip: { name: `again-${photos}.mp4`, bytes } };
}

/** Another encoding: known by its mark alone. */
async function encodedAgain(): Promise<MemberFile> {
  made += 1;
  const path = await makeClip('mp4', [...picture(`testsrc2=s=64x48:r=10:d=${30 + made / 10}`), ...h264]);
  return { name: `other-${made}.mp4`, bytes: await readFile(path) };
}

const restores = (member: Member, clip: MemberFile) => member.slash('restore', { clip });
const resultsOf = (interactionId: string): readonly SeenMessage[] =>
  alice.messagesSeen().filter((seen) => seen.interactionId === interactionId && seen.files.length > 0);

it('a restoration of an animation goes when the consent is taken back, and who-has-mine names it before', async () => {
  const { consentId, clip } = await animation();
  const copy = restores(carla, clip);
  await comesTo(copy, 'delivered');
  // A restoration of the restoration.
  const { resultSha256 } = await requestOf(copy.id);
  const file = await bench.media.open(resultSha256!);
  const second = restores(carla, { name: 'second.mp4', bytes: await readFile(file.path) });
  await file.release();
  await comesTo(second, 'delivered');
  expect(resultsOf(copy.id)).toHaveLength(1);

  const has = await bernard.slash('consent who-has-mine').answer();
  expect(has.text.match(/discord\.com\/channels/g)).toHaveLength(3);
  const revoked = await bernard.slash('consent revoke', { which: consentId! }).answer();
  expect(revoked.text).toMatch(/3 résultats affichés sont (retirés|en cours de retrait)/);
  for (const one of [copy, second]) {
    await comesTo(one, 'removed');
    await expect.poll(async () => (await requestOf(one.id)).removal?.state).toBe('done');
    expect(resultsOf(one.id)).toEqual([]);
  }
  const after = await bernard.slash('consent who-has-mine').answer();
  expect(after.text).not.toContain('discord.com/channels');
});

it('what is gone is not restored: known by its bytes before it waits, by its mark before it is made', async () => {
  const { consentId, clip, markId } = await animation();
  await bernard.slash('consent revoke', { which: consentId! }).acknowledged();
  const same = restores(alice, clip);
  await comesTo(same, 'refused');
  expect((await requestOf(same.id)).code).toBe('queue.consent-source');
  await alice.sees(({ text }) => text.includes('an animation of mine that was removed or is held back'));
  carried = markId;
  const other = restores(carla, await encodedAgain());
  await comesTo(other, 'failed');
  expect(await requestOf(other.id)).toMatchObject({ code: 'queue.consent-source', resultSha256: null });
});

it('one whose time is over is restored by who could say it again, and by nobody else', async () => {
  const own = await animation('alice');
  const { createdAt } = await bench.db.request.findUniqueOrThrow({ where: { id: own.id } });
  const expiresAt = new Date(createdAt.getTime() + 1);
  await bench.db.consent.update({ where: { id: own.consentId! }, data: { expiresAt } });
  await comesTo(restores(alice, own.clip), 'delivered');
  await comesTo(restores(carla, own.clip), 'refused');
});

it('one that is being made, known by its mark, comes to nothing when the animation is deleted', async () => {
  const { id, markId } = await animation('alice');
  carried = markId;
  const clip = await encodedAgain();
  hold(clip.name);
  const copy = restores(carla, clip);
  await expect.poll(async () => (await requestOf(copy.id)).madeFromId).toBe(id);
  await mona.slash('moderate delete', { request: id, reason: 'not theirs' }).answer();
  await comesTo(copy, 'cancelled');
  release();
  expect((await requestOf(copy.id)).resultSha256).toBeNull();
});

it('it is held and released with the animation, and not before it', async () => {
  const { id, interactionId, clip } = await animation('alice');
  const copy = restores(carla, clip);
  await comesTo(copy, 'delivered');
  const copyId = (await requestOf(copy.id)).id;
  await mona.slash('moderate hold', { request: id, reason: 'let me see' }).answer();
  await comesTo(copy, 'held');
  await expect.poll(async () => (await requestOf(copy.id)).removal?.state).toBe('done');
  await expect.poll(async () => (await requestOf(interactionId)).removal?.state).toBe('done');
  await comesTo(restores(carla, clip), 'refused');
  await mona.slash('moderate release', { request: copyId, reason: 'alone' }).answer();
  await comesTo(copy, 'held');
  await expect
    .poll(async () => {
      await mona.slash('moderate release', { request: id, reason: 'all is well' }).answer();
      return (await requestOf(copy.id)).state;
    })
    .toBe('delivered');
  await comesTo({ id: interactionId }, 'delivered');
});

it('a wish to be forgotten takes it along', async () => {
  const { interactionId, clip } = await animation();
  const copy = restores(carla, clip);
  await comesTo(copy, 'delivered');
  const asked = await bernard.slash('privacy delete').answer();
  bernard.click('Effacer', asked);
  await bernard.sees(({ text }) => text.includes('L’effacement est en cours'));
  await expect
    .poll(() => continueErasures(bench.db, { key: logKey, now: new Date(bench.discord.clock.now()) }))
    .toEqual([bernard.id]);
  await comesTo({ id: interactionId }, 'removed');
  await comesTo(copy, 'removed');
});
