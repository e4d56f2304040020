/** The usage log and what moderators do, as they see it: pages, a row, exports, the chart, deeds with a reason, reports. */
import { PermissionFlagsBits } from 'discord.js';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { changeGuildSettings } from '../../src/store/guild-settings.ts';
import type { Asked } from '../fakes/discord/member/ask.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type Bench, startBench } from './bench.ts';
import { keptRequest, waitingRequest } from './seed.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let mona: Member;
let worker: Awaited<ReturnType<Bench['work']>>;

beforeAll(async () => {
  bench = await startBench();
  worker = await bench.work(standIns().processors);
  mona = bench.guild.member('mona', { roles: [bench.guild.role('mods', PermissionFlagsBits.ModerateMembers)] });
}, 60_000);
afterAll(() => bench.stop());
afterEach(() => {
  expect(bench.discord.journal.refused()).toEqual([]);
  expect(bench.troubles).toEqual([]);
});

const stateOf = async (id: string) => (await bench.db.request.findUniqueOrThrow({ where: { id } })).state;
const becomes = (id: string, state: string) => expect.poll(() => stateOf(id)).toBe(state);
const actions = async (requestId: string) =>
  (await bench.db.moderatorAction.findMany({ where: { requestId }, orderBy: { id: 'asc' } })).map(
    ({ kind, moderatorId, reason }) => [kind, moderatorId, reason],
  );
const timeless = (said: SeenMessage): string => said.text.replaceAll(/<t:\d+:\w>/g, '<t>');
/** The word about a result has arrived, where the result would have been. */
const noticed = (requestId: string): Promise<void> =>
  expect
    .poll(() => bench.db.delivery.findUnique({ where: { requestId } }))
    .toMatchObject({ kind: 'notice', state: 'delivered' });
/** Presses a deed under `on`, and gives the reason. */
const press = async (member: Member, label: string, on: SeenMessage, reason: string): Promise<Asked> =>
  member.submitModal(member.click(label, on), { reason });

describe('/usage list', () => {
  it('shows a line a request, turns its pages both ways, and filters', async () => {
    const ids: string[] = [];
    for (let at = 0; at < 10; at += 1) ids.push(await keptRequest(bench, at === 0 ? bench.carla : bench.alice));
    const first = await mona.slash('usage list').answer();
    expect(first.isPrivate).toBe(true);
    expect(timeless(first).split('\n').slice(0, 2)).toEqual([
      '### Usage log',
      `**1** <t> · /restore · <@${bench.alice.id}> · <#${bench.guild.channel('screening').id}> · **made, waits for its member** · 1s`,
    ]);
    const shown = (said: SeenMessage): string[] => said.selects[0]!.options.map(({ value }) => value);
    const newest = ids.toReversed();
    expect(shown(first)).toEqual(newest.slice(0, 8));
    expect(first.buttons.map(({ label, isDisabled }) => [label, isDisabled])).toEqual([
      ['Newer', true],
      ['Older', false],
    ]);
    const rewritten = async (label: string): Promise<SeenMessage> => {
      await mona.click(label, first).acknowledged();
      await bench.settled();
      return mona.messagesSeen().find(({ id }) => id === first.id)!;
    };
    const second = await rewritten('Older');
    expect(shown(second)).toEqual(newest.slice(8));
    expect(shown(await rewritten('Newer'))).toEqual(newest.slice(0, 8));

    const filtered = await mona
      .slash('usage list', { member: bench.carla, state: 'made', command: 'restore' })
      .answer();
    expect(shown(filtered)).toEqual([ids[0]]);
    expect(filtered.text).toContain(`asked for by <@${bench.carla.id}> · /restore · Made`);
    const nothing = await mona.slash('usage list', { state: 'failed' }).answer();
    expect(nothing.text).toContain('Nothing in the log is like that.');
    const wrong = await mona.slash('usage list', { from: '2026-02-31' }).answer();
    expect(wrong.text).toBe('“2026-02-31” is no day. Write it like 2026-03-01, or choose one of those offered.');
    const looks = await bench.db.moderatorAction.findMany({ where: { kind: 'view' }, orderBy: { id: 'asc' } });
    expect(looks.map(({ detail }) => detail)).toEqual([
      { look: 'list', page: 'first' },
      { look: 'list', page: 'older' },
      { look: 'list', page: 'newer' },
      { look: 'list', page: 'first', requesterId: bench.carla.id, command: 'restore', group: 'made' },
      { look: 'list', page: 'first', group: 'failed' },
    ]);
  });
});

