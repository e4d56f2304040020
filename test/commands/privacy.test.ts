/** `/privacy` as members use it: the export as a file, the deletion after a question, the policy; and servers that are left. */
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import { followGuilds } from '../../src/discord/guild-presence.ts';
import { blockUser } from '../../src/store/blocks.ts';
import { continueErasures } from '../../src/store/erase.ts';
import { guildSettings, noteGuildLeft } from '../../src/store/guild-settings.ts';
import { pseudonymOf } from '../../src/store/log-chain.ts';
import { sweepRetention } from '../../src/store/retention.ts';
import { type Bench, logKey, privacyAddress, startBench } from './bench.ts';
import { keptRequest } from './seed.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
afterEach(() => {
  expect(bench.discord.journal.refused()).toEqual([]);
  expect(bench.troubles).toEqual([]);
});

it('gives a member what is held about them, and nobody else', async () => {
  const { alice, bernard } = bench;
  const own = await keptRequest(bench, alice, { name: 'mine.mp4' });
  await keptRequest(bench, bernard, { name: 'his.mp4' });
  const said = await alice.slash('privacy export').answer();
  expect(said.isPrivate).toBe(true);
  expect(said.text).toContain('This is everything I hold about you.');
  const [file] = said.files;
  expect(file?.name).toBe('lumiere-data.json');
  const text = file!.bytes.toString();
  expect((JSON.parse(text) as { requests: unknown }).requests).toMatchObject([{ id: own, inputName: 'mine.mp4' }]);
  expect(text).not.toContain('his.mp4');
});

it('compresses what one upload does not take', async () => {
  const dana = bench.guild.member('dana');
  const name = 'x'.repeat(11 * 2 ** 20);
  await keptRequest(bench, dana, { name });
  const [file] = (await dana.slash('privacy export').answer()).files;
  expect([file?.name, file!.bytes.length < 2 ** 20]).toEqual(['lumiere-data.json.gz', true]);
  const { requests } = JSON.parse(gunzipSync(file!.bytes).toString()) as { requests: { inputName: string }[] };
  expect(requests.map(({ inputName }) => inputName === name)).toEqual([true]);
});

it('is not asked for without end', async () => {
  const erin = bench.guild.member('erin');
  const asked = Array.from({ length: 6 }, () => erin.slash('privacy export'));
  const said = await Promise.all(asked.map((one) => one.answer()));
  expect(said.flatMap(({ files }) => files)).toHaveLength(5);
  const refused = said.filter(({ files }) => files.length === 0).map(({ text }) => text);
  expect(refused).toEqual([expect.stringMatching(/^That has been asked 5 times within the hour/)]);
});

it('deletes after a question, only for the one who asked, and frees nobody of a block', async () => {
  const { db, carla, guild } = bench;
  const own = await keptRequest(bench, carla, { name: 'segreto.mp4' });
  await blockUser(
    db,
    { userId: carla.id, guildId: guild.id },
    { moderatorId: 'mod', reason: 'spam', now: new Date(0) },
  );
  const asked = await carla.slash('privacy delete').answer();
  expect(asked.isPrivate).toBe(true);
  expect(asked.text).toContain('**Che cosa resta:** righe senza il tuo nome');
  const refused = await carla.click('Tieni', asked).acknowledged();
  expect(refused).toBeDefined();
  expect(await db.installationValue.count({ where: { key: { startsWith: 'erase:' } } })).toBe(0);

  const again = await carla.slash('privacy delete').answer();
  carla.click('Cancella', again);
  await carla.sees(({ text }) => text.includes('La cancellazione è in corso'));
  await expect
    .poll(() => continueErasures(db, { key: logKey, now: new Date(bench.discord.clock.now()) }))
    .toEqual([carla.id]);
  expect(await db.request.findUniqueOrThrow({ where: { id: own } })).toMatchObject({
    state: 'removed',
    requesterId: pseudonymOf(logKey, carla.id),
    inputName: null,
  });
  const turnedAway = await carla.slash('restore', { clip: { name: 'a.mp4', bytes: Buffer.from('x') } }).answer();
  expect(turnedAway.text).toContain('ti ha tolto l’accesso a Lumière su questo server');
});

it('says what is stored, with the operator’s address', async () => {
  const said = await bench.bernard.slash('privacy policy').answer();
  expect(said.isPrivate).toBe(true);
  expect(said.text).toContain('90 jours au plus');
  expect(said.text).toContain(privacyAddress);
});

it('notes a server it was removed from, not one that is away, and removes what is known of it when its time is over', async () => {
  const { db, client, discord } = bench;
  const now = (): number => discord.clock.now();
  const left = discord.guild('Left behind');
  left.channel('hall');
  await keptRequest(
    { ...bench, guild: Object.assign(Object.create(left) as typeof left, { channel: () => left.channel('hall') }) },
    left.member('lea'),
  );
  await noteGuildLeft(db, 'gone-while-off', null);
  await expect.poll(() => client.guilds.cache.has(left.id)).toBe(true);
  // A database that is away for a while keeps nobody from being compared once it is back.
  await db.$executeRaw`ALTER TABLE "ModeratorAction" RENAME TO "away"`;
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
  const presence = followGuilds({ client, db, now, log, againMs: 20 });
  await expect.poll(() => lines.join(''), { timeout: 60_000 }).toContain('servers could not be compared');
  await db.$executeRaw`ALTER TABLE "away" RENAME TO "ModeratorAction"`;
  await presence.compared;
  const leftAt = async (id: string) => (await guildSettings(db, id))?.leftAt ?? null;
  expect(await leftAt('gone-while-off')).not.toBeNull();
  expect([await leftAt(left.id), await leftAt(bench.guild.id)]).toEqual([null, null]);
  left.removeBot();
  await expect.poll(() => leftAt(left.id)).not.toBeNull();
  await presence.close();

  const days = { logDays: 90, guildDays: 7, key: logKey };
  await sweepRetention(db, { ...days, now: new Date(now() + 6 * 86_400_000) });
  expect(await db.request.count({ where: { guildId: left.id } })).toBe(1);
  await sweepRetention(db, { ...days, now: new Date(now() + 8 * 86_400_000) });
  expect(await db.request.count({ where: { guildId: left.id } })).toBe(0);
  expect(await guildSettings(db, left.id)).toBeUndefined();
  expect(await db.request.count()).toBeGreaterThan(0); // those of other servers
});
