/**
 * Whose face moves, and who answers for it, played with real processes, networks, ffmpeg, Redis and SQLite: a member animates
 * their own face; another asks for that member's, is declined, asks again and is accepted; the consent is taken back and the
 * result is gone; a copy that was encoded again elsewhere is recognised; a moderator finds it, deletes it and blocks the
 * requester; the log still holds together.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PermissionFlagsBits } from 'discord.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCli } from '../cli/run-cli.ts';
import { cartoon } from '../engine/animate/face/drawings.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { eventually } from './eventually.ts';
import { createInstallation, type Installation, type RunningRole } from './installation.ts';

const minutes = 60_000;

/** A face that a test may ship, drawn before a wall of this colour: another picture each time. */
async function portrait(wall: string, height = 240): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512"><rect width="512" height="512" fill="${wall}"/>${cartoon}</svg>`;
  return sharp(Buffer.from(svg)).resize({ height }).jpeg({ quality: 95 }).toBuffer();
}

/** The same face, smaller, in another picture: no copy of a portrait. */
async function drawing(): Promise<Buffer> {
  const wall = '<rect width="512" height="512" fill="#abc"/><rect width="512" height="200" fill="#123"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512">${wall}<g transform="translate(40 180) scale(.62)">${cartoon}</g></svg>`;
  return sharp(Buffer.from(svg)).resize({ height: 400 }).jpeg({ quality: 95 }).toBuffer();
}

