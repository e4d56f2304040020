/** What members are refused by quotas of roles, by how often they ask, by blocked pictures and by what a picture looks like. */
import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { blockPicture, liftPictureBlock } from '../../src/store/blocks.ts';
import { changeGuildSettings } from '../../src/store/guild-settings.ts';
import { soundClip } from '../clips.ts';
import type { Asked } from '../fakes/discord/member/ask.ts';
import type { MemberFile } from '../fakes/discord/member/file.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { Role } from '../fakes/discord/world/model.ts';
import { type Bench, startBench } from './bench.ts';
import { refused } from './refused.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let photo: MemberFile;
let film: MemberFile;
let club: Role;
const { processors, refuseLook, hold, release } = standIns();
const by = { moderatorId: '1', reason: 'a test', now: new Date(0) };

/** A picture with something to recognise, by a formula. */
async function picture(change: (image: Sharp) => Sharp = (image) => image): Promise<Buffer> {
  const [width, height] = [320, 240];
  const data = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at += 1) {
    const [x, y] = [(at % width) / width, Math.floor(at / width) / height];
    const value = 128 + 60 * Math.sin(9 * x + 5 * y * y) + 50 * Math.cos(13 * y - 4 * x * x);
    data.fill(value, at * 3, at * 3 + 3);
  }
  return change(sharp(data, { raw: { width, height, channels: 3 } }))
    .jpeg()
    .toBuffer();
}

beforeAll(async () => {
  bench = await startBench();
  await bench.work(processors);
  club = bench.guild.role('club');
  photo = { name: 'portrait.jpg', bytes: await picture() };
  film = { name: 'film.mp4', bytes: await readFile(await soundClip()) };
});
afterAll(() => bench.stop());
beforeEach(async () => {
  bench.setLimits({});
  refuseLook(undefined);
  release();
  await bench.db.quotaReservation.deleteMany();
  await bench.db.guildSettings.deleteMany();
});
afterEach(() => {
  expect(bench.discord.journal.refused()).toEqual([]);
  expect(bench.troubles.filter(({ msg }) => !['short work came to nothing', 'not made'].includes(msg))).toEqual([]);
});

const restore = (member: Member, name: string): Asked => member.slash('restore', { clip: { ...film, name } });
const animate = (member: Member, file: MemberFile): Asked => member.slash('animate', { photo: file, subject: 'self' });
const requestOf = ({ id }: Asked) => bench.db.request.findUniqueOrThrow({ where: { interactionId: id } });
/** Seen by its member, and known to have arrived: a block takes back what is still being sent. */
async function result(asked: Asked, member: Member, name: string): Promise<void> {
  await member.sees(({ files }) => files.some((file) => file.name === name));
  await expect.poll(async () => (await requestOf(asked)).state).toBe('delivered');
}

