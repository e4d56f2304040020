/** `/settings` as those who manage a server use it, and as nobody else can. */
import { PermissionFlagsBits } from 'discord.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { guildSettings } from '../../src/store/guild-settings.ts';
import type { Asked } from '../fakes/discord/member/ask.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { SeenMessage } from '../fakes/discord/member/seen.ts';
import { type Bench, startBench } from './bench.ts';

let bench: Bench;
let mona: Member;
let film: string;
let club: string;

beforeAll(async () => {
  bench = await startBench();
  mona = bench.guild.member('mona', { roles: [bench.guild.role('managers', PermissionFlagsBits.ManageGuild)] });
  film = bench.guild.role('film').id;
  club = bench.guild.role('club').id;
});
afterAll(() => bench.stop());
beforeEach(async () => {
  bench.setLimits({});
  await bench.db.guildSettings.deleteMany();
});
afterEach(() => {
  expect(bench.discord.journal.refused()).toEqual([]);
  expect(bench.troubles).toEqual([]);
});

const actions = () =>
  bench.db.moderatorAction.findMany({ where: { guildId: bench.guild.id }, orderBy: { id: 'desc' } });
const settings = () => guildSettings(bench.db, bench.guild.id);
const plain = (text: string): string => text.replaceAll(/<t:\d+:R>/g, '<t>');

/** The panel that a command or a press leaves. */
async function panel(asked: Asked): Promise<SeenMessage> {
  return asked.answer();
}
/** The same message, once it says something. */
const becomes = (message: SeenMessage, pattern: RegExp): Promise<SeenMessage> =>
  mona.sees(({ id, text }) => id === message.id && pattern.test(text));

async function choose(field: string): Promise<{ readonly message: SeenMessage; readonly asked: Asked }> {
  const message = await panel(mona.slash('settings'));
  return { message, asked: mona.select('settings:choose', [field], message) };
}

async function write(field: string, values: Readonly<Record<string, string>>): Promise<SeenMessage> {
  const { message, asked } = await choose(field);
  await mona.submitModal(asked, values);
  return becomes(message, /Changed\. It holds/);
}

describe('what it shows', () => {
  it('to begin with is what the operator decided, to the one who asked alone', async () => {
    const seen = await panel(mona.slash('settings'));
    expect(seen.isPrivate).toBe(true);
    expect(seen.text).toBe(
      [
        '### Settings of this server',
        '**Who may use it**',
        '- Roles that may restore: everybody',
        '- Roles that may animate: everybody',
        '**Limits, within 24 hours**',
        '- Limits of each member: 20 requests (default), 2h 00m of computing (default)',
        '- Limits of the whole server: 100 requests (default), 10h 00m of computing (default)',
        '- Longest clip: 5m 00s (default)',
        '**Log and keeping**',
        '- Log channel: none',
        '- Results are kept: 72 hours (default)',
        '- The log is kept: 90 days (default)',
        '**Rules**',
        '- Artworks and persons of history may be animated: yes',
        '- A report holds a result back at once: no',
        '- Only in age-restricted channels: no',
      ].join('\n'),
    );
  });

  it('says what holds where a server set more than the operator allows by now, and who changed it last', async () => {
    await write('member', { userJobsPerDay: '15', userComputeSecondsPerDay: '90' });
    const { message, asked } = await choose('roleQuotas');
    await asked.acknowledged();
    await becomes(message, /Choose a role/);
    const picked = mona.select('settings-role:quota', [film], message);
    await mona.submitModal(picked, { jobsPerDay: '18', computeSecondsPerDay: '' });
    await becomes(message, /Changed/);
    bench.setLimits({ userJobsPerDay: 10 });
    await bench.db.guildSettings.updateMany({ data: { logRetentionDays: 365 } });
    const { text } = await panel(mona.slash('settings'));
    expect(text).toContain(
      'each member: 15 requests, more than the operator allows; in force: 10 requests, 1h 30m of computing',
    );
    expect(text).toContain(`- <@&${film}>: 18 requests, more than the operator allows; in force: 10 requests`);
    expect(text).toContain('The log is kept: 365 days, more than the operator allows; in force: 90 days');
    expect(plain(text)).toContain(`-# Last changed by <@${mona.user.id}> <t>`);
  });
});