describe('a row', () => {
  it('says who, what and why, with a hidden picture; whoever looks is in the log', async () => {
    const id = await keptRequest(bench, bench.bernard, { name: 'my_boat.mp4' });
    const listed = await mona.slash('usage list', { member: bench.bernard }).answer();
    const said = await mona.select('Look at one', [id], listed).answer();
    expect(said.isPrivate).toBe(true);
    expect(timeless(said)).toContain(
      [
        '### /restore · made, waits for its member',
        `<@${bench.bernard.id}> in <#${bench.guild.channel('screening').id}>, <t>`,
      ].join('\n'),
    );
    expect(said.text).toMatch(/^File: my\\_boat\.mp4$/m);
    expect(said.text).toMatch(/Result `[0-9a-f]{64}`/);
    expect(said.text).toContain('**What happened**');
    expect(said.files).toMatchObject([{ name: 'result.jpg', isSpoiler: true }]);
    expect((await sharp(said.files[0]!.bytes).metadata()).format).toBe('jpeg');
    expect(said.buttons.map(({ label }) => label)).toEqual(['Hold back', 'Delete', 'Block member']);
    expect(await actions(id)).toEqual([['view', mona.id, null]]);
  });
});

describe('deeds', () => {
  it('hold a result back, of which its requester is told, and release it: it is sent again', async () => {
    const id = await keptRequest(bench, bench.alice, { name: 'held.mp4' });
    const filesOfAlice = (): string[] =>
      bench.alice.messagesSeen('direct messages').flatMap(({ files }) => files.map(({ name }) => name));
    const row = await mona.slash('usage show', { request: id }).answer();
    const done = await (await press(mona, 'Hold back', row, 'let us see')).answer();
    expect(done.text).toContain('The result is held back.');
    expect(await stateOf(id)).toBe('held');
    const again = await (await press(mona, 'Hold back', row, 'once more')).answer();
    expect(again.text).toContain('cannot be done to this request as it stands');
    const offered = await bench.alice.autocomplete('result', 'clip', 'held.mp4');
    expect(offered).toEqual([{ name: 'held.mp4 · now · held back', value: id }]);
    const fetched = await bench.alice.slash('result', { clip: id }).answer();
    expect(fetched.files).toEqual([]);
    expect(fetched.text).toBe('A moderator is looking at this result. It can be had again when they have decided.');
    await noticed(id);
    const wordsToAlice = (): string[] => bench.alice.messagesSeen('direct messages').map(({ text }) => text);
    const title = '### This restored clip is held back for now';
    expect(wordsToAlice()[0]?.split('\n')).toEqual([
      title,
      `You asked for this in <#${bench.guild.channel('screening').id}>: held.mp4`,
      'The moderators of the server want to look at this result first. You get it when they release it.',
    ]);

    // While a message is taken away that was sent without an answer.
    const never = new Date(bench.discord.clock.now() + 86_400_000);
    const removal = { requestId: id, reason: 'queue.held', nextAttemptAt: never, createdAt: never };
    await bench.db.removal.create({ data: removal });
    const early = await mona.slash('moderate release', { request: id, reason: 'all is well' }).answer();
    expect(early.text).toBe(
      'Its message is still being taken away. That is over within a minute as a rule: try again then.',
    );
    await bench.db.removal.delete({ where: { requestId: id } });
    const released = await mona.slash('moderate release', { request: id, reason: 'all is well' }).answer();
    expect(released.text).toContain('being sent again');
    const got = await bench.alice.sees(({ files }) => files.some(({ name }) => name === 'held.restored.mp4'), {
      in: 'direct messages',
    });
    expect(got.files).toHaveLength(1);
    await becomes(id, 'delivered');
    expect(await actions(id)).toEqual([
      ['view', mona.id, null],
      ['hold', mona.id, 'let us see'],
      ['release', mona.id, 'all is well'],
    ]);

    // Once more within minutes: Discord would drop a second message that says it is the first.
    await (await press(mona, 'Hold back', row, 'a second look')).answer();
    await expect.poll(filesOfAlice).toEqual([]);
    await expect
      .poll(async () => (await bench.db.removal.findUnique({ where: { requestId: id } }))?.state)
      .not.toBe('waiting');
    await noticed(id);
    expect(wordsToAlice().filter((words) => words.startsWith(title))).toHaveLength(2);
    await mona.slash('moderate release', { request: id, reason: 'well indeed' }).answer();
    await becomes(id, 'delivered');
    expect(filesOfAlice()).toEqual(['held.restored.mp4']);

    const taken = await (await press(mona, 'Delete', row, 'it is cruel')).answer();
    expect(taken.text).toContain('Deleted.');
    await expect.poll(filesOfAlice).toEqual([]);
    expect(await stateOf(id)).toBe('removed');
    expect(await bench.db.mediaReference.count({ where: { requestId: id } })).toBe(0);
  });

  it('delete what they held back: the word that it is held is not the last one', async () => {
    const { bernard } = bench;
    const id = await keptRequest(bench, bernard, { name: 'doubtful.mp4' });
    await mona.slash('moderate hold', { request: id, reason: 'let us see' }).answer();
    await noticed(id);
    await mona.slash('moderate delete', { request: id, reason: 'it is cruel' }).answer();
    await bernard.sees(({ text }) => text.includes('a été retiré') && text.includes('doubtful.mp4'), {
      in: 'direct messages',
    });
    await noticed(id);
    const words = bernard.messagesSeen('direct messages').filter(({ text }) => text.includes('doubtful.mp4'));
    expect(words.map(({ text }) => text.split('\n')[0])).toEqual([
      '### Ce clip restauré est retenu pour le moment',
      '### Ce clip restauré a été retiré',
    ]);
  });

  it('are not done by moderators to what is their own', async () => {
    const id = await keptRequest(bench, mona, { name: 'mine.mp4' });
    await mona.slash('moderate hold', { request: id, reason: 'to try it' }).answer();
    await bench.db.request.update({ where: { id }, data: { inputHash: '0123456789abcdef' } });
    await mona.slash('moderate block-picture', { request: id, reason: 'to try it' }).answer();
    for (const deed of ['release', 'dismiss', 'unblock-picture']) {
      const said = await mona.slash(`moderate ${deed}`, { request: id, reason: 'it is mine' }).answer();
      expect(said.text, deed).toBe('This is about you: another moderator has to decide.');
    }
    const said = await mona.slash('moderate unblock', { member: mona, reason: 'it is me' }).answer();
    expect(said.text).toBe('This is about you: another moderator has to decide.');
    expect(await stateOf(id)).toBe('held');
    expect((await actions(id)).map(([kind]) => kind)).toEqual(['hold', 'blockPicture']);
  });

  it('block a photo with near copies of it, and accept it again', async () => {
    const { alice, db, guild } = bench;
    const id = await keptRequest(bench, alice, { name: 'portrait.png' });
    await db.request.update({ where: { id }, data: { inputHash: 'fedcba9876543210' } });
    const row = await mona.slash('usage show', { request: id }).answer();
    const blocked = await (await press(mona, 'Block photo', row, 'she asked for it')).answer();
    expect(blocked.text).toBe('This photo is blocked on this server, with near copies of it.');
    // Another copy of it, two bits away.
    const copy = await keptRequest(bench, alice, { name: 'copy.jpg' });
    await db.request.update({ where: { id: copy }, data: { inputHash: 'fedcba9876543213' } });
    const ofCopy = await mona.slash('usage show', { request: copy }).answer();
    expect(ofCopy.buttons.map(({ label }) => label)).toContain('Unblock photo');
    const [block] = await db.block.findMany({ where: { perceptualHash: 'fedcba9876543210' } });
    expect(block).toMatchObject({
      guildId: guild.id,
      liftedAt: null,
      createdBy: mona.id,
      reason: 'she asked for it',
    });
    const accepted = await mona.slash('moderate unblock-picture', { request: id, reason: 'all agreed' }).answer();
    expect(accepted.text).toBe('This photo is accepted again.');
    expect(await db.block.findUnique({ where: { id: block!.id } })).toMatchObject({ liftedBy: mona.id });
    expect((await actions(id)).map(([kind]) => kind)).toEqual(['view', 'blockPicture', 'unblockPicture']);
  });

  it('block neither themselves, which they could not undo, nor a bot', async () => {
    const own = await mona.slash('moderate block', { member: mona, reason: 'by mistake' }).answer();
    expect(own.text).toBe('This is about you: another moderator has to decide.');
    const robot = { id: bench.client.user.id };
    const said = await mona.slash('moderate block', { member: robot, reason: 'by mistake' }).answer();
    expect(said.text).toMatch(/^That is a bot\./);
    expect(await bench.db.block.count({ where: { userId: { in: [mona.id, robot.id] } } })).toBe(0);
  });

  it('block a member and let them in again', async () => {
    const { alice } = bench;
    // Nobody takes what waits.
    await worker.stop();
    await waitingRequest(bench, alice, 'unmade.mp4');
    const blocked = await mona.slash('moderate block', { member: alice, reason: 'spam' }).answer();
    worker = await bench.work(standIns().processors);
    expect(blocked.text).toBe(
      'The member is blocked on this server. They are told so when they next ask for something. ' +
        '1 request of theirs that was waiting or running is stopped.',
    );
    const id = await keptRequest(bench, alice, { name: 'blocked.mp4' });
    const row = await mona.slash('usage show', { request: id }).answer();
    expect(row.text).toContain('This member is blocked here.');
    await (await press(mona, 'Unblock member', row, 'talked to them')).answer();
    const twice = await mona.slash('moderate unblock', { member: alice, reason: 'again' }).answer();
    expect(twice.text).toBe('There is no block of this server to lift.');
    const blocks = await bench.db.block.findMany({ where: { userId: alice.id } });
    expect(blocks).toMatchObject([{ guildId: bench.guild.id, createdBy: mona.id, liftedBy: mona.id, reason: 'spam' }]);
  });
});

