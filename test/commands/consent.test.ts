/** Whose face it is when it is not the requester's: asked, answered, agreed beforehand, taken back; as messages on Discord. */
import { PermissionFlagsBits, Routes } from 'discord.js';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { resumeIntakes } from '../../src/commands/index.ts';
import { mostQuestionsOfOne } from '../../src/policy/consent.ts';
import { changeGuildSettings } from '../../src/store/guild-settings.ts';
import { sweep } from '../../src/store/sweep.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type Bench, startBench } from './bench.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let alice: Member;
let bernard: Member;
let carla: Member;
const { processors, setFaces, animated, hold, release } = standIns();

beforeAll(async () => {
  bench = await startBench();
  await bench.work(processors);
  bench.setLimits({
    userJobsPerDay: 1000,
    guildJobsPerDay: 1000,
    userComputeSecondsPerDay: 1e6,
    maxOpenPerUser: 50,
    userTriesPerDay: 1000,
  });
  ({ alice, bernard, carla } = bench);
  // Whose language is known is asked in it.
  bernard.slash('about');
  await bench.db.user.upsert({
    where: { id: bernard.id },
    create: { id: bernard.id, locale: 'fr' },
    update: { locale: 'fr' },
  });
});
afterAll(() => bench.stop());
beforeEach(async () => {
  // Each case asks as if nobody had asked before.
  await bench.db.consent.updateMany({ data: { askedAt: new Date(0) } });
});
afterEach(async () => {
  setFaces(1);
  release();
  // A question that has been answered is still to be seen as open until its handler is done.
  await bench.settled();
  bernard.openDirectMessages();
  for (const member of [alice, bernard, carla]) member.goTo(bench.guild.channel('screening'));
  expect(
    bench.discord.journal
      .refused()
      // 50027: the clock jumps by hours while a card's edit is on its way.
      .filter(({ code }) => code === undefined || ![10007, 10008, 50001, 50013, 50007, 50027].includes(code)),
  ).toEqual([]);
  expect(bench.troubles.filter(({ msg }) => msg !== 'not made')).toEqual([]);
});

let photos = 0;
/** A picture that nobody had before. */
async function photo(): Promise<MemberFile> {
  photos += 1;
  const background = { r: photos % 256, g: 90, b: 60 };
  const bytes = await sharp({ create: { width: 320, height: 240, channels: 3, background } })
    .jpeg()
    .toBuffer();
  return { name: `photo-${photos}.jpg`, bytes };
}

const screening = () => bench.guild.channel('screening');
const isQuestion = ({ buttons }: SeenMessage): boolean =>
  buttons.some(({ customId }) => /^consent-(photo|look):/.test(customId ?? ''));
const resultOf = (member: Member, file: MemberFile) => {
  const name = file.name.replace('.jpg', '.animated.mp4');
  return member.sees(({ files }) => files.some((one) => one.name === name));
};
const requestOf = (interactionId: string) =>
  bench.db.request.findUniqueOrThrow({
    where: { interactionId },
    include: {
      consent: { include: { events: { orderBy: { id: 'asc' } } } },
      delivery: true,
      media: true,
      removal: true,
    },
  });
const pressed = (message: SeenMessage, action: string) =>
  message.buttons.find(({ customId }) => customId?.startsWith(`${action}:`))!.customId!;

/** Alice asks for Bernard's face; his question. */
async function asked(more: Record<string, unknown> = {}) {
  const file = await photo();
  const options = { photo: file, subject: 'member', member: bernard, ...more };
  const before = new Set(bernard.messagesSeen(screening()).map(({ id }) => id));
  const interaction = alice.slash('animate', options);
  const message = await bernard.sees((one) => isQuestion(one) && !before.has(one.id));
  return { file, interaction, message };
}

