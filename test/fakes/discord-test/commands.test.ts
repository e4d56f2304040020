/** Rules of command definitions: each refuses a planted wrong one and takes the right one beside it. */
import { expect, test } from 'vitest';
import { judge, startBench } from './bench.ts';
import { choice, many, slash, text } from './parts.ts';
import type { RawAnswer } from './raw-client.ts';

const { call, channel, discord } = await startBench();

const commands = async (list: unknown): Promise<RawAnswer> =>
  call('PUT', `/applications/${discord.applicationId}/commands`, list);

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
    'choices where none are taken',
    [slash({ options: [{ ...text('a'), type: 5, choices: [choice(1)] }] })],
    '0.options.0.choices',
    [slash({ options: [{ ...text('a'), type: 5 }] })],
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

test.each(definitionCases)('commands: %s', async (_rule, wrong, at, right) => {
  await judge({ wrong: async () => commands(wrong), right: async () => commands(right), code: 50035, at });
});

test.each([
  ['101 slash commands', 100, (at: number) => slash({ name: `c${at}` })],
  ['16 user commands', 15, (at: number) => ({ name: `User ${at}`, type: 2 })],
  ['16 message commands', 15, (at: number) => ({ name: `Message ${at}`, type: 3 })],
] as const)('commands: %s', async (_rule, most, of) => {
  await judge({
    wrong: async () => commands(many(most + 1, of)),
    right: async () => commands(many(most, of)),
    code: 30032,
  });
});

test('commands: those of another application', async () => {
  const path = `/applications/${channel.id}/commands`;
  await judge({ wrong: async () => call('PUT', path, []), right: async () => commands([]), code: 10002, status: 404 });
});

test('commands keep their ids when they are set again, and go when they are left out', async () => {
  const ids = ({ body }: RawAnswer): string[] => (body as { id: string }[]).map(({ id }) => id);
  const [restore, help] = ids(await commands([slash(), slash({ name: 'help' })]));
  expect(ids(await commands([slash({ description: 'Restores a clip' })]))).toEqual([restore]);
  expect(discord.commands.find(help ?? '')).toBeUndefined();
});

test('commands: one that there is not, or no longer', async () => {
  const [id] = (await commands([slash()])).body as { id: string }[];
  const one = `/applications/${discord.applicationId}/commands/${id!.id}`;
  expect((await call('GET', one)).status).toBe(200);
  expect(await call('PATCH', one, { name: 'Restore' })).toMatchObject({ status: 400, body: { code: 50035 } });
  expect(await call('PATCH', one, { name: 'develop' })).toMatchObject({ status: 200, body: { name: 'develop' } });
  expect((await call('DELETE', one)).status).toBe(204);
  expect(await call('DELETE', one)).toMatchObject({ status: 404, body: { code: 10063 } });
});

test('commands: one by one', async () => {
  await commands([]);
  const path = `/applications/${discord.applicationId}/commands`;
  expect((await call('POST', path, slash())).status).toBe(201);
  expect((await call('POST', path, slash({ description: 'Again' }))).status).toBe(200);
  expect(await call('POST', path, slash({ name: 'Restore' }))).toMatchObject({ status: 400, body: { code: 50035 } });
  expect((await call('GET', path)).body).toMatchObject([{ name: 'restore', description: 'Again' }]);
});
