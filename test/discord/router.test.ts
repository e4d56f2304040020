/** The router on the real client against the test server: who answers what, in time, and what is said when it goes wrong. */
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ComponentType,
  InteractionResponseType,
  MessageFlags,
  TextInputStyle,
} from 'discord.js';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { acknowledge, acknowledgementOf, acknowledgePress, answer, answerPrivately } from '../../src/discord/answer.ts';
import { connectDiscord, type DiscordConnection } from '../../src/discord/client.ts';
import type { BotServices, Command } from '../../src/discord/command.ts';
import { DownloadError } from '../../src/discord/download-error.ts';
import { button, container, message, notice, row, text } from '../../src/discord/message.ts';
import { createRouter, handlerPatienceMs, type Router } from '../../src/discord/router.ts';
import { LumiereError } from '../../src/engine/errors.ts';
import { Refusal } from '../../src/policy/refusal.ts';
import { ACKNOWLEDGE_WITHIN } from '../fakes/discord/interactions.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';

let discord: DiscordServer;
let connection: DiscordConnection;
let router: Router;
let detach: () => void;
/** What every router here is made with, and the milliseconds after which one answers for a handler that is late. */
const patient = 60_000;
const impatient = 100;
const routerOf = (some: readonly Command[], patienceMs: number): Router =>
  createRouter({
    commands: some,
    services: { log, client: connection.client } as unknown as BotServices,
    patienceMs,
    onAcknowledged: (command, milliseconds) => acknowledged.push({ command, milliseconds }),
    onFault: (command) => faults.push(command),
  });
let guild: ReturnType<DiscordServer['guild']>;
const acknowledged: { command: string; milliseconds: number }[] = [];
const faults: string[] = [];
const logged: { msg: string; level: number; command: string; interactionId: string }[] = [];
const log = pino({ level: 'debug' }, { write: (line) => logged.push(JSON.parse(line) as (typeof logged)[number]) });

const slash = (name: string, more: Partial<Command & { kind: 'slash' }>): Command => ({
  kind: 'slash',
  definition: { type: ApplicationCommandType.ChatInput, name, description: 'A command of this test' },
  execute: () => Promise.resolve(),
  ...more,
});
const failing = (name: string, error: Error): Command =>
  slash(name, {
    execute: () => Promise.reject(error),
  });
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const commands: Command[] = [
  slash('quick', {
    execute: async (interaction, { t }) => {
      const pressable = row(button('wave:42', 'Wave'), button('write:42:now', 'Write'), button('gone:1', 'Old'));
      await answer(interaction, message([container('done', [text(t('card.waiting')), pressable])]), {
        isPrivate: false,
      });
    },
    components: {
      wave: async (interaction, { subject }) => {
        await acknowledgePress(interaction);
        await answer(interaction, notice('done', `waved ${subject}`), { isPrivate: true });
      },
      write: async (interaction, { subject, argument }) => {
        await interaction.showModal({
          custom_id: `written:${subject}:${argument ?? ''}`,
          title: 'Why?',
          components: [
            {
              type: ComponentType.Label,
              label: 'Why?',
              component: { type: ComponentType.TextInput, custom_id: 'why', style: TextInputStyle.Short },
            },
          ],
        });
      },
    },
    modals: {
      written: async (interaction, { subject, argument }) => {
        const why = interaction.fields.getTextInputValue('why');
        await answerPrivately(interaction, notice('done', `${subject} ${argument ?? ''} ${why}`));
      },
    },
  }),
  slash('slow', {
    execute: async (interaction) => {
      while (acknowledgementOf(interaction) === undefined) await wait(10);
      const { isPrivate } = await acknowledge(interaction, { isPrivate: false });
      await answer(interaction, notice('done', `private: ${isPrivate}`), { isPrivate });
    },
  }),
  slash('deferred', {
    execute: async (interaction) => {
      await acknowledge(interaction, { isPrivate: false });
      throw new Refusal('refusal.bot-lacks-permission', { permissions: ['AttachFiles', 'SendMessages'] });
    },
  }),
  slash('twice', {
    execute: async (interaction) => {
      await interaction.reply({ content: 'first', flags: MessageFlags.Ephemeral });
      await connection.client.rest.post(`/interactions/${interaction.id}/${interaction.token}/callback`, {
        auth: false,
        body: { type: InteractionResponseType.DeferredChannelMessageWithSource },
      });
    },
  }),
  failing('blocked', new Refusal('refusal.blocked-here')),
  failing('broken', new LumiereError('input.too-small', { width: 1, height: 1, limit: 16 })),
  failing('weights', new LumiereError('model.not-installed', { model: 'x' })),
  failing('expired', new DownloadError('expired', 'status 403')),
  failing('bug', new TypeError('undefined is not a function')),
  slash('pick', {
    definition: {
      type: ApplicationCommandType.ChatInput,
      name: 'pick',
      description: 'Offers',
      options: [{ type: ApplicationCommandOptionType.String, name: 'clip', description: 'Which', autocomplete: true }],
    },
    autocomplete: (interaction) => {
      if (interaction.options.getFocused() === 'fail') throw new Error('no');
      return Promise.resolve(Array.from({ length: 30 }, (_, at) => ({ name: `clip ${at}`, value: `${at}` })));
    },
  }),
  {
    kind: 'message',
    definition: { type: ApplicationCommandType.Message, name: 'Look at this' },
    execute: async (interaction) => {
      await answer(interaction, notice('done', interaction.targetMessage.content), { isPrivate: true });
    },
  },
];

