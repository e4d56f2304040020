/** A photo about which a member was asked is nobody else's own face, no artwork and no stranger's: whatever the answer was. */
import { PermissionFlagsBits } from 'discord.js';
import sharp, { type Sharp } from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type Bench, startBench } from './bench.ts';
import { refused } from './refused.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let alice: Member;
let bernard: Member;
let carla: Member;
const { processors, setFaces, animated } = standIns();

beforeAll(async () => {
  bench = await startBench();
  await bench.work(processors);
  bench.setLimits({
    userJobsPerDay: 1000,
    guildJobsPerDay: 1000,
    userComputeSecondsPerDay: 1e6,
    userTriesPerDay: 1000,
  });
  ({ alice, bernard, carla } = bench);
});
afterAll(() => bench.stop());
beforeEach(async () => {
  // Each case asks as if nobody had asked before, and as if nobody had said that they do not want to be asked.
  await bench.db.consent.updateMany({ data: { askedAt: new Date(0), scope: 'photo' } });
});
afterEach(() => {
  setFaces(1);
  alice.goTo(bench.guild.channel('screening'));
  expect(bench.troubles).toEqual([]);
});

let photos = 0;
/** A picture with something to recognise, by a formula, which nobody had before. */
function newPhoto(): (change?: (image: Sharp) => Sharp) => Promise<MemberFile> {
  photos += 1;
  const number = photos;
  let copies = 0;
  return async (change = (image) => image) => {
    const [width, height] = [160, 120];
    const data = Buffer.alloc(width * height);
    for (let at = 0; at < data.length; at += 1) {
      const [x, y] = [(at % width) / width, Math.floor(at / width) / height];
      data[at] =
        128 + 60 * Math.sin((4 + 3 * number) * x + 5 * y * y) + 50 * Math.cos((11 - 2 * number) * y - 4 * x * x);
    }
    const bytes = await change(sharp(data, { raw: { width, height, channels: 1 } }))
      .jpeg()
      .toBuffer();
    copies += 1;
    return { name: `photo-${number}-${copies}.jpg`, bytes };
  };
}

const isQuestion = ({ buttons }: SeenMessage): boolean =>
  buttons.some(({ customId }) => customId?.startsWith('consent-photo:'));
const button = (message: SeenMessage, action: string): string =>
  message.buttons.find(({ customId }) => customId?.startsWith(`${action}:`))!.customId!;
const requestOf = ({ id }: { readonly id: string }) =>
  bench.db.request.findUniqueOrThrow({ where: { interactionId: id }, include: { consent: true } });
const stateOf = async (asked: { readonly id: string }) => (await requestOf(asked)).state;
const made = (member: Member, file: MemberFile) => {
  const name = file.name.replace('.jpg', '.animated.mp4');
  return member.sees(({ files }) => files.some((one) => one.name === name));
};
const sentence = /^About this photo another member was asked, as the one it shows\. .* a moderator can allow it\.$/;
const own = (photo: MemberFile) => ({ photo, subject: 'self' });
const artwork = (photo: MemberFile) => ({ photo, subject: 'artwork', work: 'a statue' });

/** Alice asks for Bernard's face. */
async function asked(photo: MemberFile, face?: '1' | '2') {
  const before = new Set(bernard.messagesSeen().map(({ id }) => id));
  const interaction = alice.slash('animate', { photo, subject: 'member', member: bernard });
  if (face !== undefined) {
    const isChoice = ({ buttons }: SeenMessage) => buttons.some(({ customId }) => customId?.startsWith('face:'));
    alice.click(face, await alice.sees(isChoice, {}));
  }
  const message = await bernard.sees((one) => isQuestion(one) && !before.has(one.id));
  return { interaction, message };
}