describe('another member’s face', () => {
  it('is made when that member accepts, and nobody else may', async () => {
    const { file, interaction, message } = await asked({ caption: 'Hello you' });
    // In his language, with the photograph, and with a ping for him alone.
    expect(message.text).toContain('Votre visage peut-il être animé');
    expect(message.text).toContain('Hello you');
    expect(message.text).not.toContain('n’est montré qu’à');
    expect(message.text).toContain('à lui seul ne peuvent être retirés que pendant 15 minutes');
    expect([message.files.length, message.pingsMe]).toEqual([1, true]);
    const seenByCarla = carla.messagesSeen().find(({ id }) => id === message.id)!;
    expect(seenByCarla.pingsMe).toBe(false);
    const waiting = await alice.sees(/Waiting for an answer/);
    expect(waiting.interactionId).toBe(interaction.id);
    const queue = await alice.slash('queue').answer();
    expect(queue.text).toContain(
      `### The queue\n- **${file.name.replace('-', String.raw`\-`)}** · Waiting for an answer\n-# `,
    );
    for (const other of [alice, carla]) {
      const told = await other.click(pressed(message, 'consent-photo'), message).answer();
      expect(told.isPrivate).toBe(true);
    }
    expect((await requestOf(interaction.id)).state).toBe('asking');
    expect(animated).toHaveLength(0);

    const accepted = bernard.click(pressed(message, 'consent-photo'), message);
    const result = await resultOf(alice, file);
    expect(result.interactionId).toBe(interaction.id);
    await expect
      .poll(() => accepted.messages().map((one) => [one.isPrivate, one.text]))
      .toEqual([[true, expect.stringContaining('accepté pour cette seule photo')]]);
    await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === message.id)).toBe(false);
    // Forgotten when Discord has said that it is gone.
    await expect.poll(async () => (await requestOf(interaction.id)).consent?.messageId).toBeNull();
    const { consent, ...request } = await requestOf(interaction.id);
    expect(consent).toMatchObject({
      ...{ kind: 'member', scope: 'photo', state: 'given', subjectId: bernard.id, requesterId: alice.id },
      ...{ guildId: bench.guild.id, photoSha256: request.inputSha256, decidedBy: bernard.id, messageId: null },
      ...{ textVersion: '4', textLocale: 'fr' },
    });
    expect(consent!.events.map(({ from, to, actor }) => [from, to, actor])).toEqual([
      [null, 'asked', `member:${alice.id}`],
      ['asked', 'given', `member:${bernard.id}`],
    ]);
  });

  it('can be heard or seen as it shall move, before there is an answer, by the one who is asked alone', async () => {
    const sound = { name: 'words of mine.wav', bytes: Buffer.from(`RIFF\0\0\0\0WAVEfmt ${'\0'.repeat(64)}`) };
    const { message, file } = await asked({ speech: sound, strength: 1.5, camera: 'drift' });
    expect(message.text).toMatch(/Ampleur du mouvement : 1,5 [^]*La caméra bouge aussi : /);
    const listen = pressed(message, 'consent-source');
    expect((await alice.click(listen, message).answer()).text).toContain('somebody else');
    const heard = await bernard.click(listen, message).answer();
    expect([heard.isPrivate, heard.files.map(({ name }) => name)]).toEqual([true, ['speech.wav']]);
    expect(heard.text).toContain('ce que la photo doit dire');
    bernard.click(pressed(message, 'consent-photo'), message);
    await resultOf(alice, file);
  });

  it('is not made when that member declines: the requester is told, and the photograph is gone', async () => {
    const before = animated.length;
    const { interaction, message } = await asked();
    await bernard.click(pressed(message, 'consent-no'), message).acknowledged();
    await alice.sees(/did not agree/);
    const request = await requestOf(interaction.id);
    expect([request.state, request.code, request.media]).toEqual(['refused', 'queue.consent-declined', []]);
    expect(request.consent?.state).toBe('refused');
    expect(animated).toHaveLength(before);
    await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === message.id)).toBe(false);
  });

  it('is chosen by its number first, where there are several', async () => {
    setFaces(3);
    const file = await photo();
    const interaction = alice.slash('animate', { photo: file, subject: 'member', member: bernard, face: 'largest' });
    const choice = await alice.sees(({ buttons }) => buttons.some(({ customId }) => customId?.startsWith('face:')), {});
    expect([choice.isPrivate, choice.buttons.map(({ label }) => label)]).toEqual([true, ['1', '2', '3', 'Cancel']]);
    alice.click('2', choice);
    const message = await bernard.sees((one) => isQuestion(one) && one.text.includes('numéro 2'));
    bernard.click(pressed(message, 'consent-photo'), message);
    await resultOf(alice, file);
    expect(animated.at(-1)).toMatchObject({ face: 2 });
    expect((await requestOf(interaction.id)).consent?.state).toBe('given');
  });

  it('is chosen from a menu, when it was not said whose it is', async () => {
    const posted = alice.post('look', [await photo()]);
    alice.contextMenu('Animate this photo', posted);
    const choice = await alice.sees(
      ({ selects }) => selects.some(({ customId }) => customId.startsWith('member:')),
      {},
    );
    alice.select(choice.selects[0]!.customId, [bernard.id], choice);
    const message = await bernard.sees(isQuestion);
    bernard.click(pressed(message, 'consent-no'), message);
    await alice.sees(/did not agree/);
  });

  it('is asked for directly where it was asked in private, and hidden in the channel when that is closed', async () => {
    const direct = async () => {
      alice.slash('animate', { photo: await photo(), subject: 'member', member: bernard, private: true });
    };
    await direct();
    const there = await bernard.sees(isQuestion, { in: 'direct messages' });
    expect(there.files).toHaveLength(1);
    // What is shown to one member alone cannot be taken away for long: nobody agrees without having read that.
    expect(there.text).toContain('n’est montré qu’à');
    expect(there.text).toMatch(/que pendant 15 minutes ; ensuite[^]*autant que Discord me le permet/);
    expect(bernard.messagesSeen(screening()).filter(isQuestion)).toEqual([]);
    bernard.goTo('direct messages').click(pressed(there, 'consent-no'), there);
    await alice.sees(/did not agree/);

    bernard.goTo(screening()).closeDirectMessages();
    await direct();
    const hidden = await bernard.sees(isQuestion);
    expect([hidden.files, hidden.pingsMe]).toEqual([[], true]);
    const look = pressed(hidden, 'consent-look');
    expect((await carla.click(look, hidden).answer()).text).toMatch(/somebody else|qualcun altro/);
    const shown = await bernard.click(look, hidden).answer();
    expect([shown.isPrivate, shown.files.length]).toEqual([true, 1]);
    bernard.click(pressed(shown, 'consent-no'), shown);
    await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === hidden.id)).toBe(false);
  });

  it('is asked for directly where the channel takes no message, and not at all when nothing takes one', async () => {
    bench.guild.botMayNot(screening(), PermissionFlagsBits.SendMessages);
    try {
      const ask = async () =>
        alice.slash('animate', { photo: await photo(), subject: 'member', member: bernard, private: true });
      await ask();
      const there = await bernard.sees(isQuestion, { in: 'direct messages' });
      bernard.goTo('direct messages').click(pressed(there, 'consent-no'), there);
      await alice.sees(/did not agree/);
      bernard.closeDirectMessages();
      const interaction = await ask();
      await alice.sees(/They cannot be asked/);
      expect((await requestOf(interaction.id)).consent?.state).toBe('expired');
    } finally {
      bench.guild.botMay(screening(), PermissionFlagsBits.SendMessages);
    }
  });

  it('is not asked for when the requester cancels, and the question goes', async () => {
    const { interaction, message } = await asked();
    const card = await alice.sees(
      (one) => one.interactionId === interaction.id && one.text.includes('Waiting for'),
      {},
    );
    alice.click('Cancel', card);
    await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === message.id)).toBe(false);
    const { consent, state } = await requestOf(interaction.id);
    expect([state, consent?.state]).toEqual(['cancelled', 'expired']);
  });

  it('is not made for somebody who is not a member any more when the answer comes', async () => {
    const dora = bench.guild.member('dora');
    const before = animated.length;
    const seen = new Set(bernard.messagesSeen(screening()).map(({ id }) => id));
    const interaction = dora.slash('animate', { photo: await photo(), subject: 'member', member: bernard });
    const message = await bernard.sees((one) => isQuestion(one) && !seen.has(one.id));
    bench.guild.removeMember(dora.id);
    bernard.click(pressed(message, 'consent-photo'), message);
    await expect.poll(() => requestOf(interaction.id)).toMatchObject({ state: 'refused', code: 'refusal.member-gone' });
    expect(animated).toHaveLength(before);
    await expect.poll(async () => (await requestOf(interaction.id)).media).toEqual([]);
  });

  it('is not made when nobody answers in time, and the requester is told when their interaction is long over', async () => {
    const { interaction, message } = await asked();
    await bench.settled();
    bench.discord.clock.advance(25 * 3_600_000);
    await alice.sees(/did not answer in time/);
    await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === message.id)).toBe(false);
    const { state, code, consent } = await requestOf(interaction.id);
    expect([state, code, consent?.state]).toEqual(['cancelled', 'queue.consent-unanswered', 'expired']);
  });

  it('is asked for after all when the bot that was to ask ended before it did, however long ago', async () => {
    const { interaction, message } = await asked();
    const { consentId } = await requestOf(interaction.id);
    await bench.settled();
    // As it stands when the process ends between the row and the message.
    const hour = 3_600_000;
    const answerBy = new Date(bench.discord.clock.now() + 26 * hour);
    const unasked = { messageId: null, channelId: null, answerBy };
    await bench.db.consent.update({ where: { id: consentId! }, data: unasked });
    bench.discord.clock.advance(25 * hour);
    const stays = message.id;
    expect(await resumeIntakes(bench.services, { modelsDir: bench.modelsDir })).toBe(1);
    const again = await bernard.sees((one) => isQuestion(one) && one.id !== stays);
    const { consent } = await requestOf(interaction.id);
    expect(consent).toMatchObject({ state: 'asked', messageId: again.id });
    expect(consent!.answerBy!.getTime()).toBeGreaterThanOrEqual(answerBy.getTime() + 23 * hour);
    expect(await resumeIntakes(bench.services, { modelsDir: bench.modelsDir })).toBe(0);
    await bernard.click(pressed(again, 'consent-no'), again).acknowledged();
    await alice.sees(/did not agree/);
  });

  it('can be answered from /consent status, though the message that asked is gone', async () => {
    const { file, message } = await asked({ private: false });
    await bench.services.deliveryRest.delete(Routes.channelMessage(screening().id, message.id));
    await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === message.id)).toBe(false);
    const status = await bernard.slash('consent status').answer();
    expect(status.text).toContain('1. ');
    expect(status.buttons.map(({ label }) => label)).toEqual(['Répondre à la question 1']);
    const shown = await bernard.click(pressed(status, 'consent-look'), status).answer();
    expect([shown.isPrivate, shown.files.length]).toEqual([true, 1]);
    bernard.click(pressed(shown, 'consent-photo'), shown);
    await resultOf(alice, file);
    await bench.settled();
    expect((await bernard.slash('consent status').answer()).buttons).toEqual([]);
  });

  it('is made and shown hours later, by the bot’s own rights', async () => {
    const { file, interaction, message } = await asked();
    await bench.settled();
    bench.discord.clock.advance(2 * 3_600_000);
    bernard.click(pressed(message, 'consent-photo'), message);
    const result = await resultOf(alice, file);
    expect((await requestOf(interaction.id)).delivery?.place).not.toBe('interaction');
    expect(result.isPrivate).toBe(false);
  });

  it('cannot be asked of a bot, of oneself, of somebody elsewhere, or beside another answer', async () => {
    const elsewhere = bench.discord.guild('Elsewhere');
    elsewhere.channel('hall');
    const dora = elsewhere.member('dora');
    const refusal = async (options: object): Promise<string> => {
      const slash = alice.slash('animate', { photo: await photo(), ...options });
      return (await slash.answer()).text;
    };
    expect(await refusal({ subject: 'member', member: alice })).toContain('That is yourself');
    expect(await refusal({ subject: 'member', member: dora })).toContain('not a member of this server');
    expect(await refusal({ subject: 'self', member: bernard })).toContain('named a member');
    expect(await refusal({ subject: 'member', member: { id: bench.client.user.id } })).toContain('That is a bot');
  });

  it('is asked for a few times a day, and never again when they say so', async () => {
    for (let count = 0; count < mostQuestionsOfOne; count += 1) {
      const { message } = await asked();
      await bernard.click(pressed(message, 'consent-no'), message).acknowledged();
      await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === message.id)).toBe(false);
    }
    alice.slash('animate', { photo: await photo(), subject: 'member', member: bernard });
    await alice.sees(/has been asked often enough/);

    await bench.db.consent.updateMany({ data: { askedAt: new Date(0) } });
    const { message } = await asked();
    await bernard.click(pressed(message, 'consent-never'), message).acknowledged();
    await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === message.id)).toBe(false);
    await bench.db.consent.updateMany({ data: { askedAt: new Date(0) } });
    alice.slash('animate', { photo: await photo(), subject: 'member', member: bernard });
    await alice.sees(/can no longer ask this member/);
    expect((await bernard.slash('consent status').answer()).text).toContain('Qui ne peut plus vous solliciter');
  });
});

