/**
 * Each rule of the test server refuses a planted wrong request, with Discord's code and at the right field, and takes
 * the right one beside it: a server that accepts everything, or refuses everything, proves nothing.
 */
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ButtonStyle,
  ComponentType,
  MessageFlags,
  PermissionFlagsBits,
} from 'discord.js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { operationIds } from './discord/api/routes.ts';
import type { Asked } from './discord/member/ask.ts';
import type { Member } from './discord/member/member.ts';
import { createRawClient, type RawAnswer, type RawClient, type RawFile } from './discord/raw-client.ts';
import { type DiscordServer, startDiscord } from './discord/server.ts';
import type { GuildFixture } from './discord/world/guild.ts';
import type { Channel } from './discord/world/model.ts';

let discord: DiscordServer;
let guild: GuildFixture;
let channel: Channel;
let alice: Member;
let call: RawClient;

beforeAll(async () => {
  discord = await startDiscord();
  for (const operation of operationIds) discord.rateLimits.set(operation, undefined);
  call = createRawClient(discord);
  guild = discord.guild('Old films');
  channel = guild.channel('screening');
  alice = guild.member('alice');
});

afterAll(async () => discord.stop());

// The limit of 50 requests a second is tested elsewhere.
afterEach(() => {
  discord.clock.advance(1000);
});

interface Case {
  readonly rule: string;
  readonly wrong: () => Promise<RawAnswer>;
  readonly right: () => Promise<RawAnswer>;
  /** Code of the refusal, and where in the body the fault stands. */
  readonly code: number;
  readonly at?: string;
  readonly status?: number;
}

/** Where the tree of a refusal has its faults. */
function faultPaths(tree: unknown, path: readonly string[] = []): string[] {
  if (tree === null || typeof tree !== 'object') return [];
  return Object.entries(tree).flatMap(([key, inner]) =>
    key === '_errors' ? [path.join('.')] : faultPaths(inner, [...path, key]),
  );
}

async function judge({ wrong, right, code, at, status = 400 }: Case): Promise<void> {
  const refused = await wrong();
  expect(refused).toMatchObject({ status, body: { code } });
  if (at !== undefined) expect(faultPaths((refused.body as { errors?: unknown }).errors)).toContain(at);
  const taken = await right();
  expect(taken.status, JSON.stringify(taken.body)).toBeLessThan(300);
}

// --- commands

const commands = async (list: unknown): Promise<RawAnswer> =>
  call('PUT', `/applications/${discord.applicationId}/commands`, list);
const slash = (extra: object = {}): object => ({ name: 'restore', type: 1, description: 'Restores', ...extra });
const text = (name: string, extra: object = {}): object => ({ type: 3, name, description: 'An option', ...extra });
const many = (count: number, of: (at: number) => object): object[] => Array.from({ length: count }, (_, at) => of(at));
const choice = (at: number): object => ({ name: `choice ${at}`, value: `${at}` });