describe('reports', () => {
  it('hold a result at once where the guild wants it, until they are decided', async () => {
    const now = new Date(bench.discord.clock.now());
    await changeGuildSettings(bench.db, bench.guild.id, { reportHolds: true }, { moderatorId: mona.id, now });
    const id = await keptRequest(bench, bench.carla, { name: 'reported.mp4' });
    // Shown to everybody, so that there is a message to report.
    const shown = await bench.carla.slash('result', { clip: id, to: 'channel' }).answer();
    const form = bench.bernard.contextMenu('Report this result', shown);
    const thanks = await (await bench.bernard.submitModal(form, { reason: 'sans son accord' })).answer();
    expect(thanks.isPrivate).toBe(true);
    expect(thanks.text).toBe('Merci. Le résultat est retenu jusqu’à ce que les modérateurs l’aient examiné.');
    expect(await stateOf(id)).toBe('held');
    await expect.poll(() => bench.bernard.messagesSeen().some(({ id: seen }) => seen === shown.id)).toBe(false);
    await noticed(id);

    const open = await mona.slash('usage list', { reported: 'open' }).answer();
    expect(open.text).toContain('⚠ 1 report to decide');
    const row = await mona.select('Look at one', [id], open).answer();
    expect(row.text).toContain(`<@${bench.bernard.id}> · to decide · sans son accord`);
    const decided = await (await press(mona, 'Dismiss report', row, 'it is a friend')).answer();
    expect(decided.text).toContain('The report is dismissed.');
    expect(await bench.db.report.findFirst({ where: { requestId: id } })).toMatchObject({
      state: 'dismissed',
      decidedBy: mona.id,
    });
    await becomes(id, 'delivered');
    expect((await actions(id)).at(-1)).toEqual(['dismissReport', mona.id, 'it is a friend']);
    // Nobody holds it back again but a moderator.
    const once = await bench.alice.forge.form(`report:${id}`, { reason: 'I do not like it' }).answer();
    expect(once.text).toBe('Thank you. The moderators will look at it.');
    expect(await stateOf(id)).toBe('delivered');
  });

  it('are upheld by deleting, and are not endless', async () => {
    const id = await keptRequest(bench, bench.alice, { name: 'upheld.mp4' });
    const report = async (requestId: string): Promise<SeenMessage> => {
      return bench.carla.forge.form(`report:${requestId}`, { reason: 'no' }).answer();
    };
    await report(id);
    await mona.slash('moderate uphold', { request: id, reason: 'they are right' }).answer();
    expect(await stateOf(id)).toBe('removed');
    expect(await bench.db.report.findFirst({ where: { requestId: id } })).toMatchObject({ state: 'upheld' });
    for (let at = 0; at < 9; at += 1) await report(await keptRequest(bench, bench.alice));
    const refused = await report(await keptRequest(bench, bench.alice));
    expect(refused.text).toMatch(/^Hai fatto 10 segnalazioni in 24 ore/);
    expect(await bench.db.report.count({ where: { reporterId: bench.carla.id } })).toBe(10);
    const aMessage = bench.alice.post('hello');
    const nowhere = await bench.carla.contextMenu('Report this result', aMessage).answer();
    expect(nowhere.text).toMatch(/^Questo messaggio non mostra/);
  });
});