describe('/consent', () => {
  it('gives for thirty days: no question, and what was made can be seen and taken back', async () => {
    const offered = await bernard.slash('consent give', { member: alice }).answer();
    expect([offered.isPrivate, offered.text.includes('sans me redemander')]).toEqual([true, true]);
    await bernard
      .click(offered.buttons[0]!.customId!, offered)
      .answer()
      .catch(() => undefined);
    const file = await photo();
    const interaction = alice.slash('animate', { photo: file, subject: 'member', member: bernard });
    const result = await resultOf(alice, file);
    const { consent } = await requestOf(interaction.id);
    expect(consent).toMatchObject({ scope: 'requester', state: 'given', decidedBy: bernard.id, textLocale: 'fr' });
    await bernard.sees(/fait animer une photo/, { in: 'direct messages' });
    const who = await bernard.slash('consent who-has-mine').answer();
    expect([who.isPrivate, who.text.includes(result.id)]).toEqual([true, true]);
    expect((await bernard.slash('consent status').answer()).text).toContain('Toute photo de vous');

    const again = await alice.slash('result', { clip: (await requestOf(interaction.id)).id, to: 'channel' }).answer();
    expect(again.files).toHaveLength(1);
    // Discord has it before it is written down.
    await bench.settled();
    const both = (await bernard.slash('consent who-has-mine').answer()).text;
    expect([both.includes(result.id), both.includes(again.id)]).toEqual([true, true]);
    // Days later its file has gone. What was posted is there still, is told of, and can be taken away.
    const { id: requestId } = await requestOf(interaction.id);
    await bench.db.request.update({ where: { id: requestId }, data: { resultExpiresAt: new Date(0) } });
    await bench.db.mediaReference.updateMany({ where: { requestId }, data: { expiresAt: new Date(0) } });
    expect((await sweep(bench.db, bench.media, { now: new Date(bench.discord.clock.now()) })).expired).toBe(1);
    expect((await requestOf(interaction.id)).media).toEqual([]);
    expect((await bernard.slash('consent who-has-mine').answer()).text).toContain(result.id);
    const choices = await bernard.autocomplete('consent revoke', 'which', '30 jours');
    expect(choices).toHaveLength(1);
    const revoked = bernard.slash('consent revoke', { which: String(choices[0]!.value) });
    await alice.sees(/This animation has been withdrawn/, { in: 'direct messages' });
    const seen = alice.messagesSeen().map(({ id }) => id);
    expect([seen.includes(result.id), seen.includes(again.id)]).toEqual([false, false]);
    await expect.poll(() => revoked.original()?.text).toMatch(/1 résultat affiché est retiré/);
    expect(revoked.original()?.text).toContain('Ceux qui l’avaient demandé en sont avertis');
    const { state, media, removal } = await requestOf(interaction.id);
    expect([state, media, removal?.state]).toEqual(['removed', [], 'done']);
    // The consent that is taken back asks again.
    const { message } = await asked();
    bernard.click(pressed(message, 'consent-no'), message);
    await expect.poll(() => bernard.messagesSeen().some(({ id }) => id === message.id)).toBe(false);
  });

  it('takes back while it is made: it stops, and nothing is shown', async () => {
    const { file, interaction, message } = await asked();
    hold(file.name);
    bernard.click(pressed(message, 'consent-photo'), message);
    await expect.poll(async () => (await requestOf(interaction.id)).state).toBe('running');
    bernard.slash('consent revoke', { which: 'all' });
    await alice.sees(/consent for this face no longer holds/);
    // All that was agreed to before goes with it, and the clock may not jump before that is told.
    await bench.settled();
    const { state, code, media } = await requestOf(interaction.id);
    expect([state, code, media]).toEqual(['cancelled', 'queue.consent-ended', []]);
  });

  it('says plainly what it could not take away', async () => {
    const file = await photo();
    const interaction = alice.slash('animate', { photo: file, subject: 'member', member: bernard, private: true });
    const question = await bernard.sees(isQuestion, { in: 'direct messages' });
    bernard.goTo('direct messages').click(pressed(question, 'consent-photo'), question);
    const result = await resultOf(alice, file);
    expect(result.isPrivate).toBe(true);
    // A claim of a sender that is still busy would be over as well.
    await expect.poll(async () => (await requestOf(interaction.id)).state).toBe('delivered');
    await bench.settled();
    bench.discord.clock.advance(20 * 60_000);
    const revoked = bernard.slash('consent revoke', { which: 'all' });
    await expect.poll(() => revoked.original()?.text).toMatch(/montré qu’au membre/);
    expect((await requestOf(interaction.id)).removal).toMatchObject({ state: 'failed', problem: 'private-message' });
  });

  it('takes back one’s own, and promises a notice to nobody', async () => {
    const file = await photo();
    const interaction = alice.slash('animate', { photo: file, subject: 'self', private: true });
    await resultOf(alice, file);
    await expect.poll(async () => (await requestOf(interaction.id)).state).toBe('delivered');
    await bench.settled();
    bench.discord.clock.advance(20 * 60_000);
    const { consentId } = await requestOf(interaction.id);
    const revoked = alice.slash('consent revoke', { which: consentId! });
    await expect.poll(() => revoked.original()?.text).toMatch(/shown to you alone/);
    expect(revoked.original()?.text).not.toContain('are told');
  });

  it('takes back nothing of somebody else', async () => {
    const { message, interaction } = await asked();
    bernard.click(pressed(message, 'consent-photo'), message);
    await expect.poll(async () => (await requestOf(interaction.id)).state).toBe('delivered');
    const { consentId } = await requestOf(interaction.id);
    const refused = await carla.slash('consent revoke', { which: consentId! }).answer();
    expect(refused.text).toContain('Non trovo');
    expect((await requestOf(interaction.id)).state).toBe('delivered');
    expect((await carla.slash('consent status').answer()).text).toContain('Finora non hai accettato nulla');
  });
});