/** A definition that is wrong, where the fault is told, and a right one that differs in that alone. */
const definitionCases: readonly (readonly [rule: string, wrong: object[], at: string, right: object[]])[] = [
  ['upper case in a slash name', [slash({ name: 'Restore' })], '0.name', [slash()]],
  ['a space in a slash name', [slash({ name: 're store' })], '0.name', [slash({ name: 're-store' })]],
  ['a name over 32 characters', [slash({ name: 'r'.repeat(33) })], '0.name', [slash({ name: 'r'.repeat(32) })]],
  ['a slash command without a description', [{ name: 'restore', type: 1 }], '0.description', [slash()]],
  [
    'a description over 100 characters',
    [slash({ description: 'd'.repeat(101) })],
    '0.description',
    [slash({ description: 'd'.repeat(100) })],
  ],
  ['a field that there is not', [slash({ colour: 'red' })], '0.colour', [slash()]],
  [
    'permissions as a number',
    [slash({ default_member_permissions: 8192 })],
    '0.default_member_permissions',
    [slash({ default_member_permissions: '8192' })],
  ],
  [
    'a bad locale key',
    [slash({ name_localizations: { 'fr-FR': 'restaurer' } })],
    '0.name_localizations.fr-FR',
    [slash({ name_localizations: { fr: 'restaurer' } })],
  ],
  [
    'upper case in a localised name',
    [slash({ name_localizations: { fr: 'Restaurer' } })],
    '0.name_localizations.fr',
    [slash({ name_localizations: { fr: 'développer' } })],
  ],
  [
    'a localised description over 100 characters',
    [slash({ description_localizations: { it: 'd'.repeat(101) } })],
    '0.description_localizations.it',
    [slash({ description_localizations: { it: 'Restaura' } })],
  ],
  [
    'a bad locale key of an option',
    [slash({ options: [text('look', { description_localizations: { en: 'x' } })] })],
    '0.options.0.description_localizations.en',
    [slash({ options: [text('look', { description_localizations: { 'en-GB': 'x' } })] })],
  ],
  [
    'upper case in an option name',
    [slash({ options: [text('Look')] })],
    '0.options.0.name',
    [slash({ options: [text('look')] })],
  ],
  [
    'an option without a description',
    [slash({ options: [{ type: 3, name: 'look' }] })],
    '0.options.0.description',
    [slash({ options: [text('look')] })],
  ],
  [
    'a required option after an optional one',
    [slash({ options: [text('a'), text('b', { required: true })] })],
    '0.options.1',
    [slash({ options: [text('b', { required: true }), text('a')] })],
  ],
  [
    'two options of one name',
    [slash({ options: [text('a'), text('a')] })],
    '0.options.1.name',
    [slash({ options: [text('a'), text('b')] })],
  ],
  [
    'more than 25 options',
    [slash({ options: many(26, (at) => text(`o${at}`)) })],
    '0.options',
    [slash({ options: many(25, (at) => text(`o${at}`)) })],
  ],
  [
    'more than 25 choices',
    [slash({ options: [text('a', { choices: many(26, choice) })] })],
    '0.options.0.choices',
    [slash({ options: [text('a', { choices: many(25, choice) })] })],
  ],
  [
    'two choices of one name',
    [slash({ options: [text('a', { choices: [choice(1), { name: 'choice 1', value: 'x' }] })] })],
    '0.options.0.choices.1.name',
    [slash({ options: [text('a', { choices: [choice(1), choice(2)] })] })],
  ],
  [
    'two choices of one value',
    [slash({ options: [text('a', { choices: [choice(1), { name: 'x', value: '1' }] })] })],
    '0.options.0.choices.1.value',
    [slash({ options: [text('a', { choices: [choice(1), choice(2)] })] })],
  ],
  [
    'a bad locale key of a choice',
    [slash({ options: [text('a', { choices: [{ ...choice(1), name_localizations: { xx: 'y' } }] })] })],
    '0.options.0.choices.0.name_localizations.xx',
    [slash({ options: [text('a', { choices: [{ ...choice(1), name_localizations: { de: 'y' } }] })] })],
  ],
  [
    'choices and autocomplete together',
    [slash({ options: [text('a', { choices: [choice(1)], autocomplete: true })] })],
    '0.options.0',
    [slash({ options: [text('a', { autocomplete: true })] })],
  ],
  [
    'a least value above the greatest',
    [slash({ options: [{ ...text('n'), type: 4, min_value: 5, max_value: 4 }] })],
    '0.options.0',
    [slash({ options: [{ ...text('n'), type: 4, min_value: 4, max_value: 5 }] })],
  ],
  [
    'a file type that there is not',
    [slash({ options: [{ ...text('clip'), type: 11, file_types: ['films'] }] })],
    '0.options.0.file_types.0',
    [slash({ options: [{ ...text('clip'), type: 11, file_types: ['video', '.gif'] }] })],
  ],
  [
    'sub-commands mixed with options',
    [slash({ options: [{ ...text('sub'), type: 1 }, text('a')] })],
    '0.options',
    [slash({ options: [{ ...text('sub'), type: 1, options: [text('a')] }] })],
  ],
  [
    'a sub-command inside a sub-command',
    [slash({ options: [{ ...text('sub'), type: 1, options: [{ ...text('deep'), type: 1 }] }] })],
    '0.options.0.options.0.type',
    [slash({ options: [{ ...text('group'), type: 2, options: [{ ...text('deep'), type: 1 }] }] })],
  ],
  [
    'a command over 8,000 characters',
    [
      slash({
        options: [
          text('a', {
            choices: many(25, (at) => ({ name: `${at}`.padEnd(100, 'n'), value: `${at}`.padEnd(250, 'v') })),
          }),
        ],
      }),
    ],
    '0',
    [
      slash({
        options: [
          text('a', {
            choices: many(25, (at) => ({ name: `${at}`.padEnd(100, 'n'), value: `${at}`.padEnd(200, 'v') })),
          }),
        ],
      }),
    ],
  ],
  [
    'a command over 8,000 characters in its longest language',
    [
      slash({
        options: [
          text('a', {
            choices: many(25, (at) => ({
              name: `${at}`,
              value: `${at}`.padEnd(250, 'v'),
              name_localizations: { it: `${at}`.padEnd(100, 'n') },
            })),
          }),
        ],
      }),
    ],
    '0',
    [
      slash({
        options: [
          text('a', {
            choices: many(25, (at) => ({
              name: `${at}`,
              value: `${at}`.padEnd(250, 'v'),
              name_localizations: { it: `${at}` },
            })),
          }),
        ],
      }),
    ],
  ],
  [
    'a description on a context command',
    [{ name: 'Restore this clip', type: 3, description: 'Restores' }],
    '0.description',
    [{ name: 'Restore this clip', type: 3 }],
  ],
  [
    'options on a context command',
    [{ name: 'Restore this clip', type: 3, options: [text('a')] }],
    '0.options',
    [{ name: 'Restore this clip', type: 3, options: [] }],
  ],
  ['two commands of one name', [slash(), slash()], '1.name', [slash(), { name: 'restore', type: 3 }]],
  ['a context given twice', [slash({ contexts: [0, 0] })], '0.contexts', [slash({ contexts: [0, 1] })]],
];

test.each(definitionCases)('commands: %s', async (rule, wrong, at, right) => {
  await judge({ rule, wrong: async () => commands(wrong), right: async () => commands(right), code: 50035, at });
});

test.each([
  ['101 slash commands', 100, (at: number) => slash({ name: `c${at}` })],
  ['16 user commands', 15, (at: number) => ({ name: `User ${at}`, type: 2 })],
  ['16 message commands', 15, (at: number) => ({ name: `Message ${at}`, type: 3 })],
] as const)('commands: %s', async (rule, most, of) => {
  await judge({
    rule,
    wrong: async () => commands(many(most + 1, of)),
    right: async () => commands(many(most, of)),
    code: 30032,
  });
});

test('commands: those of another application', async () => {
  const path = `/applications/${channel.id}/commands`;
  await judge({
    rule: '',
    wrong: async () => call('PUT', path, []),
    right: async () => commands([]),
    code: 10002,
    status: 404,
  });
});