it('stays theirs while it is asked, declined, and taken back; near copies too, in direct messages too', async () => {
  const photo = newPhoto();
  const file = await photo();
  const { interaction, message } = await asked(file);
  await refused(bench, alice, alice.slash('animate', own({ ...file, name: 'open.jpg' })), sentence);

  await bernard.click(button(message, 'consent-never'), message).acknowledged();
  await expect.poll(() => stateOf(interaction)).toBe('refused');
  await refused(bench, alice, alice.slash('animate', own({ ...file, name: 'declined.jpg' })), sentence);
  await refused(bench, alice, alice.slash('animate', artwork({ ...file, name: 'statue.jpg' })), sentence);
  await refused(bench, alice, alice.slash('animate', own(await photo((image) => image.flop().resize(100)))), sentence);
  // Nor does somebody else do it for her.
  await refused(
    bench,
    carla,
    carla.slash('animate', own({ ...file, name: 'a-friend.jpg' })),
    /^Per questa foto è stato/,
  );
  const there = alice.goTo('direct messages');
  await refused(bench, there, there.slash('animate', own({ ...file, name: 'directly.jpg' })), sentence);
  alice.goTo(bench.guild.channel('screening'));
  // A photo for which he was named, and not asked any more.
  const another = await newPhoto()();
  const named = { photo: another, subject: 'member', member: bernard };
  await refused(bench, alice, alice.slash('animate', named), /no longer ask this member/);
  await refused(bench, alice, alice.slash('animate', own({ ...another, name: 'in-vain.jpg' })), sentence);
  expect(animated).toEqual([]);

  const his = { ...file, name: 'mine.jpg' };
  bernard.slash('animate', own(his));
  await made(bernard, his);
  const hers = await newPhoto()();
  alice.slash('animate', own(hers));
  await made(alice, hers);
});

it('stays theirs after they agreed and took it back', async () => {
  const file = await newPhoto()();
  const { interaction, message } = await asked(file);
  bernard.click(button(message, 'consent-photo'), message);
  await made(alice, file);
  const { consentId } = await requestOf(interaction);
  bernard.slash('consent revoke', { which: consentId! });
  await expect.poll(() => stateOf(interaction)).toBe('removed');
  await refused(bench, alice, alice.slash('animate', own({ ...file, name: 'revoked.jpg' })), sentence);
});

it('is about one face of several: the others are their own people’s', async () => {
  setFaces(2);
  const file = await newPhoto()();
  const { message } = await asked(file, '2');
  await bernard.click(button(message, 'consent-no'), message).acknowledged();
  const other = { ...file, name: 'other-face.jpg' };
  alice.slash('animate', { ...own(other), face: 'left' });
  await made(alice, other);
  for (const face of ['right', 'largest']) {
    await refused(bench, alice, alice.slash('animate', { ...own({ ...file, name: `${face}.jpg` }), face }), sentence);
  }
});

it('is allowed by a moderator where the wrong member was named, and the row says why it was refused', async () => {
  const { db, guild } = bench;
  const role = guild.role('mods', PermissionFlagsBits.ModerateMembers);
  const [mona, max] = [guild.member('mona', { roles: [role] }), guild.member('max', { roles: [role] })];
  const file = await newPhoto()();
  const { interaction, message } = await asked(file);
  await bernard.click(button(message, 'consent-no'), message).acknowledged();
  const mine = { ...file, name: 'really-mine.jpg' };
  const refusal = alice.slash('animate', own(mine));
  await refused(bench, alice, refusal, sentence);
  const monas = mona.slash('animate', own({ ...file, name: 'monas.jpg' }));
  await refused(bench, mona, monas, sentence);
  const { id } = await requestOf(refusal);

  const row = await mona.slash('usage show', { request: id }).answer();
  expect(row.text).toContain('About this photo another member was asked, as the one it shows.');
  expect(row.text).toContain(`Another member was named for it in \`${(await requestOf(interaction)).id}\``);
  expect(row.buttons.map(({ label }) => label)).toContain('Allow this face');
  const reason = 'she showed me that it is her';
  const done = await (await mona.submitModal(mona.click('Allow this face', row), { reason })).answer();
  expect(done.text).toContain('Allowed.');
  expect(await db.moderatorAction.findFirst({ where: { requestId: id, kind: 'approve' } })).toMatchObject({
    ...{ moderatorId: mona.id, targetUserId: alice.id, guildId: guild.id, reason },
  });
  const after = await max.slash('usage show', { request: id }).answer();
  expect(after.buttons.map(({ label }) => label)).not.toContain('Allow this face');
  const allow = async (by: Member, request: string) =>
    (await by.slash('moderate allow-face', { request, reason }).answer()).text;
  // What is their own another moderator decides; what was not refused for it needs nobody.
  expect(await allow(mona, (await requestOf(monas)).id)).toBe('This is about you: another moderator has to decide.');
  expect(await allow(max, (await requestOf(interaction)).id)).toMatch(/^This cannot be done/);

  const again = { ...file, name: 'allowed.jpg' };
  alice.slash('animate', own(again));
  await made(alice, again);
  // Allowed to her alone.
  await refused(bench, carla, carla.slash('animate', own({ ...file, name: 'not-hers.jpg' })), /^Per questa foto/);
});
