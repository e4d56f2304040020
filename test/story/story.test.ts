/**
 * A whole day of the bot, with real processes, ffmpeg, Redis, SQLite and weights: one member gets a clip under the size
 * limit, another cancels, a third has used their share, and the bot is killed in the middle of a fourth.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { probe } from '../../src/engine/media/probe.ts';
import { openInstallationKey } from '../../src/engine/provenance/installation-key.ts';
import { auditLog } from '../../src/store/audit.ts';
import { openMadeFileMac } from '../../src/store/made-file-mac.ts';
import { h264, makeClip, picture } from '../clips.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { eventually } from './eventually.ts';
import { createInstallation, type Installation, type RunningRole } from './installation.ts';

const kib = 1024;
const minutes = 60_000;

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

describe('the bot, from a member’s chair', { timeout: 5 * minutes }, () => {
  let discord: DiscordServer;
  let guild: ReturnType<DiscordServer['guild']>;
  let lumiere: Installation;
  let bot: RunningRole;
  let worker: RunningRole;
  let film: Buffer;
  /** So long that nobody sees the end of it. */
  let endless: Buffer;
  const clip = () => ({ name: 'grandfather.mp4', bytes: film });
  // Everything lies encrypted, and the key is one of the secrets that must not show.
  const mediaKey = randomBytes(32).toString('base64');
  // One request each: whoever asks twice is over it.
  const settings = { LUMIERE_USER_JOBS: '1', LUMIERE_MEDIA_KEY: mediaKey };

  beforeAll(async () => {
    discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
    guild = discord.guild('Old films', { locale: 'en-GB' });
    guild.channel('screening');
    lumiere = await createInstallation(discord);
    film = await readFile(
      await makeClip('mp4', [
        ...picture('testsrc2=size=128x96:rate=12:duration=2.5'),
        ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2.5'],
        ...[...h264, '-c:a', 'aac'],
      ]),
    );
    const source = picture('testsrc2=size=128x96:rate=12:duration=120');
    endless = await readFile(await makeClip('mp4', [...source, ...h264]));
    bot = lumiere.start('bot', settings);
    worker = lumiere.start('worker', settings);
    await Promise.all([bot.logged('ready'), worker.logged('worker ready')]);
  });
  afterAll(async () => {
    await lumiere.remove();
    await discord.stop();
  });

  it('restores a clip, shows how far it is, and keeps under the size limit', async () => {
    // Discord promises ten megabytes and takes less: the result must be made smaller after it was refused.
    const uploadLimit = 200 * kib;
    discord.settings.uploadLimit = uploadLimit;
    const alice = guild.member('alice');
    const asked = alice.slash('restore', { clip: clip() });
    await asked.acknowledged();
    const result = await alice.sees(({ files }) => files.length > 0, { within: 2 * minutes });

    const states = result.history.map(({ text }) => text);
    expect(states.some((text) => /Restoring\n[▰▱]+ \d+ %\n\d+\/150 frames/.test(text))).toBe(true);
    expect(states.some((text) => text.includes('ready <t:'))).toBe(true);
    const edits = result.history.map(({ at }) => at).slice(2, -1);
    for (const [index, at] of edits.entries()) if (index > 0) expect(at - edits[index - 1]!).toBeGreaterThan(1900);

    discord.settings.uploadLimit = undefined;
    const [file] = result.files;
    expect(file!.size).toBeLessThanOrEqual(uploadLimit);
    expect(file!.name).toBe('grandfather.restored.mp4');
    const path = join(lumiere.folder, 'seen.mp4');
    await writeFile(path, file!.bytes);
    const { video, audio } = await probe(path);
    expect(video.rate).toEqual({ num: 60, den: 1 });
    expect(audio).toHaveLength(1);
    expect(result.text).toContain('128×96, 12 fps');
    expect(result.text).toContain('60 fps');
    expect(result.buttons.map(({ label }) => label)).toEqual(['Compare', 'Report']);
    expect(result.pingsMe).toBe(false);
  });

  it('stops when the member cancels, and leaves nothing running', async () => {
    const bob = guild.member('bob');
    const asked = bob.slash('restore', { clip: { ...clip(), bytes: endless } });
    await bob.sees(({ text }) => text.includes('frames'), { within: minutes });
    bob.click('Cancel');
    const end = await asked.answer();
    await discord.until(
      () => asked.original()?.text.includes('Cancelled') === true,
      'the card says that it was cancelled',
    );
    expect(end.files).toEqual([]);
    const { db } = await lumiere.database();
    await discord.until(() => lumiere.processes().every(({ args }) => !args.includes('ffmpeg')), 'ffmpeg is gone');
    expect(await db.request.count({ where: { state: 'cancelled' } })).toBe(1);
  });

  it('refuses a second clip of one day in private, and says when the next may come', async () => {
    const alice = guild.member('alice');
    const asked = alice.slash('restore', { clip: clip() });
    const answer = await asked.answer();
    expect(answer.isPrivate).toBe(true);
    expect(answer.text).toMatch(/requests for 24 hours are used up \(1 of 1\)\. You can ask again <t:\d+:R>/);
  });

  it('delivers once, although the bot is killed in the middle', async () => {
    const carol = guild.member('carol', { locale: 'fr' });
    const asked = carol.slash('restore', { clip: clip() });
    await carol.sees(({ text }) => /\d+\/150 images/.test(text), { within: minutes });
    const keptRedis = bot.log.some(({ event }) => event === 'started');
    bot.process.kill('SIGKILL');
    await bot.ended;
    bot = lumiere.start('bot', settings);
    const result = await carol.sees(({ files, interactionId }) => files.length > 0 && interactionId === asked.id, {
      within: 2 * minutes,
    });
    // Time enough for a second one to appear, were there to be one.
    await bot.logged('ready');
    const { db } = await lumiere.database();
    await eventually(
      async () => (await db.request.count({ where: { state: 'delivered' } })) === 2,
      'the log says delivered',
      minutes,
    );
    expect(carol.messagesSeen().filter(({ files }) => files.length > 0 && files[0]!.name !== '')).toHaveLength(2);
    // A redis-server whose keeper died has another one within seconds; until then nobody would end it.
    const isAdopted = (): boolean => [...bot.log, ...worker.log].some(({ event }) => event === 'adopted');
    await eventually(() => Promise.resolve(!keptRedis || isAdopted()), 'somebody keeps redis-server', minutes);
    expect(result.text).toContain('128×96');
  });

  it('stops gracefully when told, and Discord had nothing to refuse', async () => {
    bot.process.kill('SIGTERM');
    worker.process.kill('SIGTERM');
    expect([await bot.ended, await worker.ended]).toEqual([0, 0]);
    expect(lumiere.processes()).toEqual([]);
    // The one that was too large: the first test's doing.
    expect(discord.journal.refused().map(({ code }) => code)).toEqual([40005]);
    const text = lumiere.everythingSaid();
    for (const secret of [discord.token, 'grandfather', 'webhooks/1', mediaKey]) expect(text).not.toContain(secret);
  });

  it('kept its secrets apart: of files, tokens, addresses and keys nothing lies where it should not', async () => {
    const { db } = await lumiere.database();
    const tokens = (await db.reply.findMany()).flatMap(({ token }) => token ?? []);
    const [request] = await db.request.findMany({ where: { state: 'delivered' } });
    expect(tokens.length).toBeGreaterThan(0); // known to the database alone, while they live
    for (const token of tokens) expect(lumiere.everythingSaid()).not.toContain(token);
    expect(await db.mediaSource.count()).toBe(0);
    const database = await readFile(join(lumiere.folder, 'lumiere.db'));
    for (const secret of [discord.token, mediaKey]) expect(database.includes(secret)).toBe(false);
    const [kept] = await db.mediaReference.findMany({ where: { requestId: request!.id, role: 'result' } });
    const media = await filesUnder(join(lumiere.folder, 'media'));
    expect(media.length).toBeGreaterThan(0);
    for (const path of media) {
      expect(path).toMatch(/[0-9a-f]{64}\.sealed$/);
      expect(path).not.toContain(kept!.sha256);
      expect((await readFile(path)).includes('ftyp')).toBe(false);
    }
    expect(await filesUnder(join(lumiere.folder, 'scratch'))).toEqual([]);
  });

  it('wrote a log that verifies', async () => {
    const { db } = await lumiere.database();
    const key = await openInstallationKey(join(lumiere.folder, 'keys'), 'log');
    const watermarkKey = await openInstallationKey(join(lumiere.folder, 'keys'), 'watermark');
    const report = await auditLog(db, key, { madeFileMac: openMadeFileMac(watermarkKey) });
    const files = { rows: await db.madeFile.count(), isChecked: true };
    expect(files.rows).toBeGreaterThan(0);
    expect(report).toMatchObject({ intact: true, waiting: 0, files });
    expect(report.entries).toBe(await db.requestEvent.count());
  });
});