beforeAll(async () => {
  discord = await startDiscord({ settings: { acknowledgeWithin: 60_000 } });
  guild = discord.guild('Old films');
  guild.channel('screening');
  connection = await connectDiscord({ token: discord.token, rest: discord.rest, log, onLost: () => undefined });
  const { client } = connection;
  router = routerOf(commands, patient);
  detach = router.attach(client);
  const definitions = commands.flatMap((command) => (command.kind === 'components' ? [] : [command.definition]));
  await client.rest.put(`/applications/${client.application.id}/commands`, { body: definitions });
});

afterAll(async () => {
  await router.drain();
  await connection.close();
  await discord.stop();
});

it('brings a command, a press and a form to their handlers, in the language of the member', async () => {
  const alice = guild.member('alice', { locale: 'fr' });
  expect((await alice.slash('quick').answer()).text).toContain('Dans la file');
  const pressed = alice.click('Write');
  await pressed.modal();
  const submitted = await alice.submitModal(pressed, { why: 'because' });
  expect(await submitted.answer()).toMatchObject({ text: '42 now because', isPrivate: true });
  alice.click('Wave');
  expect((await alice.sees(/waved/)).text).toBe('waved 42');
});

it('reads a message command', async () => {
  const alice = guild.member('alice');
  const post = alice.post('an old film');
  expect((await alice.contextMenu('Look at this', post).answer()).text).toBe('an old film');
});

it('acknowledges for a handler that is late, in private, and its answer finds the place taken', async () => {
  detach();
  const other = routerOf(
    commands.filter((command) => command.kind === 'slash' && command.definition.name === 'slow'),
    impatient,
  );
  const leave = other.attach(connection.client);
  const asked = guild.member('bob').slash('slow');
  await asked.acknowledged();
  const seen = await guild.member('bob').sees(/private: true/);
  expect(seen.isPrivate).toBe(true);
  await other.drain(patient);
  leave();
  detach = router.attach(connection.client);
});

it('takes a public "thinking" away before it refuses in private, and names what lacks', async () => {
  const carol = guild.member('carol', { locale: 'it' });
  carol.slash('deferred');
  const seen = await carol.sees(/Allegare file e Inviare messaggi/);
  expect(seen.isPrivate).toBe(true);
  expect(
    guild
      .member('dave')
      .messagesSeen()
      .filter(({ isLoading }) => isLoading),
  ).toEqual([]);
});

it.each([
  ['blocked', /A moderator has blocked you/],
  ['broken', /The picture is 1x1/],
  ['weights', /The machine that does the work has a problem \(`model.not-installed`\)/],
  ['expired', /Upload the file again/],
  ['bug', /The fault is ours.*reference `\d+`/],
])('says why in private: %s', async (name, sentence) => {
  const erin = guild.member('erin');
  const said = await erin.slash(name).answer();
  expect(said.text).toMatch(sentence);
  expect(said.isPrivate).toBe(true);
});

it('logs a fault of ours with the reference that was told, and nothing else as an error', () => {
  const errors = logged.filter(({ level }) => level >= 50);
  expect(
    errors.map(({ msg, command, interactionId }) => ({ msg, command, isNamed: /^\d+$/.test(interactionId) })),
  ).toEqual([{ msg: 'an answer failed', command: 'bug', isNamed: true }]);
  expect(faults).toEqual(['bug']);
});

it('is quiet about an interaction that somebody has answered already', async () => {
  const before = logged.length;
  const asked = guild.member('erin').slash('twice');
  expect((await asked.answer()).text).toBe('first');
  await router.drain(patient);
  const said = logged.slice(before).map(({ level, msg }) => ({ level, msg }));
  expect(said).toEqual([{ level: 20, msg: 'the interaction is gone or already answered' }]);
});

it('offers 25 choices at most, and none after a fault', async () => {
  const alice = guild.member('alice');
  expect(await alice.autocomplete('pick', 'clip', 'c')).toHaveLength(25);
  expect(await alice.autocomplete('pick', 'clip', 'fail')).toEqual([]);
});

it('tells of a button that nothing answers any more', async () => {
  const alice = guild.member('frank');
  await alice.slash('quick').answer();
  expect(await alice.click('Old').answer()).toMatchObject({
    text: expect.stringContaining('earlier version') as string,
  });
});

it('measures the first answers only', () => {
  expect(acknowledged.filter(({ command }) => command === 'quick').length).toBe(2);
  expect(acknowledged.find(({ command }) => command === 'slow')?.milliseconds).toBeGreaterThan(impatient - 10);
  expect(acknowledged.every(({ milliseconds }) => milliseconds < patient)).toBe(true);
});

it('refuses to start with two handlers for one name', () => {
  const services = { log } as unknown as BotServices;
  expect(() => createRouter({ commands: [slash('a', {}), slash('a', {})], services })).toThrow('two handlers');
});

it('broke no rule of Discord but the one it was told to', () => {
  expect(discord.journal.refused().map(({ operation, code }) => ({ operation, code }))).toEqual([
    { operation: 'create_interaction_response', code: 40060 },
  ]);
  expect(discord.journal.warnings()).toEqual([]);
});

it('leaves an acknowledgement in place of a late handler time to arrive', () => {
  expect(handlerPatienceMs).toBeLessThanOrEqual(ACKNOWLEDGE_WITHIN - 500);
});