describe('numbers', () => {
  it.each([
    [
      'member',
      { userJobsPerDay: '7', userComputeSecondsPerDay: '30' },
      { userJobsPerDay: 7, userComputeSecondsPerDay: 1800 },
    ],
    [
      'server',
      { guildJobsPerDay: '0', guildComputeSecondsPerDay: '' },
      { guildJobsPerDay: 0, guildComputeSecondsPerDay: null },
    ],
    ['clips', { maxClipSeconds: '60' }, { maxClipSeconds: 60 }],
    [
      'keeping',
      { resultRetentionHours: '24', logRetentionDays: '30' },
      { resultRetentionHours: 24, logRetentionDays: 30 },
    ],
  ])('%s are written into a form, kept, and recorded with who changed them', async (field, values, kept) => {
    const before = (await actions()).length;
    await write(field, values);
    expect(await settings()).toMatchObject(kept);
    const [action, ...others] = await actions();
    expect(others).toHaveLength(before);
    expect(action).toMatchObject({ kind: 'changeSettings', moderatorId: mona.user.id, detail: kept });
  });

  it('that are left empty are the operator’s again', async () => {
    await write('clips', { maxClipSeconds: '60' });
    await write('clips', { maxClipSeconds: '' });
    expect((await settings())?.maxClipSeconds).toBeNull();
  });

  it.each([
    [
      'member',
      { userJobsPerDay: '21', userComputeSecondsPerDay: '' },
      'from 0 to 20 for “Requests of a member in 24 hours”',
    ],
    ['member', { userJobsPerDay: '', userComputeSecondsPerDay: '121' }, 'from 0 to 120 for “Minutes of computing'],
    ['server', { guildJobsPerDay: '-1', guildComputeSecondsPerDay: '' }, 'from 0 to 100'],
    ['clips', { maxClipSeconds: '0' }, 'from 1 to 300'],
    ['clips', { maxClipSeconds: '1.5' }, 'from 1 to 300'],
    ['keeping', { resultRetentionHours: '73', logRetentionDays: '' }, 'from 1 to 72'],
    ['keeping', { resultRetentionHours: '', logRetentionDays: '91' }, 'from 1 to 90'],
  ])('of %s above the operator’s, or that are none, change nothing: %j', async (field, values, range) => {
    const { asked } = await choose(field);
    const sent = await mona.submitModal(asked, values);
    const said = await mona.sees(({ interactionId }) => interactionId === sent.id);
    expect(said.text).toContain(range);
    expect(said.text).toContain('Nothing was changed.');
    expect(said.isPrivate).toBe(true);
    expect(await settings()).toBeUndefined();
  });
});

describe('switches', () => {
  it.each([
    ['artworksAllowed', true, 'Artworks and persons of history may be animated: no'],
    ['reportHolds', false, 'A report holds a result back at once: yes'],
    ['ageRestrictedOnly', false, 'Only in age-restricted channels: yes'],
  ] as const)('%s is turned, and turned back', async (field, first, line) => {
    const { message } = await choose(field);
    expect((await becomes(message, /Changed/)).text).toContain(line);
    expect((await settings())?.[field]).toBe(!first);
    const again = await choose(field);
    await becomes(again.message, /Changed/);
    expect((await settings())?.[field]).toBe(first);
  });

  it('tells that nobody can animate where the operator keeps animations out of the only channels that are left', async () => {
    const { message } = await choose('ageRestrictedOnly');
    expect((await becomes(message, /Changed/)).text).toContain('with this, nobody can animate here');
    bench.setLimits({ ageRestrictedChannels: true });
    expect((await panel(mona.slash('settings'))).text).not.toContain('nobody can animate');
  });
});

