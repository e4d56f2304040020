/**
 * A portrait brought to life by the whole bot, with real processes, networks, ffmpeg, Redis and SQLite: one's own face, one of
 * several after a question, the bot killed in the middle, and what cannot be animated as a member meets it.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { probe } from '../../src/engine/media/probe.ts';
import { h264, makeClip, picture } from '../clips.ts';
import { cartoon } from '../engine/animate/face/drawings.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { isLong } from '../long.ts';
import { sharedMedia } from '../media.ts';
import { eventually } from './eventually.ts';
import { createInstallation, type Installation, type RunningRole } from './installation.ts';

const minutes = 60_000;

/** Faces that a test may ship: drawn, side by side. */
async function drawnFaces(count: number): Promise<Buffer> {
  const faces = Array.from({ length: count }, (_, at) => `<g transform="translate(${512 * at} 0)">${cartoon}</g>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${512 * count}" height="512">${faces.join('')}</svg>`;
  return sharp(Buffer.from(svg)).resize({ height: 320 }).jpeg({ quality: 95 }).toBuffer();
}

const plain = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: 90, g: 130, b: 170 } } })
    .jpeg()
    .toBuffer();

describe('a portrait, from a member’s chair', { timeout: 5 * minutes }, () => {
  let discord: DiscordServer;
  let guild: ReturnType<DiscordServer['guild']>;
  let lumiere: Installation;
  let bot: RunningRole;
  let worker: RunningRole;

  beforeAll(async () => {
    discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
    guild = discord.guild('Portraits', { locale: 'en-GB' });
    guild.channel('gallery');
    lumiere = await createInstallation(discord);
    bot = lumiere.start('bot');
    worker = lumiere.start('worker');
    await Promise.all([bot.logged('ready', 2 * minutes), worker.logged('worker ready', 2 * minutes)]);
  });
  afterAll(async () => {
    await lumiere.remove();
    await discord.stop();
  });

  it('moves one’s own face, and says how real it looks', async () => {
    const alice = guild.member('alice');
    const asked = alice.slash('animate', { photo: { name: 'me.jpg', bytes: await drawnFaces(1) }, subject: 'self' });
    await asked.acknowledged();
    const result = await alice.sees(({ files }) => files.length > 0, { within: 2 * minutes });
    expect(result.files.map(({ name }) => name)).toEqual(['me.animated.mp4']);
    const states = result.history.map(({ text }) => text);
    expect(states.some((text) => text.startsWith('### Animating\n'))).toBe(true);
    expect(result.text).toMatch(/Realism: \d+ of 100/);
    expect(result.buttons.map(({ label }) => label)).toEqual(['Report']);
    const path = join(lumiere.folder, 'seen.mp4');
    await writeFile(path, result.files[0]!.bytes);
    const { video } = await probe(path);
    expect(video).toMatchObject({ width: 320, height: 320, rate: { num: 25, den: 1 } });

    const { db } = await lumiere.database();
    const consent = await db.consent.findFirstOrThrow({ include: { requests: true } });
    expect(consent).toMatchObject({ kind: 'self', state: 'given', subjectId: alice.id, textVersion: '4' });
    expect(consent.requests.map(({ inputSha256 }) => inputSha256)).toEqual([consent.photoSha256]);
  });

  it('asks which of several, and delivers once although the bot is killed in the middle', async () => {
    const carol = guild.member('carol', { locale: 'fr' });
    const photo = { name: 'famille.jpg', bytes: await drawnFaces(3) };
    carol.slash('animate', { photo, subject: 'self', motion: 'smile' });
    const question = await carol.sees(/Quel visage doit bouger/, { within: minutes });
    expect(question.isPrivate).toBe(true);
    expect(question.buttons.map(({ label }) => label)).toEqual(['1', '2', '3', 'Le plus grand', 'Annuler']);
    const [preview] = question.files;
    expect((await sharp(preview!.bytes).metadata()).format).toBe('jpeg');

    // Killed while it asks: the question stands, and the next process takes the answer.
    bot.process.kill('SIGKILL');
    await bot.ended;
    bot = lumiere.start('bot');
    await bot.logged('ready');
    const pressed = carol.click('2', question);
    await carol.sees(({ interactionId, text }) => interactionId === pressed.id && text.includes('Animation'), {
      within: minutes,
    });
    // And while the work is done.
    bot.process.kill('SIGKILL');
    await bot.ended;
    bot = lumiere.start('bot');
    const isTheirs = ({ files }: { readonly files: readonly { readonly name: string }[] }): boolean =>
      files.some(({ name }) => name === 'famille.animated.mp4');
    await Promise.all([bot.logged('ready'), carol.sees(isTheirs, { within: 2 * minutes })]);
    const { db } = await lumiere.database();
    const request = () => db.request.findFirstOrThrow({ where: { requesterId: carol.id }, include: { media: true } });
    await eventually(async () => (await request()).state === 'delivered', 'the log says delivered', minutes);
    expect((await request()).parameters).toMatchObject({ face: 2, motion: 'smile' });
    expect((await request()).media.map(({ role }) => role)).toEqual(['result']);
    expect(carol.messagesSeen().filter(isTheirs)).toHaveLength(1);
  });

  it.skipIf(!isLong || sharedMedia('driving/talking.mp4') === undefined)(
    'moves a painting as a clip does (in the long form; needs ../shared/media)',
    async () => {
      const dora = guild.member('dora', { locale: 'it' });
      const clip = join(lumiere.folder, 'two-seconds.mp4');
      const cut = ['-v', 'error', '-t', '2', '-i', sharedMedia('driving/talking.mp4')!, '-c', 'copy', clip];
      await promisify(execFile)('ffmpeg', cut);
      const asked = dora.slash('animate', {
        photo: { name: 'gioconda.jpg', bytes: await readFile(sharedMedia('portraits/mona-lisa.jpg')!) },
        subject: 'artwork',
        work: 'La Gioconda',
        driver: { name: 'parla.mp4', bytes: await readFile(clip) },
      });
      const result = await dora.sees(({ files, interactionId }) => files.length > 0 && interactionId === asked.id, {
        within: 3 * minutes,
      });
      expect(result.history.some(({ text }) => text.startsWith('### Lettura del filmato'))).toBe(true);
      expect(result.text).toMatch(/Realismo/);
    },
  );

  it.each<[string, () => Promise<Record<string, unknown>>, RegExp]>([
    ['no face', async () => ({ photo: { name: 'sky.jpg', bytes: await plain(400, 300) } }), /^No face was found/],
    [
      'one pixel',
      async () => ({ photo: { name: 'dot.jpg', bytes: await plain(1, 1) } }),
      /^The picture is 1x1; the shorter side/,
    ],
    [
      'words that call themselves a picture',
      async () => Promise.resolve({ photo: { name: 'words.jpg', bytes: Buffer.from('not a picture at all') } }),
      /^This file is not a photograph/,
    ],
    [
      'a picture that breaks off',
      async () => ({ photo: { name: 'half.jpg', bytes: (await drawnFaces(1)).subarray(0, 2000) } }),
      /^The file (is damaged and cannot be decoded|stops before)/,
    ],
    [
      'a sound of silence',
      async () => ({
        photo: { name: 'me.jpg', bytes: await drawnFaces(1) },
        speech: {
          name: 'silence.mp4',
          bytes: await readFile(await makeClip('mp4', [...picture('testsrc2=size=64x48:rate=10:duration=1'), ...h264])),
        },
      }),
      /has no sound\. Give an audio file, or a clip in which somebody speaks\.$/,
    ],
  ])('%s gets a clear word, in private', async (_what, given, words) => {
    const bob = guild.member('bob');
    const asked = bob.slash('animate', { subject: 'self', ...(await given()) });
    const said = await bob.sees(
      ({ interactionId, isLoading, buttons }) => interactionId === asked.id && !isLoading && buttons.length === 0,
      { within: minutes },
    );
    expect(said.text).toMatch(words);
    expect(said.text).not.toMatch(/`(photo|face|input|speech|output)\.|\/tmp|--/);
    expect(said.isPrivate).toBe(true);
  });

  it('had nothing for Discord to refuse, and no name in the log', () => {
    // What a bot that was killed had taken away already, or a question that was answered while it was shown once more.
    const unexpected = discord.journal.refused().filter(({ code }) => code !== 10008);
    expect(unexpected).toEqual([]);
    const text = lumiere.everythingSaid();
    expect(text.split('"msg":"ready"').length - 1).toBe(3);
    for (const secret of [discord.token, 'famille', 'La Gioconda']) expect(text).not.toContain(secret);
  });
});