describe('the face of somebody who is not on Discord', () => {
  const outsider = async () => ({ photo: await photo(), subject: 'outsider', work: 'my grandmother, who asked me' });

  it('is refused unless the operator and the guild let it be', async () => {
    expect((await alice.slash('animate', await outsider()).answer()).text).toContain('somebody from elsewhere cannot');
    bench.consent.outsidersAllowed = true;
    expect((await alice.slash('animate', await outsider()).answer()).text).toContain('has no log channel');
  });

  it('is made when a moderator approves, who is not the requester', async () => {
    bench.consent.outsidersAllowed = true;
    const log = bench.guild.channel('mod-log');
    await changeGuildSettings(
      bench.db,
      bench.guild.id,
      { logChannelId: log.id },
      { moderatorId: '1', now: new Date() },
    );
    const role = bench.guild.role('mods', PermissionFlagsBits.ModerateMembers);
    const both = bench.guild.member('erik', { roles: [role] });
    const other = bench.guild.member('frida', { roles: [role] });
    const asked = new Set<string>();
    const decide = async (): Promise<{ file: MemberFile; id: string; message: SeenMessage }> => {
      const given = await outsider();
      const { id } = both.goTo(screening()).slash('animate', given);
      const message = await other
        .goTo(log)
        .sees((one) => !asked.has(one.id) && one.buttons.some(({ customId }) => customId?.startsWith('approve:')));
      asked.add(message.id);
      return { file: given.photo, id, message };
    };
    const first = await decide();
    expect(first.message.text).toContain('my grandmother, who asked me');
    const approve = pressed(first.message, 'approve');
    expect((await both.goTo(log).click(approve, first.message).answer()).text).toContain('another moderator');
    expect((await alice.goTo(log).click(approve, first.message).answer()).text).toContain('moderators');
    other.click(approve, first.message);
    await resultOf(both.goTo(screening()), first.file);
    const made = await requestOf(first.id);
    expect(made.consent).toMatchObject({ kind: 'outsider', state: 'given', subjectId: null, decidedBy: other.id });

    const second = await decide();
    other.click(pressed(second.message, 'disapprove'), second.message);
    await both.goTo(screening()).sees(/moderator decided against it/);
    const actions = await bench.db.moderatorAction.findMany({
      where: { moderatorId: other.id },
      orderBy: { id: 'asc' },
    });
    expect(actions.map(({ kind, requestId }) => [kind, requestId])).toEqual([
      ['approve', made.id],
      ['decline', (await requestOf(second.id)).id],
    ]);
  });
});
