/**
 * Whoever asks for anything, nothing of another guild is seen or changed, and what is for moderators is for moderators. Every
 * command, button and form there is, as `createCommands` has them, is tried: one that is added is tried as well.
 */
import { readFile } from 'node:fs/promises';
import { ApplicationCommandOptionType as Kind, Events, PermissionFlagsBits } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readSentences } from '../../src/locale.ts';
import { addReport } from '../../src/store/reports.ts';
import { soundClip } from '../clips.ts';
import type { Asked } from '../fakes/discord/member/ask.ts';
import type { OptionValue, OptionValues } from '../fakes/discord/member/commands.ts';
import type { Member } from '../fakes/discord/member/member.ts';
import type { GuildFixture } from '../fakes/discord/world/guild.ts';
import type { CommandOption } from '../fakes/discord/rules/commands.ts';
import { type Bench, startBench } from './bench.ts';
import { keptRequest } from './seed.ts';
import { standIns } from './stand-ins.ts';

let bench: Bench;
let other: GuildFixture;
/** A result in the bench's guild, whose name and requester nobody elsewhere shall learn. */
let secretId: string;
let secretMember: Member;
let film: Buffer;
const secretName = 'wedding-of-the-mayor.mp4';

/** In the bench's guild: its moderator. Elsewhere: somebody, and a moderator. */
let moderator: Member;
let stranger: Member;
let strangeModerator: Member;

/** Interactions that have come to the bot; its handlers have begun by then. */
const heard = new Set<string>();

beforeAll(async () => {
  bench = await startBench();
  bench.client.on(Events.InteractionCreate, ({ id }) => heard.add(id));
  await bench.work(standIns().processors);
  film = await readFile(await soundClip());
  other = bench.discord.guild('Another server');
  other.channel('elsewhere');
  const rights = PermissionFlagsBits.ModerateMembers | PermissionFlagsBits.ManageGuild;
  moderator = bench.guild.member('mona', { roles: [bench.guild.role('moderators', rights)] });
  stranger = other.member('stan');
  strangeModerator = other.member('zoe', { roles: [other.role('moderators', rights)] });
  secretMember = bench.guild.member('selma');
  secretId = await keptRequest(bench, secretMember, { name: secretName });
  await addReport(bench.db, {
    id: bench.services.newId(),
    requestId: secretId,
    reporterId: bench.alice.id,
    reason: 'he never agreed',
    holds: false,
    now: new Date(bench.discord.clock.now()),
  });
}, 60_000);
afterAll(() => bench.stop());

interface Leaf {
  readonly command: string;
  readonly options: readonly CommandOption[];
  readonly isForModerators: boolean;
}

const isNested = ({ type }: CommandOption): boolean => type === Kind.Subcommand || type === Kind.SubcommandGroup;

/** Every command that can be called, with its subcommands spelt out. */
function leaves(): Leaf[] {
  const unfold = (name: string, options: readonly CommandOption[], isForModerators: boolean): Leaf[] =>
    options.some(isNested)
      ? options.flatMap((option) => unfold(`${name} ${option.name}`, option.options ?? [], isForModerators))
      : [{ command: name, options, isForModerators }];
  return bench.commands.flatMap((command) => {
    if (command.kind !== 'slash') return [];
    const { name, options = [], default_member_permissions: needed } = command.definition;
    return unfold(name, options as unknown as CommandOption[], needed !== undefined && needed !== null);
  });
}

/** Filled in to reach what is another's: every text the secret's id, every member its requester. */
function filled(options: readonly CommandOption[], { everything }: { readonly everything: boolean }): OptionValues {
  const value = (option: CommandOption): OptionValue => {
    const [choice] = option.choices ?? [];
    if (choice !== undefined) return choice.value;
    switch (option.type) {
      case Kind.User:
      case Kind.Mentionable:
        return { id: secretMember.id };
      case Kind.Channel:
        return { id: bench.guild.channel('screening').id };
      case Kind.Attachment:
        return { name: 'film.mp4', bytes: film };
      case Kind.Boolean:
        return false;
      case Kind.Integer:
      case Kind.Number:
        return option.min_value ?? 1;
      case Kind.String:
      case Kind.Role:
      case Kind.Subcommand:
      case Kind.SubcommandGroup:
        return secretId.slice(0, option.max_length ?? 100);
    }
  };
  const chosen = options.filter(({ required, name, type }) => {
    // A role of one guild is nothing in another; days are days.
    const isOptional = ![Kind.Role, Kind.Attachment].includes(type) && name !== 'from' && name !== 'to';
    return required === true || (everything && isOptional);
  });
  return Object.fromEntries(chosen.map((option) => [option.name, value(option)]));
}