describe('/usage export and stats', () => {
  it('give a file whose cells are no formulas, and JSON', async () => {
    const id = await keptRequest(bench, bench.bernard, { name: '=cmd|calc!A1.mp4' });
    const csv = await mona.slash('usage export', { member: bench.bernard }).answer();
    expect(csv.isPrivate).toBe(true);
    const text = csv.files[0]!.bytes.toString();
    const lines = text.split('\r\n').filter((line) => line !== '');
    expect(lines[0]).toMatch(/^\uFEFFid,asked_at,command,state,.*consent_revoked_at$/);
    const row = lines.find((line) => line.startsWith(id))!;
    expect(row).toContain(",'=cmd|calc!A1.mp4,");
    expect(new Set(lines.map((line) => line.replaceAll(/"(?:[^"]|"")*"/g, '').split(',').length)).size).toBe(1);
    const json = await mona.slash('usage export', { member: bench.bernard, format: 'json' }).answer();
    const records = JSON.parse(json.files[0]!.bytes.toString()) as {
      id: string;
      input_name: string;
      events: unknown[];
    }[];
    expect(records).toHaveLength(lines.length - 1);
    expect(records.find((record) => record.id === id)).toMatchObject({
      input_name: '=cmd|calc!A1.mp4',
      events: [{ to: 'received' }, { to: 'waiting' }, { to: 'running' }, { to: 'delivering' }, { to: 'kept' }],
    });
    const exports = await bench.db.moderatorAction.findMany({ where: { kind: 'export' } });
    expect(exports.map(({ detail }) => detail)).toMatchObject([{ format: 'csv' }, { format: 'json' }]);
  });

  it('draw a chart, with words for those who do not see it', async () => {
    const said = await mona.slash('usage stats', { days: 7 }).answer();
    expect(said.text).toMatch(/^### The last 7 days\n\d+ requests \(members: \d\), made: \d+\nComputing: /);
    const { format, width } = await sharp(said.files[0]!.bytes).metadata();
    expect([format, width]).toEqual(['png', 1080]);
    const written = JSON.stringify(bench.discord.messagesIn(bench.guild.channel('screening')).at(-1)?.components);
    expect(written).toMatch(/"7 days, \d+ requests, \d+ minutes of computing · Made: \d+/);
  });
});