test('commands keep their ids when they are set again, and go when they are left out', async () => {
  const ids = ({ body }: RawAnswer): string[] => (body as { id: string }[]).map(({ id }) => id);
  const [restore, help] = ids(await commands([slash(), slash({ name: 'help' })]));
  expect(ids(await commands([slash({ description: 'Restores a clip' })]))).toEqual([restore]);
  expect(discord.commands.find(help ?? '')).toBeUndefined();
});

// --- messages

const messages = (): string => `/channels/${channel.id}/messages`;
const post = async (body: object, files: readonly RawFile[] = []): Promise<RawAnswer> =>
  call('POST', messages(), body, { files });
const idOf = ({ body }: RawAnswer): string => (body as { id: string }).id;
const row = (...components: object[]): object => ({ type: ComponentType.ActionRow, components });
const button = (extra: object = {}): object => ({
  type: ComponentType.Button,
  style: ButtonStyle.Primary,
  label: 'Cancel',
  custom_id: 'cancel',
  ...extra,
});
const link = (extra: object = {}): object => ({
  type: ComponentType.Button,
  style: ButtonStyle.Link,
  label: 'Go',
  url: 'https://example.org',
  ...extra,
});
const select = (extra: object = {}): object => ({
  type: ComponentType.StringSelect,
  custom_id: 'look',
  options: [{ label: 'a', value: 'a' }],
  ...extra,
});
const buttons = (count: number, prefix = 'b'): object[] => many(count, (at) => button({ custom_id: `${prefix}${at}` }));
const say = (content: string): object => ({ type: ComponentType.TextDisplay, content });
const v2 = (...components: object[]): object => ({ flags: MessageFlags.IsComponentsV2, components });
const file = (at: number, size = 10): RawFile => ({
  field: `files[${at}]`,
  name: `f${at}.mp4`,
  bytes: new Uint8Array(size),
});
const entry = (at: number, extra: object = {}): object => ({ id: String(at), filename: `f${at}.mp4`, ...extra });
const shown = (url: string): object => ({ type: ComponentType.MediaGallery, items: [{ media: { url } }] });

type MessageCase = readonly [rule: string, wrong: object, at: string, right: object];