/** All that came of it: words, names of files, forms, choices. */
async function said(asked: Asked): Promise<string> {
  // A made-up press that means nothing may be left without an answer.
  await bench.discord.until(() => heard.has(asked.id), 'the bot to hear of it');
  await bench.settled();
  return JSON.stringify([
    asked
      .messages()
      .map(({ text, files, buttons, selects }) => [
        text,
        files.map(({ name, description }) => [name, description]),
        buttons.map(({ label }) => label),
        selects,
      ]),
    bench.discord.interactions.byId(asked.id)?.modal?.title ?? '',
    bench.discord.interactions.byId(asked.id)?.choices ?? [],
  ]);
}

/** One more like the secret one, of which every deed can be done. */
async function reportedRequest(): Promise<string> {
  const requestId = await keptRequest(bench, secretMember);
  const reporterId = bench.alice.id;
  const now = new Date(bench.discord.clock.now());
  const id = bench.services.newId();
  await addReport(bench.db, { id, requestId, reporterId, reason: 'he never agreed', holds: false, now });
  await bench.db.request.update({ where: { id: requestId }, data: { inputHash: 'fedcba9876543210' } });
  return requestId;
}

/** Of every sentence with which something is refused, the longest part without blanks. */
const refusals = Object.entries(readSentences('en'))
  .filter(([key]) => key.startsWith('refusal.'))
  .map(([, sentence]) => sentence.split(/\{\{.*?\}\}|\$t\(.*?\)/).toSorted((a, b) => b.length - a.length)[0]!);

const refusal = /moderators of this server|who may manage this server/;

async function expectUnseen(told: string): Promise<void> {
  expect(told).not.toContain(secretName);
  expect(told).not.toContain('wedding');
  expect(told).not.toContain('he never agreed');
  // Ids that whoever forges them knows are no news; that there is such a request would be.
  const { state, reports } = await bench.db.request.findUniqueOrThrow({
    where: { id: secretId },
    include: { reports: true },
  });
  expect(state).toBe('kept');
  expect(reports.map((report) => [report.reporterId, report.state])).toEqual([[bench.alice.id, 'open']]);
  const guildId = bench.guild.id;
  expect(await bench.db.moderatorAction.count({ where: { guildId } })).toBe(0);
  expect(await bench.db.moderatorAction.count({ where: { requestId: secretId } })).toBe(0);
  expect(await bench.db.block.count({ where: { guildId } })).toBe(0);
}

describe('nothing of a guild is seen or changed from another', () => {
  it.each(['a member', 'a moderator'] as const)(
    'by commands and what is typed, as %s there',
    async (who) => {
      const member = who === 'a member' ? stranger : strangeModerator;
      const tried = leaves();
      expect(tried.map(({ command }) => command)).toEqual(
        expect.arrayContaining(['usage list', 'usage show', 'usage export', 'usage stats', 'moderate hold', 'restore']),
      );
      for (const { command, options, isForModerators } of tried) {
        for (const everything of [false, true]) {
          const told = await said(member.forge.slash(command, filled(options, { everything })));
          await expectUnseen(told);
          if (isForModerators && who === 'a member') expect(`${command}: ${told}`).toMatch(refusal);
        }
        for (const option of options.filter(({ autocomplete }) => autocomplete)) {
          for (const typed of ['', 'wed', secretId]) {
            const choices = JSON.stringify(await member.forge.typing(command, option.name, typed).choices());
            await expectUnseen(choices);
            expect(choices).not.toContain(secretId);
          }
        }
      }
    },
    120_000,
  );

  it.each(['a member', 'a moderator'] as const)(
    'by buttons, menus and forms, as %s there',
    async (who) => {
      const member = who === 'a member' ? stranger : strangeModerator;
      const parts = bench.commands.flatMap((command) => [
        ...Object.keys(command.components ?? {}).map((action) => ({ action, isForm: false })),
        ...Object.keys(command.modals ?? {}).map((action) => ({ action, isForm: true })),
      ]);
      expect(parts.length).toBeGreaterThan(8);
      const args = ['', ':hold', ':delete', ':block', ':block-picture', ':dismiss', ':accept', ':all', `:a${secretId}`];
      for (const { action, isForm } of parts) {
        for (const argument of args) {
          const id = `${action}:${secretId}${argument}`;
          const texts = { reason: 'because I say so', work: 'La Gioconda', text: 'anything' };
          const asked = isForm ? member.forge.form(id, texts) : member.forge.component(id);
          await expectUnseen(await said(asked));
        }
        if (isForm) continue;
        await expectUnseen(await said(member.forge.component(`${action}:one`, [secretId])));
        // A page of the log after a row of another guild.
        await expectUnseen(await said(member.forge.component(`${action}:......:a${secretId}`)));
      }
    },
    120_000,
  );
});