describe('quotas', () => {
  it('of a role hold for its members, and the others have the server’s', async () => {
    const change = { userJobsPerDay: 0, roleQuotas: [{ roleId: club.id, jobsPerDay: 1 }] };
    await changeGuildSettings(bench.db, bench.guild.id, change, by);
    const cleo = bench.guild.member('cleo', { roles: [club] });
    await refused(bench, bench.alice, restore(bench.alice, 'none.mp4'), /turned off/);
    await result(restore(cleo, 'first.mp4'), cleo, 'first.restored.mp4');
    const { text } = await cleo.slash('queue').answer();
    expect(text).toContain('-# Requests left to you: 0 of 1 · computing: 1h 59m of 2h 00m');
    expect(text).toMatch(/-# There is room again <t:\d+:R>/);
    const sentence = /^Your requests for 24 hours are used up \(1 of 1\)\. You can ask again <t:\d+:R>\.$/;
    await refused(bench, cleo, restore(cleo, 'second.mp4'), sentence);
  });

  it('do not bound what is refused: that has a bound of its own, and says when it ends', async () => {
    const tim = bench.guild.member('tim');
    bench.setLimits({ userTriesPerDay: 2, maxClipSeconds: 0.1 });
    await refused(bench, tim, restore(tim, 'long.mp4'), /long/);
    await refused(bench, tim, restore(tim, 'longer.mp4'), /long/);
    const sentence = /^You have asked 2 times within 24 hours, .* You can ask again <t:\d+:R>\.$/;
    await refused(bench, tim, restore(tim, 'longest.mp4'), sentence);
    expect(await bench.db.request.count({ where: { requesterId: tim.id } })).toBe(2);
  });
});

describe('pictures', () => {
  it('that are blocked are not animated, mirrored and cropped ones neither, until the block is lifted', async () => {
    const asked = animate(bench.alice, photo);
    await result(asked, bench.alice, 'portrait.animated.mp4');
    const { inputHash } = await requestOf(asked);
    expect(inputHash).toMatch(/^[0-9a-f]{16} ~[0-9a-f]{16} /);
    const place = { perceptualHash: inputHash!, guildId: bench.guild.id };
    const { block } = await blockPicture(bench.db, place, by);
    const variants: readonly [Member, MemberFile, string][] = [
      [bench.alice, photo, 'This file cannot be used here. If you think it should be, ask a moderator.'],
      [
        bench.bernard,
        { name: 'mirror.jpg', bytes: await picture((image) => image.flop()) },
        'Ce fichier ne peut pas être utilisé ici. Si vous pensez qu’il devrait l’être, parlez-en à la modération.',
      ],
      [
        bench.carla,
        {
          name: 'cut.jpg',
          bytes: await picture((image) => image.extract({ left: 15, top: 11, width: 290, height: 218 })),
        },
        'Questo file non può essere usato qui. Se pensi che dovrebbe esserlo, chiedi a chi modera.',
      ],
    ];
    for (const [member, file, sentence] of variants) {
      const again = animate(member, file);
      await refused(bench, member, again, sentence);
      expect(await requestOf(again)).toMatchObject({ state: 'refused', code: 'refusal.picture-blocked' });
    }
    await liftPictureBlock(bench.db, { blockId: block.id, guildId: bench.guild.id }, by);
    const after = animate(bench.alice, { ...photo, name: 'again.jpg' });
    await result(after, bench.alice, 'again.animated.mp4');
  });

  it('that are blocked at the moment in which a request is let in are seen before it starts and before it is shown', async () => {
    const done = animate(bench.alice, { ...photo, name: 'done.jpg' });
    await result(done, bench.alice, 'done.animated.mp4');
    hold('running.jpg');
    const running = animate(bench.bernard, { ...photo, name: 'running.jpg' });
    await expect.poll(async () => (await requestOf(running)).state).toBe('running');
    const waiting = animate(bench.carla, { ...photo, name: 'waiting.jpg' });
    await expect.poll(async () => (await requestOf(waiting)).state).toBe('waiting');
    // As another process blocks it that did not see them yet: nothing is stopped with it.
    const { id, inputHash, guildId } = await requestOf(done);
    const block = { kind: 'picture', perceptualHash: inputHash, guildId, reason: 'a test', createdBy: '1' } as const;
    await bench.db.block.create({ data: { id: 'just-now', ...block } });
    release();
    const code = 'queue.picture-blocked';
    await expect.poll(() => requestOf(running)).toMatchObject({ state: 'removed', code });
    await expect.poll(() => requestOf(waiting)).toMatchObject({ state: 'failed', code });
    const shown = [bench.bernard, bench.carla].flatMap((member) => member.messagesSeen().flatMap(({ files }) => files));
    expect(shown.filter(({ name }) => /^(running|waiting)\.animated/.test(name))).toEqual([]);
    const again = await bench.alice.slash('result', { clip: id }).answer();
    expect([again.text, again.files]).toEqual([
      'This file can no longer be used here. If you think it should be, ask a moderator.',
      [],
    ]);
    await bench.db.block.delete({ where: { id: 'just-now' } });
  });

  it('of a clip that are blocked keep it from being restored', async () => {
    const asked = restore(bench.alice, 'clip.mp4');
    await result(asked, bench.alice, 'clip.restored.mp4');
    const { inputHash } = await requestOf(asked);
    const { block } = await blockPicture(bench.db, { perceptualHash: inputHash!, guildId: bench.guild.id }, by);
    const again = restore(bench.alice, 'clip-again.mp4');
    await refused(bench, bench.alice, again, /^This file cannot be used here\./);
    await liftPictureBlock(bench.db, { blockId: block.id, guildId: bench.guild.id }, by);
  });

  it('that are blocked everywhere are refused in direct messages, with who can be written to', async () => {
    const asked = restore(bench.alice, 'anywhere.mp4');
    await result(asked, bench.alice, 'anywhere.restored.mp4');
    const { inputHash } = await requestOf(asked);
    const { block } = await blockPicture(bench.db, { perceptualHash: inputHash! }, by);
    const there = bench.alice.goTo('direct messages');
    const sentence = 'This file cannot be used. If you think it should be, write to whoever runs this bot.';
    await refused(bench, there, restore(there, 'directly.mp4'), sentence);
    bench.alice.goTo(bench.guild.channel('screening'));
    await liftPictureBlock(bench.db, { blockId: block.id }, by);
  });

  it('that the classifier refuses are refused without an accusation, and the log has the code', async () => {
    refuseLook('photo.sensitive');
    const asked = animate(bench.alice, { ...photo, name: 'refused.jpg' });
    const sentence = 'This picture cannot be animated here. If you think it should be, ask a moderator.';
    await refused(bench, bench.alice, asked, sentence);
    expect(await requestOf(asked)).toMatchObject({ state: 'refused', code: 'photo.sensitive' });
  });
});