describe('a face and those who answer for it', { timeout: 5 * minutes }, () => {
  let discord: DiscordServer;
  let guild: ReturnType<DiscordServer['guild']>;
  let lumiere: Installation;
  let bot: RunningRole;
  let worker: RunningRole;
  let alice: Member;
  let bob: Member;
  let clara: Member;
  /** What was posted of Alice's face for Bob, as he saved it before it was gone. */
  let saved: Buffer;

  beforeAll(async () => {
    discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
    guild = discord.guild('Portraits', { locale: 'en-GB' });
    guild.channel('gallery');
    lumiere = await createInstallation(discord);
    bot = lumiere.start('bot');
    worker = lumiere.start('worker');
    await Promise.all([bot.logged('ready', 2 * minutes), worker.logged('worker ready', 2 * minutes)]);
    alice = guild.member('alice');
    bob = guild.member('bob');
    clara = guild.member('clara', { roles: [guild.role('moderators', PermissionFlagsBits.ModerateMembers)] });
  });
  afterAll(async () => {
    await lumiere.remove();
    await discord.stop();
  });

  const resultOf = (member: Member, name: string): Promise<SeenMessage> =>
    member.sees(({ files }) => files.some((file) => file.name === name), { within: 2 * minutes });
  const findRequest = async (inputName: string) => {
    const { db } = await lumiere.database();
    return db.request.findFirstOrThrow({
      where: { inputName },
      include: { consent: { include: { events: true } }, media: true, removal: true },
    });
  };

  it('moves one’s own face, and the moderators’ log knows of it', async () => {
    alice.slash('animate', { photo: { name: 'me.jpg', bytes: await portrait('#9ab') }, subject: 'self' });
    await resultOf(alice, 'me.animated.mp4');
    await eventually(async () => (await findRequest('me.jpg')).state === 'delivered', 'it is delivered', minutes);
    const { consent } = await findRequest('me.jpg');
    expect(consent).toMatchObject({ kind: 'self', state: 'given', subjectId: alice.id });
    expect(consent!.events.map(({ to }) => to)).toEqual(['given']);
  });

  it('makes nothing of another’s face while they decline', async () => {
    const photo = { name: 'declined.jpg', bytes: await portrait('#cba') };
    bob.slash('animate', { photo, subject: 'member', member: { id: alice.id } });
    const question = await alice.sees(/May your face be animated/, { within: minutes });
    expect(question.pingsMe).toBe(true);
    expect(question.text).toContain('says that the face is yours');
    // Not the one who asks.
    const tried = bob.click('Accept: this photo', question);
    await bob.sees(({ interactionId, isPrivate }) => interactionId === tried.id && isPrivate);
    alice.click('Decline', question);
    await eventually(async () => (await findRequest('declined.jpg')).state === 'refused', 'it is over', minutes);
    await bob.sees(/did not agree/);
    const request = await findRequest('declined.jpg');
    expect(request).toMatchObject({ state: 'refused', resultSha256: null, computeSeconds: null });
    expect(request.consent).toMatchObject({ kind: 'member', state: 'refused', decidedBy: alice.id });
    expect(request.media).toEqual([]);
    expect(alice.messagesSeen().filter(({ files }) => files.some(({ name }) => name.startsWith('declined')))).toEqual(
      [],
    );
  });

  it('makes it when they accept, marked so that it can be recognised', async () => {
    const photo = { name: 'accepted.jpg', bytes: await portrait('#bca', 400) };
    bob.slash('animate', { photo, subject: 'member', member: { id: alice.id } });
    const question = await alice.sees(/May your face be animated/, { within: minutes });
    alice.click('Accept: this photo', question);
    const result = await resultOf(bob, 'accepted.animated.mp4');
    saved = result.files[0]!.bytes;
    await eventually(async () => (await findRequest('accepted.jpg')).state === 'delivered', 'it is delivered', minutes);
    const { consent } = await findRequest('accepted.jpg');
    expect(consent).toMatchObject({ kind: 'member', state: 'given', subjectId: alice.id, decidedBy: alice.id });
  });

  it('takes it away when the consent is taken back, and tells both', async () => {
    const begun = performance.now();
    const choices = await alice.autocomplete('consent revoke', 'which', '');
    alice.slash('consent revoke', { which: choices.find(({ name }) => name.startsWith('one photo'))!.value });
    await alice.sees(/Consent withdrawn/, { within: minutes });
    const posted = (): boolean =>
      bob.messagesSeen().some(({ files }) => files.some(({ name }) => name === 'accepted.animated.mp4'));
    await eventually(() => Promise.resolve(!posted()), 'the message is gone', minutes);
    await bob.sees(/has been withdrawn[^]*no longer holds/, { in: 'direct messages', within: minutes });
    expect(performance.now() - begun).toBeLessThan(minutes);
    const request = await findRequest('accepted.jpg');
    expect(request).toMatchObject({ state: 'removed', media: [], removal: { state: 'done' } });
    expect(request.consent!.events.map(({ to }) => to)).toEqual(['asked', 'given', 'revoked']);
  });

  it('recognises a copy that was encoded again elsewhere', async () => {
    const [original, copy] = [join(lumiere.folder, 'saved.mp4'), join(lumiere.folder, 'copy.mp4')];
    await writeFile(original, saved);
    const small = ['-vf', 'scale=iw*0.9:-2', '-c:v', 'libx264', '-crf', '27', '-preset', 'veryfast', '-an', copy];
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', original, ...small]);
    const post = bob
      .goTo(guild.channel('elsewhere'))
      .post('look', [{ name: 'funny.mp4', bytes: await readFile(copy) }]);
    clara.goTo(guild.channel('elsewhere'));
    clara.contextMenu('Was this made here?', post);
    const answer = await clara.sees(/made here/i, { within: minutes });
    expect(answer.isPrivate).toBe(true);
    expect(answer.text).toMatch(/^(### )?Yes/m);
    expect(answer.text).not.toMatch(/bob|alice/);

    const env = { LUMIERE_DATA_DIR: lumiere.folder, LUMIERE_LANG: 'en' };
    const { status, stdout } = await runCli(['verify', copy, '--json'], env);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ madeHere: true });
  });

  it('lets a moderator find it, read who and why, delete another and block who asked', async () => {
    bob.goTo(guild.channel('gallery'));
    // What Alice was asked about is no artwork all at once, nor a near copy of it.
    const copy = { name: 'copy.jpg', bytes: await portrait('#abc') };
    bob.slash('animate', { photo: copy, subject: 'artwork', work: 'A drawing of mine' });
    await bob.sees(/About this photo another member was asked/, { within: minutes });
    const photo = { name: 'again.jpg', bytes: await drawing() };
    bob.slash('animate', { photo, subject: 'artwork', work: 'A drawing of mine' });
    const result = await resultOf(bob, 'again.animated.mp4');
    await eventually(async () => (await findRequest('again.jpg')).state === 'delivered', 'it is delivered', minutes);

    clara.goTo(guild.channel('gallery'));
    const { id } = await findRequest('again.jpg');
    clara.slash('usage list', { member: { id: bob.id } });
    const list = await clara.sees(({ text, isPrivate }) => isPrivate && text.includes(`<@${bob.id}>`), {
      within: minutes,
    });
    expect(list.text).toContain('/animate');
    clara.slash('usage show', { request: id });
    const detail = await clara.sees(/A drawing of mine/, { within: minutes });
    expect(detail.isPrivate).toBe(true);
    clara.slash('moderate delete', { request: id, reason: 'not what this server is for' });
    await clara.sees(/Deleted\./, { within: minutes });
    await eventually(
      () => Promise.resolve(bob.messagesSeen().every((one) => one.id !== result.id)),
      'it is gone',
      minutes,
    );
    clara.slash('moderate block', { member: { id: bob.id }, reason: 'again and again' });
    await clara.sees(/The member is blocked/, { within: minutes });
    bob.slash('animate', { photo: { name: 'more.jpg', bytes: photo.bytes }, subject: 'artwork', work: 'Another' });
    await bob.sees(/block/i);
    const { db } = await lumiere.database();
    const actions = await db.moderatorAction.findMany({ where: { moderatorId: clara.id }, orderBy: { id: 'asc' } });
    expect(actions.map(({ kind }) => kind)).toEqual(['view', 'view', 'deleteResult', 'blockUser']);
  });

  it('keeps a log that holds together, and finds what was changed in it', async () => {
    const env = { LUMIERE_DATA_DIR: lumiere.folder, LUMIERE_LANG: 'en' };
    const { db } = await lumiere.database();
    const rows = async () =>
      (await db.requestEvent.count()) + (await db.consentEvent.count()) + (await db.moderatorAction.count());
    await eventually(async () => (await db.logEntry.count()) === (await rows()), 'all is in the chain', minutes);
    const sound = await runCli(['audit'], env);
    expect(sound.status, sound.stdout + sound.stderr).toBe(0);

    bot.process.kill('SIGKILL');
    await bot.ended;
    await db.$executeRawUnsafe('DROP TRIGGER "ModeratorAction_no_update"');
    await db.$executeRawUnsafe(`UPDATE "ModeratorAction" SET "reason" = 'because' WHERE "kind" = 'blockUser'`);
    const altered = await runCli(['audit', '--json'], env);
    expect(altered.status).not.toBe(0);
    expect(altered.stdout).toContain('ModeratorAction');
  });
});