describe('what is for moderators', () => {
  it('is offered by Discord to moderators alone', () => {
    const slash = leaves().filter(({ isForModerators }) => isForModerators);
    const names = new Set(slash.map(({ command }) => command.split(' ')[0]));
    expect([...names]).toEqual(expect.arrayContaining(['usage', 'moderate', 'settings']));
    const offered = (member: Member): string[] => member.commandsOffered().map(({ name }) => name);
    expect(offered(secretMember).filter((name) => names.has(name))).toEqual([]);
    expect(offered(moderator).filter((name) => names.has(name)).length).toBe(names.size);
  });

  it('is refused to a member of the same guild, whatever their client sends', async () => {
    for (const { command, options, isForModerators } of leaves()) {
      if (!isForModerators) continue;
      const told = await said(bench.alice.forge.slash(command, filled(options, { everything: false })));
      expect(`${command}: ${told}`).toMatch(refusal);
    }
    const pressed = [
      `usage-look:${secretId}`,
      'usage:......',
      `usage:......:a${secretId}`,
      `moderate:${secretId}:hold`,
    ];
    for (const id of pressed) expect(await said(bench.alice.forge.component(id))).toMatch(refusal);
    const form = bench.alice.forge.form(`moderate:${secretId}:delete`, { reason: 'because' });
    expect(await said(form)).toMatch(refusal);
    await expectUnseen('');
  }, 60_000);

  it('is refused in direct messages', async () => {
    moderator.goTo('direct messages');
    expect(await said(moderator.forge.slash('usage list'))).toMatch(refusal);
    moderator.goTo(bench.guild.channel('screening'));
  });

  it('is there for a moderator of the guild', async () => {
    expect(await said(moderator.slash('usage list'))).toContain(`<@${secretMember.id}>`);
    expect(await said(moderator.slash('usage show', { request: secretId }))).toContain('wedding');
  });

  it('is refused to a moderator of the guild in nothing, and is all written down', async () => {
    const undoing = /^moderate (release|unblock|unblock-picture)$/;
    let requestId = '';
    for (const { command, options, isForModerators } of leaves()) {
      // What undoes something is done to what the one before was done to.
      if (isForModerators && !undoing.test(command)) requestId = await reportedRequest();
      if (command === 'moderate allow-face') {
        const data = { code: 'refusal.face-of-another' };
        await bench.db.request.update({ where: { id: requestId }, data });
      }
      const inLog = await bench.db.moderatorAction.count({ where: { moderatorId: moderator.id } });
      const given = filled(options, { everything: false });
      const told = await said(
        moderator.slash(command, { ...given, ...('request' in given && { request: requestId }) }),
      );
      expect(`${command}: ${told}`).not.toMatch(refusal);
      if (!isForModerators) continue;
      expect([command, refusals.filter((sentence) => told.includes(sentence))]).toEqual([command, []]);
      // The panel of settings tells nothing of members.
      const written = (await bench.db.moderatorAction.count({ where: { moderatorId: moderator.id } })) - inLog;
      expect([command, written > 0]).toEqual([command, command !== 'settings']);
    }
  }, 60_000);
});
