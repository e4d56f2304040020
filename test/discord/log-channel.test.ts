/** Log channels as moderators see them: what happened, once, whatever became of the bot meanwhile. */
import { PermissionFlagsBits } from 'discord.js';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { knownGuild, type LogChannelOptions, logLook, startLogChannels } from '../../src/discord/log-channel.ts';
import { blockUser } from '../../src/store/blocks.ts';
import { changeGuildSettings } from '../../src/store/guild-settings.ts';
import { readFeedState, writeFeedState } from '../../src/store/feed-place.ts';
import { holdResult } from '../../src/store/moderation.ts';
import { addReport } from '../../src/store/reports.ts';
import { type Bench, startBench } from '../commands/bench.ts';
import { keptRequest } from '../commands/seed.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';

let bench: Bench;
let mona: Member;
/** Looks once, as a bot does that was started with the last `begin`. */
let look: () => Promise<void>;
const options = (): LogChannelOptions => ({
  db: bench.db,
  rest: bench.services.deliveryRest,
  guild: (id) => knownGuild(bench.client, id),
  now: bench.discord.clock.now,
  log: bench.services.log,
  pollMs: 3_600_000,
  settleMs: 0,
});
const begin = (): void => {
  const { signal } = new AbortController();
  const once = logLook(options());
  look = () => once(signal);
};
const posts = (): readonly SeenMessage[] => mona.messagesSeen(bench.guild.channel('log'));
const texts = (): string[] => posts().map(({ text }) => text.replaceAll(/<t:\d+:\w> /g, ''));

beforeAll(async () => {
  bench = await startBench();
  mona = bench.guild.member('mona', { roles: [bench.guild.role('mods', PermissionFlagsBits.ModerateMembers)] });
  const logChannelId = bench.guild.channel('log').id;
  const by = { moderatorId: mona.id, now: new Date(bench.discord.clock.now()) };
  await keptRequest(bench, bench.alice, { name: 'before.mp4' });
  await changeGuildSettings(bench.db, bench.guild.id, { logChannelId }, by);
  begin();
  await look();
});
afterAll(() => bench.stop());

it('tell what happens from then on, without a ping, and each thing once', async () => {
  expect(texts()).toEqual([]);
  const id = await keptRequest(bench, bench.alice, { name: 'film.mp4' });
  await look();
  await look();
  const where = `/restore by <@${bench.alice.id}> in <#${bench.guild.channel('screening').id}>`;
  expect(texts()).toEqual([`✅ ${where}: made`]);
  expect(posts()[0]!.buttons.map(({ label }) => label)).toEqual(['Details', 'Hold back', 'Delete']);
  expect(posts()[0]!.pingsMe).toBe(false);

  const now = new Date(bench.discord.clock.now());
  const report = { id: bench.services.newId(), requestId: id, reporterId: bench.carla.id, holds: false, now };
  await addReport(bench.db, { ...report, reason: 'look @everyone' });
  await blockUser(
    bench.db,
    { userId: bench.alice.id, guildId: bench.guild.id },
    { moderatorId: mona.id, reason: 'spam', now },
  );
  // Another guild's affairs are nobody's here.
  await blockUser(
    bench.db,
    { userId: bench.alice.id, guildId: 'another' },
    { moderatorId: 'x', reason: 'secret', now },
  );
  await look();
  expect(texts()).toHaveLength(2);
  expect(texts()[1]).toContain(`⚠ Somebody reported a result of /restore by <@${bench.alice.id}>: look \\@everyone`);
  expect(texts()[1]).toContain(`🛡 <@${mona.id}> blocked a member (<@${bench.alice.id}>) · spam`);
  expect(texts()[1]).not.toContain(bench.carla.id);
  expect(texts()[1]).not.toContain('secret');
  mona.goTo(bench.guild.channel('log'));
  const details = await mona.click('Details').answer();
  expect([details.isPrivate, details.text.includes('film')]).toEqual([true, true]);
});