const messageCases: readonly MessageCase[] = [
  ['a field that there is not', { content: 'x', colour: 'red' }, 'colour', { content: 'x' }],
  ['content over 2,000 characters', { content: 'x'.repeat(2001) }, 'content', { content: 'x'.repeat(2000) }],
  [
    'more than 10 embeds',
    { embeds: many(11, () => ({ title: 'x' })) },
    'embeds',
    { embeds: many(10, () => ({ title: 'x' })) },
  ],
  [
    'embeds over 6,000 characters',
    { embeds: many(2, () => ({ description: 'x'.repeat(3001) })) },
    'embeds',
    { embeds: many(2, () => ({ description: 'x'.repeat(3000) })) },
  ],
  [
    'a private message in a channel',
    { content: 'x', flags: MessageFlags.Ephemeral },
    'flags',
    { content: 'x', flags: MessageFlags.SuppressEmbeds },
  ],
  [
    'mentions both parsed and listed',
    { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
    'allowed_mentions.users',
    { content: 'x', allowed_mentions: { parse: ['roles'], users: ['1'] } },
  ],
  [
    'a nonce over 25 characters',
    { content: 'x', nonce: 'n'.repeat(26), enforce_nonce: true },
    'nonce',
    { content: 'x', nonce: 'n'.repeat(25), enforce_nonce: true },
  ],
  [
    'a button without custom_id',
    { content: 'x', components: [row({ type: 2, style: 1, label: 'Cancel' })] },
    'components.0.components.0.custom_id',
    { content: 'x', components: [row(button())] },
  ],
  [
    'a link button without an address',
    { content: 'x', components: [row({ type: 2, style: 5, label: 'Go' })] },
    'components.0.components.0.url',
    { content: 'x', components: [row(link())] },
  ],
  [
    'a link button with a custom_id',
    { content: 'x', components: [row(link({ custom_id: 'go' }))] },
    'components.0.components.0',
    { content: 'x', components: [row(link())] },
  ],
  [
    'a button without label or emoji',
    { content: 'x', components: [row({ type: 2, style: 1, custom_id: 'x' })] },
    'components.0.components.0',
    { content: 'x', components: [row({ type: 2, style: 1, custom_id: 'x', emoji: { name: '🎞️' } })] },
  ],
  [
    'a custom_id over 100 characters',
    { content: 'x', components: [row(button({ custom_id: 'c'.repeat(101) }))] },
    'components.0.components.0.custom_id',
    { content: 'x', components: [row(button({ custom_id: 'c'.repeat(100) }))] },
  ],
  [
    'a label over 80 characters',
    { content: 'x', components: [row(button({ label: 'l'.repeat(81) }))] },
    'components.0.components.0.label',
    { content: 'x', components: [row(button({ label: 'l'.repeat(80) }))] },
  ],
  [
    'a button outside a row',
    { content: 'x', components: [button()] },
    'components.0.type',
    { content: 'x', components: [row(button())] },
  ],
  ['an empty row', { content: 'x', components: [row()] }, 'components.0.components', { content: 'x', components: [] }],
  [
    'six buttons in a row',
    { content: 'x', components: [row(...buttons(6))] },
    'components.0.components',
    { content: 'x', components: [row(...buttons(5))] },
  ],
  [
    'six rows',
    { content: 'x', components: many(6, (at) => row(...buttons(1, `r${at}`))) },
    'components',
    { content: 'x', components: many(5, (at) => row(...buttons(1, `r${at}`))) },
  ],
  [
    'a select beside a button',
    { content: 'x', components: [row(select(), button())] },
    'components.0.components',
    { content: 'x', components: [row(select()), row(button())] },
  ],
  [
    'a custom_id used twice',
    { content: 'x', components: [row(button(), button())] },
    'components.0.components.1.custom_id',
    { content: 'x', components: [row(button(), button({ custom_id: 'other' }))] },
  ],
  [
    'a select without options',
    { content: 'x', components: [row(select({ options: [] }))] },
    'components.0.components.0.options',
    { content: 'x', components: [row(select())] },
  ],
  [
    'a select with 26 options',
    { content: 'x', components: [row(select({ options: many(26, (at) => ({ label: 'x', value: `${at}` })) }))] },
    'components.0.components.0.options',
    { content: 'x', components: [row(select({ options: many(25, (at) => ({ label: 'x', value: `${at}` })) }))] },
  ],
  [
    'a select that wants more than it offers',
    { content: 'x', components: [row(select({ max_values: 2 }))] },
    'components.0.components.0.max_values',
    { content: 'x', components: [row(select({ max_values: 1 }))] },
  ],
  [
    'a select with a value twice',
    { content: 'x', components: [row(select({ options: many(2, () => ({ label: 'x', value: 'x' })) }))] },
    'components.0.components.0.options.1.value',
    { content: 'x', components: [row(select())] },
  ],
  ['content beside Components V2', { ...v2(say('x')), content: 'x' }, 'content', v2(say('x'))],
  ['embeds beside Components V2', { ...v2(say('x')), embeds: [{ title: 'x' }] }, 'embeds', v2(say('x'))],
  ['a V2 component without the flag', { content: 'x', components: [say('x')] }, 'components.0.type', v2(say('x'))],
  ['more than 40 components', v2(...many(41, () => say('x'))), 'components', v2(...many(40, () => say('x')))],
  [
    'more than 40 components, nested ones counted',
    v2({ type: 17, components: many(40, () => say('x')) }),
    'components',
    v2({ type: 17, components: many(39, () => say('x')) }),
  ],
  [
    'more than 4,000 characters of V2 text',
    v2(say('x'.repeat(2001)), say('x'.repeat(2000))),
    'components',
    v2(say('x'.repeat(2000)), say('x'.repeat(2000))),
  ],
  [
    'a gallery of a file that is not there',
    v2(shown('attachment://clip.mp4')),
    'components.0',
    v2(shown('https://example.org/clip.mp4')),
  ],
  [
    'an attachment entry without its file',
    { content: 'x', attachments: [entry(0)] },
    'attachments.0.id',
    { content: 'x', attachments: [] },
  ],
];

test.each(messageCases)('messages: %s', async (rule, wrong, at, right) => {
  await judge({ rule, wrong: async () => post(wrong), right: async () => post(right), code: 50035, at });
});

/** The same rules hold wherever a message goes. */
test.each([
  ['a first answer', 'data.', async (asked: Asked, body: object) => callback(asked, { type: 4, data: body })],
  ['a follow-up', '', async (asked: Asked, body: object) => webhook('POST', await answered(asked), '', body)],
  ['an edit by token', '', async (asked: Asked, body: object) => editDeferred(asked, body)],
] as const)('messages: the rules hold for %s', async (_place, prefix, send) => {
  for (const [rule, wrong, at, right] of messageCases.filter(([name]) => !/nonce|private/.test(name))) {
    await judge({
      rule,
      wrong: async () => send(asks(), wrong),
      right: async () => send(asks(), right),
      code: 50035,
      at: `${prefix}${at}`,
    });
    discord.clock.advance(1000);
  }
});

test.each<readonly [string, object]>([
  ['nothing at all', {}],
  ['only spaces', { content: '  ' }],
  ['V2 without a component', v2()],
])('messages: empty: %s', async (rule, wrong) => {
  await judge({ rule, wrong: async () => post(wrong), right: async () => post({ content: 'x' }), code: 50006 });
});

test('messages: an edit that leaves nothing', async () => {
  const id = idOf(await post({ content: 'x' }));
  const edit = async (body: object): Promise<RawAnswer> => call('PATCH', `${messages()}/${id}`, body);
  await judge({
    rule: '',
    wrong: async () => edit({ content: null }),
    right: async () => edit({ content: 'y' }),
    code: 50006,
  });
});

test('messages: Components V2 is never undone', async () => {
  const id = idOf(await post(v2(say('x'))));
  const edit = async (body: object): Promise<RawAnswer> => call('PATCH', `${messages()}/${id}`, body);
  await judge({
    rule: '',
    wrong: async () => edit({ flags: 0, components: [say('y')] }),
    right: async () => edit(v2(say('y'))),
    code: 50035,
    at: 'flags',
  });
  await judge({
    rule: '',
    wrong: async () => edit({ content: 'y' }),
    right: async () => edit({ components: [say('z')] }),
    code: 50035,
    at: 'content',
  });
});

test.each<readonly [string, object, RawFile[], string, object, RawFile[]]>([
  [
    'a file without its entry',
    { content: 'x' },
    [file(0)],
    'attachments',
    { content: 'x', attachments: [entry(0)] },
    [file(0)],
  ],
  [
    'a file under another name than files[n]',
    { attachments: [entry(0)] },
    [{ ...file(0), field: 'upload' }],
    'upload',
    { attachments: [entry(0)] },
    [file(0)],
  ],
  [
    'a file named twice',
    { attachments: [entry(0), entry(0)] },
    [file(0)],
    'attachments.1.id',
    { attachments: [entry(0)] },
    [file(0)],
  ],
  [
    'eleven files',
    { attachments: many(10, entry) },
    many(11, file) as RawFile[],
    'files',
    { attachments: many(10, entry) },
    many(10, file) as RawFile[],
  ],
  [
    'a description over 1,024 characters',
    { attachments: [entry(0, { description: 'd'.repeat(1025) })] },
    [file(0)],
    'attachments.0.description',
    { attachments: [entry(0, { description: 'd'.repeat(1024) })] },
    [file(0)],
  ],
  [
    'a File component with an address',
    v2({ type: 13, file: { url: 'https://example.org/f0.mp4' } }),
    [],
    'components.0',
    { ...v2({ type: 13, file: { url: 'attachment://f0.mp4' } }), attachments: [entry(0)] },
    [file(0)],
  ],
])('files: %s', async (rule, wrong, wrongFiles, at, right, rightFiles) => {
  await judge({
    rule,
    wrong: async () => post(wrong, wrongFiles),
    right: async () => post(right, rightFiles),
    code: 50035,
    at,
  });
});

test('files: fields outside payload_json', async () => {
  await judge({
    rule: '',
    wrong: async () => call('POST', messages(), { content: 'x' }, { fields: { content: 'x' } }),
    right: async () => call('POST', messages(), { content: 'x', attachments: [entry(0)] }, { files: [file(0)] }),
    code: 50035,
    at: 'content',
  });
});

const MEBIBYTE = 1024 * 1024;
const upload = async (size: number): Promise<RawAnswer> => post({ attachments: [entry(0)] }, [file(0, size)]);

test('files: over the limit of the guild', async () => {
  await judge({
    rule: '',
    wrong: async () => upload(10 * MEBIBYTE + 1),
    right: async () => upload(10 * MEBIBYTE),
    code: 40005,
    status: 413,
  });
  guild.setBoostTier(2);
  expect((await upload(10 * MEBIBYTE + 1)).status).toBe(200);
  guild.setBoostTier(0);
  discord.settings.oversizeCode = 50045;
  expect(await upload(10 * MEBIBYTE + 1)).toMatchObject({ status: 400, body: { code: 50045 } });
  discord.settings.oversizeCode = 40005;
});

test('files: over the limit of the interaction, which may be lowered behind its back', async () => {
  const generous = guild.member('generous', { uploadLimit: 12 * MEBIBYTE });
  const send = async (size: number): Promise<RawAnswer> =>
    callback(asks(generous), { type: 4, data: { attachments: [entry(0)] } }, [file(0, size)]);
  await judge({
    rule: '',
    wrong: async () => send(12 * MEBIBYTE + 1),
    right: async () => send(12 * MEBIBYTE),
    code: 40005,
    status: 413,
  });
  discord.settings.uploadLimit = MEBIBYTE;
  expect(await send(2 * MEBIBYTE)).toMatchObject({ status: 413, body: { code: 40005 } });
  discord.settings.uploadLimit = undefined;
});

test('messages: the same nonce is sent once', async () => {
  const send = async (nonce: string, enforce: boolean): Promise<string> =>
    idOf(await post({ content: 'the result', nonce, enforce_nonce: enforce }));
  const first = await send('delivery-1', true);
  expect(await send('delivery-1', true)).toBe(first);
  expect(await send('delivery-2', true)).not.toBe(first);
  expect(await send('delivery-1', false)).not.toBe(first);
  discord.clock.advance(10 * 60_000);
  expect(await send('delivery-1', true)).not.toBe(first);
});

// --- interactions

/** Somebody asks something that waits for an answer. */
function asks(who: Member = alice): Asked {
  discord.commands.set(
    [{ name: 'restore', type: ApplicationCommandType.ChatInput, description: 'Restores' }],
    undefined,
  );
  return who.slash('restore');
}
async function callback(
  { id, token }: { id: string; token: string },
  body: unknown,
  files: readonly RawFile[] = [],
): Promise<RawAnswer> {
  return call('POST', `/interactions/${id}/${token}/callback?with_response=true`, body, { files });
}
async function webhook(method: string, { token }: { token: string }, path: string, body?: unknown): Promise<RawAnswer> {
  return call(method, `/webhooks/${discord.applicationId}/${token}${path}`, body);
}
async function answered(asked: Asked, data: object = { content: 'working' }): Promise<Asked> {
  expect((await callback(asked, { type: 4, data })).status).toBe(200);
  return asked;
}
async function editDeferred(asked: Asked, body: object): Promise<RawAnswer> {
  expect((await callback(asked, { type: 5 })).status).toBe(200);
  return webhook('PATCH', asked, '/messages/@original', body);
}
const deferred = async (flags = 0): Promise<Asked> => {
  const asked = asks();
  expect((await callback(asked, { type: 5, data: { flags } })).status).toBe(200);
  return asked;
};

test.each<readonly [string, object, string, object]>([
  [
    'a deferral with a V2 flag',
    { type: 5, data: { flags: MessageFlags.IsComponentsV2 } },
    'data.flags',
    { type: 5, data: { flags: MessageFlags.Ephemeral } },
  ],
  ['a deferral with words', { type: 5, data: { content: 'x' } }, 'data.content', { type: 5 }],
  ['choices for a command', { type: 8, data: { choices: [] } }, 'type', { type: 4, data: { content: 'x' } }],
  ['an update of no message', { type: 7, data: { content: 'x' } }, 'type', { type: 4, data: { content: 'x' } }],
  ['a type that there is not', { type: 99 }, 'type', { type: 5 }],
])('answers: %s', async (rule, wrong, at, right) => {
  await judge({
    rule,
    wrong: async () => callback(asks(), wrong),
    right: async () => callback(asks(), right),
    code: 50035,
    at,
  });
});

const label = (component: object, extra: object = {}): object => ({
  type: ComponentType.Label,
  label: 'Why?',
  component,
  ...extra,
});
const input = (extra: object = {}): object => ({ type: ComponentType.TextInput, custom_id: 'why', style: 1, ...extra });
const form = (extra: object = {}): object => ({
  type: 9,
  data: { custom_id: 'form', title: 'Report', components: [label(input())], ...extra },
});

test.each<readonly [string, object, string, object]>([
  ['a title over 45 characters', form({ title: 't'.repeat(46) }), 'data.title', form({ title: 't'.repeat(45) })],
  ['no field', form({ components: [] }), 'data.components', form()],
  [
    'six fields',
    form({ components: many(6, (at) => label(input({ custom_id: `f${at}` }))) }),
    'data.components',
    form({ components: many(5, (at) => label(input({ custom_id: `f${at}` }))) }),
  ],
  [
    'a custom_id twice',
    form({ components: [label(input()), label(input())] }),
    'data.components',
    form({ components: [label(input()), label(input({ custom_id: 'other' }))] }),
  ],
  [
    'a field label over 45 characters',
    form({ components: [label(input(), { label: 'l'.repeat(46) })] }),
    'data.components.0.label',
    form({ components: [label(input(), { label: 'l'.repeat(45) })] }),
  ],
  [
    'a text input in a row without its label',
    form({ components: [row(input())] }),
    'data.components.0.components.0.label',
    form({ components: [row(input({ label: 'Why?' }))] }),
  ],
  [
    'a least length above the greatest',
    form({ components: [label(input({ min_length: 9, max_length: 8 }))] }),
    'data.components.0.component.min_length',
    form({ components: [label(input({ min_length: 8, max_length: 9 }))] }),
  ],
  ['a button', form({ components: [row(button())] }), 'data.components.0.components.0.type', form()],
  [
    'a file type that there is not',
    form({ components: [label({ type: 19, custom_id: 'f', file_types: ['films'] })] }),
    'data.components.0.component.file_types.0',
    form({ components: [label({ type: 19, custom_id: 'f', file_types: ['image'] })] }),
  ],
])('forms: %s', async (rule, wrong, at, right) => {
  await judge({
    rule,
    wrong: async () => callback(asks(), wrong),
    right: async () => callback(asks(), right),
    code: 50035,
    at,
  });
});

test('answers: a form in answer to a form', async () => {
  const asked = asks();
  await callback(asked, form());
  const submitted = await alice.submitModal(asked, { why: 'because' });
  await judge({
    rule: '',
    wrong: async () => callback(submitted, form()),
    right: async () => callback(submitted, { type: 4, data: { content: 'x' } }),
    code: 50035,
    at: 'type',
  });
});

test('answers: a message or 26 choices for autocomplete', async () => {
  discord.commands.set(
    [
      {
        name: 'restore',
        type: ApplicationCommandType.ChatInput,
        description: 'd',
        options: [{ type: ApplicationCommandOptionType.String, name: 'look', description: 'd', autocomplete: true }],
      },
    ],
    undefined,
  );
  const offered = alice.autocomplete('restore', 'look', 's');
  const asked = discord.interactions.all().at(-1)!;
  expect(await callback(asked, { type: 4, data: { content: 'x' } })).toMatchObject({
    status: 400,
    body: { code: 50035 },
  });
  expect(await callback(asked, { type: 8, data: { choices: many(26, choice) } })).toMatchObject({
    status: 400,
    body: { code: 50035 },
  });
  expect((await callback(asked, { type: 8, data: { choices: many(25, choice) } })).status).toBe(200);
  expect(await offered).toHaveLength(25);
});

test('answers: an acknowledgement after 3 s', async () => {
  const [late, timely] = [asks(), asks()];
  discord.clock.freeze();
  const asked = asks();
  discord.clock.advance(3000);
  expect((await callback(asked, { type: 5 })).status).toBe(200);
  discord.clock.advance(1);
  expect(await callback(late, { type: 5 })).toMatchObject({ status: 404, body: { code: 10062 } });
  discord.clock.thaw();
  expect(late.hasFailed()).toBe(true);
  expect(asked.hasFailed()).toBe(false);
  await expect(timely.acknowledged()).rejects.toThrow('alice was told that the application did not respond to restore');
});

test('answers: a second acknowledgement, an unknown token, another id', async () => {
  const asked = asks();
  await judge({
    rule: '',
    wrong: async () => callback({ id: asked.id, token: 'x' }, { type: 5 }),
    right: async () => callback(asked, { type: 5 }),
    code: 10062,
    status: 404,
  });
  await judge({
    rule: '',
    wrong: async () => callback(asked, { type: 5 }),
    right: async () => callback(asks(), { type: 5 }),
    code: 40060,
  });
  const other = asks();
  await judge({
    rule: '',
    wrong: async () => callback({ ...other, id: asked.id }, { type: 5 }),
    right: async () => callback(other, { type: 5 }),
    code: 10062,
    status: 404,
  });
});

test('tokens: of no use before the acknowledgement', async () => {
  const asked = asks();
  await judge({
    rule: '',
    wrong: async () => webhook('POST', asked, '', { content: 'x' }),
    right: async () => webhook('POST', await answered(asked), '', { content: 'x' }),
    code: 10015,
    status: 404,
  });
});

test('tokens: unknown, or of another application', async () => {
  const asked = await answered(asks());
  await judge({
    rule: '',
    wrong: async () => webhook('POST', { token: 'x' }, '', { content: 'x' }),
    right: async () => webhook('GET', asked, '/messages/@original'),
    code: 10015,
    status: 404,
  });
  await judge({
    rule: '',
    wrong: async () => call('POST', `/webhooks/${channel.id}/${asked.token}`, { content: 'x' }),
    right: async () => webhook('POST', asked, '', { content: 'x' }),
    code: 10015,
    status: 404,
  });
});

test.each([
  ['PATCH', '/messages/@original'],
  ['POST', ''],
  ['GET', '/messages/@original'],
  ['DELETE', '/messages/@original'],
])('tokens: %s%s after 15 minutes', async (method, path) => {
  const body = method === 'GET' || method === 'DELETE' ? undefined : { content: 'x' };
  discord.clock.freeze();
  const [alive, dead] = [await deferred(), await deferred()];
  discord.clock.advance(15 * 60_000 - 1);
  expect((await webhook(method, alive, path, body)).status).toBeLessThan(300);
  discord.clock.advance(1);
  expect(await webhook(method, dead, path, body)).toMatchObject({ status: 401, body: { code: 50027 } });
  discord.clock.thaw();
});

test('tokens: a deleted message, or one of another interaction', async () => {
  const [asked, other] = [await answered(asks()), await answered(asks())];
  const edit = async (by: Asked, id: string): Promise<RawAnswer> =>
    webhook('PATCH', by, `/messages/${id}`, { content: 'y' });
  const id = asked.original()!.id;
  await judge({
    rule: '',
    wrong: async () => edit(other, id),
    right: async () => edit(asked, id),
    code: 10008,
    status: 404,
  });
  expect((await webhook('DELETE', asked, '/messages/@original')).status).toBe(204);
  expect(await edit(asked, id)).toMatchObject({ status: 404, body: { code: 10008 } });
});

test('the first follow-up after a deferral takes the place of the loading message and keeps its privacy', async () => {
  const asked = await deferred(MessageFlags.Ephemeral);
  expect(asked.original()).toMatchObject({ isLoading: true, isPrivate: true, text: '' });
  const loadingId = asked.original()?.id;
  const first = await webhook('POST', asked, '', { content: 'the answer' });
  expect(idOf(first)).toBe(loadingId);
  expect(asked.messages()).toMatchObject([{ text: 'the answer', isPrivate: true, isLoading: false }]);
  const second = await webhook('POST', asked, '', { content: 'in public' });
  expect(idOf(second)).not.toBe(loadingId);
  expect(asked.messages()).toMatchObject([{ isPrivate: true }, { text: 'in public', isPrivate: false }]);
});

test('a deferral that is never followed up ends as failed', async () => {
  const asked = await deferred();
  discord.clock.advance(15 * 60_000);
  expect(asked.original()).toMatchObject({ isLoading: false, hasFailed: true });
});

test('private answers: the bot’s own token cannot reach them', async () => {
  const publicly = (await answered(asks())).original()!.id;
  const privately = (await answered(asks(), { content: 'x', flags: MessageFlags.Ephemeral })).original()!.id;
  for (const [method, body] of [
    ['PATCH', { content: 'y' }],
    ['GET', undefined],
    ['DELETE', undefined],
  ] as const) {
    await judge({
      rule: '',
      wrong: async () => call(method, `${messages()}/${privately}`, body),
      right: async () => call(method, `${messages()}/${publicly}`, body),
      code: 10008,
      status: 404,
    });
  }
  expect(
    guild
      .member('bob')
      .messagesSeen()
      .map(({ id }) => id),
  ).not.toContain(privately);
});

// --- permissions

const { AttachFiles, EmbedLinks, ReadMessageHistory, SendMessages, ViewChannel } = PermissionFlagsBits;

test.each<readonly [string, bigint, number, object, RawFile[]]>([
  ['to see the channel', ViewChannel, 50001, { content: 'x' }, []],
  ['to write', SendMessages, 50013, { content: 'x' }, []],
  ['to attach files', AttachFiles, 50013, { attachments: [{ id: '0', filename: 'f0.mp4' }] }, [file(0)]],
  ['to embed', EmbedLinks, 50013, { embeds: [{ title: 'x' }] }, []],
])('permissions: lacking the one %s', async (_what, permission, code, body, files) => {
  guild.botMayNot(channel, permission);
  const refused = await post(body, files);
  guild.botMay(channel, permission);
  expect(refused).toMatchObject({ status: 403, body: { code } });
  expect((await post(body, files)).status).toBe(200);
});

test('permissions: an answer to an interaction needs none of them', async () => {
  guild.botMayNot(channel, SendMessages, AttachFiles);
  const asked = await answered(asks());
  expect((await webhook('POST', asked, '', { content: 'x' })).status).toBe(200);
  guild.botMay(channel, SendMessages, AttachFiles);
});

test('permissions: a reply without the one to read the history, or to a message that is gone', async () => {
  const to = (id: string): object => ({ content: 'x', message_reference: { message_id: id } });
  const { id } = alice.post('hello');
  guild.botMayNot(channel, ReadMessageHistory);
  const refused = await post(to(id));
  guild.botMay(channel, ReadMessageHistory);
  expect(refused).toMatchObject({ status: 400, body: { code: 160002 } });
  await judge({
    rule: '',
    wrong: async () => post(to('1')),
    right: async () => post(to(id)),
    code: 10008,
    status: 404,
  });
});

test('permissions: other people’s messages', async () => {
  const { id } = alice.post('hello');
  expect(await call('PATCH', `${messages()}/${id}`, { content: 'x' })).toMatchObject({
    status: 403,
    body: { code: 50005 },
  });
  expect(await call('DELETE', `${messages()}/${id}`)).toMatchObject({ status: 403, body: { code: 50013 } });
  const strict = guild.channel('strict');
  guild.botMay(strict, 0n);
  strict.overwrites.set(discord.applicationId, {
    id: discord.applicationId,
    type: 'user',
    allow: PermissionFlagsBits.ManageMessages,
    deny: 0n,
  });
  const there = alice.goTo(strict).post('hello');
  alice.goTo(channel);
  expect((await call('DELETE', `/channels/${strict.id}/messages/${there.id}`)).status).toBe(204);
});

test('direct messages: closed, of somebody in no common guild, of nobody', async () => {
  const open = async (id: string): Promise<RawAnswer> => call('POST', '/users/@me/channels', { recipient_id: id });
  const write = async (id: string): Promise<RawAnswer> =>
    call('POST', `/channels/${idOf(await open(id))}/messages`, { content: 'x' });
  expect(await open('1')).toMatchObject({ status: 404, body: { code: 10013 } });
  const shy = guild.member('shy');
  shy.closeDirectMessages();
  expect(await write(shy.id)).toMatchObject({ status: 403, body: { code: 50007 } });
  shy.openDirectMessages();
  expect((await write(shy.id)).status).toBe(200);
  expect(shy.messagesSeen('direct messages')).toMatchObject([{ text: 'x', author: 'lumiere' }]);
  const elsewhere = discord.guild('Elsewhere');
  const stranger = elsewhere.member('stranger');
  elsewhere.removeBot();
  expect(await write(stranger.id)).toMatchObject({ status: 403, body: { code: 50278 } });
  expect(await call('GET', `/guilds/${elsewhere.id}`)).toMatchObject({ status: 404, body: { code: 10004 } });
  expect(await call('GET', `/channels/${elsewhere.channel('general').id}`)).toMatchObject({
    status: 403,
    body: { code: 50001 },
  });
});

test('messages: too many edits of one older than an hour', async () => {
  const id = idOf(await post({ content: 'x' }));
  const edit = async (): Promise<RawAnswer> => call('PATCH', `${messages()}/${id}`, { content: 'y' });
  for (let at = 0; at < 5; at += 1) expect((await edit()).status).toBe(200);
  discord.clock.advance(60 * 60_000);
  for (let at = 0; at < 3; at += 1) expect((await edit()).status).toBe(200);
  expect(await edit()).toMatchObject({ status: 429, body: { code: 30046 } });
  discord.clock.advance(60 * 60_000);
  expect((await edit()).status).toBe(200);
});

// --- the door

test.each<readonly [string, () => Promise<RawAnswer>, number, object]>([
  ['an unknown path', async () => call('GET', '/nowhere'), 404, { code: 0 }],
  ['an unknown method', async () => call('PUT', '/gateway/bot'), 405, { code: 0 }],
  ['an unknown channel', async () => call('GET', '/channels/1'), 404, { code: 10003 }],
  ['an unknown user', async () => call('GET', '/users/1'), 404, { code: 10013 }],
  ['an unknown member', async () => call('GET', `/guilds/${guild.id}/members/1`), 404, { code: 10007 }],
  [
    'a wrong token',
    async () => call('GET', '/users/@me', undefined, { headers: { authorization: 'Bot wrong' } }),
    401,
    { code: 0 },
  ],
  ['a body that is no JSON', async () => call('POST', messages(), undefined, { text: '{' }), 400, { code: 50109 }],
  [
    'a body of another type',
    async () => call('POST', messages(), undefined, { text: 'x', headers: { 'content-type': 'text/plain' } }),
    400,
    { code: 50035 },
  ],
  ['a body where none is taken', async () => call('DELETE', `${messages()}/1`, {}), 400, { code: 50035 }],
])('the door: %s', async (_what, ask, status, body) => {
  expect(await ask()).toMatchObject({ status, body });
});

test('the door: a client that does not say who it is', async () => {
  const refused = await call('GET', '/users/@me', undefined, { headers: { 'user-agent': 'curl/8' } });
  expect(refused.status).toBe(403);
  expect((await call('GET', '/users/@me')).status).toBe(200);
});

test('an answer of 204 has no JSON content type', async () => {
  const { status, headers, body } = await call('DELETE', `${messages()}/${idOf(await post({ content: 'x' }))}`);
  expect({ status, type: headers.get('content-type'), body }).toEqual({ status: 204, type: null, body: '' });
});

test('the lookups answer as described', async () => {
  for (const path of [
    '/gateway',
    '/gateway/bot',
    '/applications/@me',
    '/users/@me',
    `/users/${alice.id}`,
    `/channels/${channel.id}`,
    `/guilds/${guild.id}`,
    `/guilds/${guild.id}/channels`,
    `/guilds/${guild.id}/roles`,
    `/guilds/${guild.id}/members/${alice.id}`,
    messages(),
  ]) {
    expect((await call('GET', path)).status, path).toBe(200);
  }
  expect((await call('POST', `/channels/${channel.id}/typing`)).status).toBe(204);
});