describe('roles and channels', () => {
  it.each(['restoreRoles', 'animateRoles'] as const)('%s are chosen, and everybody again', async (field) => {
    const { message } = await choose(field);
    await becomes(message, /Only members with one of these roles/);
    mona.select(`settings-roles:${field}`, [film, club], message);
    const seen = await becomes(message, /Changed/);
    expect(seen.text).toContain(`<@&${film}> <@&${club}>`);
    expect((await settings())?.[field]).toEqual([film, club]);
    const again = await choose(field);
    await becomes(again.message, /Only members/);
    mona.click('Everybody may', again.message);
    await becomes(again.message, /Changed/);
    expect((await settings())?.[field]).toEqual([]);
  });

  it('a role gets limits of its own, other ones, and none again', async () => {
    const quota = async (values: Readonly<Record<string, string>>): Promise<unknown> => {
      const { message } = await choose('roleQuotas');
      await becomes(message, /Choose a role/);
      await mona.submitModal(mona.select('settings-role:quota', [club], message), values);
      await becomes(message, /Changed/);
      return (await settings())?.roleQuotas;
    };
    expect(await quota({ jobsPerDay: '18', computeSecondsPerDay: '60' })).toEqual([
      { roleId: club, jobsPerDay: 18, computeSecondsPerDay: 3600 },
    ]);
    expect(await quota({ jobsPerDay: '', computeSecondsPerDay: '5' })).toEqual([
      { roleId: club, computeSecondsPerDay: 300 },
    ]);
    expect(await quota({ jobsPerDay: '', computeSecondsPerDay: '' })).toEqual([]);
  });

  it('the log goes where the bot can post, and nowhere else', async () => {
    const open = bench.guild.channel('mod-log');
    const closed = bench.guild.channel('closed');
    bench.guild.botMayNot(closed, PermissionFlagsBits.SendMessages | PermissionFlagsBits.ReadMessageHistory);
    const first = await choose('logChannelId');
    await becomes(first.message, /Choose a channel that only those who moderate can see/);
    const asked = mona.select('settings-channel:log', [closed.id], first.message);
    const said = await mona.sees(({ interactionId, id }) => interactionId === asked.id && id !== first.message.id);
    expect(said.text).toBe(
      'The bot cannot post in that channel: it lacks Send Messages and Read Message History there. Allow that, or choose another channel.',
    );
    expect(await settings()).toBeUndefined();
    mona.select('settings-channel:log', [open.id], first.message);
    expect((await becomes(first.message, /Changed/)).text).toContain(`Log channel: <#${open.id}>`);
    const again = await choose('logChannelId');
    await becomes(again.message, /Choose a channel/);
    mona.click('No log channel', again.message);
    await becomes(again.message, /Log channel: none/);
    expect((await settings())?.logChannelId).toBeNull();
  });

  it('everything goes back to the default, when that was meant', async () => {
    await write('member', { userJobsPerDay: '3', userComputeSecondsPerDay: '3' });
    const message = await panel(mona.slash('settings'));
    mona.click('Reset everything…', message);
    await becomes(message, /The log channel and the roles are forgotten too/);
    mona.click('Back', message);
    await becomes(message, /3 requests, 3m 00s/);
    mona.click('Reset everything…', message);
    await becomes(message, /are forgotten too/);
    mona.click('Yes, reset everything', message);
    expect((await becomes(message, /Changed/)).text).toContain('20 requests (default), 2h 00m of computing (default)');
  });
});

describe('who may', () => {
  it('nobody who does not manage the server: Discord does not offer it, and the bot does not trust that', async () => {
    expect(() => bench.alice.slash('settings')).toThrow(/is not offered a command settings/);
    const managers = bench.guild.role('former', PermissionFlagsBits.ManageGuild);
    const nina = bench.guild.member('nina', { roles: [managers] });
    const message = await nina.slash('settings').answer();
    // They are a manager no more; the message with its menu still stands before them.
    bench.guild.member('nina', { roles: [] });
    for (const press of [
      () => nina.select('settings:choose', ['reportHolds'], message),
      () => nina.select('settings:choose', ['clips'], message),
      () => nina.select('settings:choose', ['logChannelId'], message),
      () => nina.click('Reset everything…', message),
    ]) {
      const asked = press();
      const said = await nina.sees(({ interactionId }) => interactionId === asked.id);
      expect(said.text).toBe('This is for those who may manage this server.');
    }
    expect(await settings()).toBeUndefined();
  });

  it('nothing of another server', async () => {
    const elsewhere = bench.discord.guild('Other films');
    elsewhere.channel('hall');
    const role = elsewhere.role('managers', PermissionFlagsBits.ManageGuild);
    const zoe = elsewhere.member('zoe', { roles: [role] });
    await write('clips', { maxClipSeconds: '60' });
    const theirs = await zoe.slash('settings').answer();
    expect(theirs.text).toContain('Longest clip: 5m 00s (default)');
    const asked = zoe.select('settings:choose', ['reportHolds'], theirs);
    await asked.acknowledged();
    await bench.settled();
    expect((await settings())?.reportHolds).toBe(false);
    expect((await guildSettings(bench.db, elsewhere.id))?.reportHolds).toBe(true);
  });

  it('in French and Italian as well', async () => {
    const managers = bench.guild.role('gestion', PermissionFlagsBits.ManageGuild);
    const yves = bench.guild.member('yves', { locale: 'fr', roles: [managers] });
    const ida = bench.guild.member('ida', { locale: 'it', roles: [managers] });
    expect((await yves.slash('settings').answer()).text).toContain('- Durée maximale d’un clip : 5m 00s (par défaut)');
    expect((await ida.slash('settings').answer()).text).toContain(
      '- Durata massima di un filmato: 5m 00s (predefinito)',
    );
  });
});