it('name what a moderator did something to, and whose it is', async () => {
  const { db, guild, alice } = bench;
  const id = await keptRequest(bench, alice, { name: 'held.mp4' });
  await look();
  const by = { moderatorId: mona.id, guildId: guild.id, reason: 'to be looked at' };
  await holdResult(db, id, { ...by, now: new Date(bench.discord.clock.now()) });
  await look();
  const what = `/restore by <@${alice.id}> in <#${guild.channel('screening').id}>`;
  expect(texts().at(-1)).toBe(`🛡 <@${mona.id}> held it back: ${what} · to be looked at`);
});

it('go on after a death between the sending and the writing down, without a double', async () => {
  const { db, guild } = bench;
  const before = (await readFeedState(db, guild.id))!;
  await keptRequest(bench, bench.bernard, { name: 'died.mp4' });
  await look();
  const { told } = (await readFeedState(db, guild.id))!;
  const count = texts().length;
  // As the bot that died had left it.
  await writeFeedState(db, guild.id, { told: before.told, telling: { to: told, at: bench.discord.clock.now() } });
  begin();
  await look();
  expect(texts()).toHaveLength(count);
  // And long after, when Discord has forgotten the nonce.
  await writeFeedState(db, guild.id, {
    told: before.told,
    telling: { to: told, at: bench.discord.clock.now() - 600_000 },
  });
  await look();
  expect(texts()).toHaveLength(count);
});

it('wait where they may not write, say so once in the log, and lose nothing', async () => {
  const channel = bench.guild.channel('log');
  bench.guild.botMayNot(channel, PermissionFlagsBits.SendMessages);
  await keptRequest(bench, bench.carla, { name: 'later.mp4' });
  const count = texts().length;
  await look();
  await look();
  expect(bench.troubles.filter(({ msg }) => msg.includes('log channel'))).toHaveLength(1);
  bench.guild.botMay(channel, PermissionFlagsBits.SendMessages);
  begin();
  await look();
  expect(texts()).toHaveLength(count + 1);
  expect(texts().at(-1)).toContain(`<@${bench.carla.id}>`);
});

it('hold up no other server where Discord does not answer, nor who closes', async () => {
  const { db, discord } = bench;
  const other = discord.guild('Newer films');
  const [screening, logChannel] = [other.channel('screening'), other.channel('log')];
  const by = { moderatorId: mona.id, now: new Date(discord.clock.now()) };
  await changeGuildSettings(db, other.id, { logChannelId: logChannel.id }, by);
  await expect.poll(() => bench.client.guilds.cache.has(other.id), { timeout: 60_000 }).toBe(true);
  begin();
  await look();
  await keptRequest(bench, bench.alice, { name: 'here.mp4' });
  const there = Object.assign(Object.create(other) as typeof other, { channel: () => screening });
  await keptRequest({ ...bench, guild: there }, other.member('otto'), { name: 'there.mp4' });
  const troubles = bench.troubles.length;
  const before = discord.journal.requests('create_message').length;
  const answers = () =>
    discord.journal
      .requests('create_message')
      .slice(before)
      .map(({ status }) => status)
      .sort();
  discord.faults.plant('create_message', { kind: 'slow', milliseconds: 20_000 });
  const stop = new AbortController();
  const looking = logLook(options())(stop.signal);
  await expect.poll(answers, { timeout: 60_000 }).toEqual([0, 200]);
  stop.abort();
  await looking;
  expect(bench.troubles).toHaveLength(troubles);
  // What was broken off had arrived, and is not told twice.
  begin();
  await look();
  const told = [bench.guild.channel('log'), logChannel].map((channel) => discord.messagesIn(channel).at(-1)?.id);
  await look();
  expect(told).toEqual([bench.guild.channel('log'), logChannel].map((one) => discord.messagesIn(one).at(-1)?.id));
  expect(discord.messagesIn(logChannel)).toHaveLength(1);
});

it('are looked at as soon as the bot starts', async () => {
  await keptRequest(bench, bench.alice, { name: 'first.mp4' });
  const count = texts().length;
  const channels = startLogChannels(options());
  await expect.poll(() => texts().length, { timeout: 60_000 }).toBe(count + 1);
  await channels.close();
});
