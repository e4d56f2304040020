/** Rules of answers, forms and tokens: each refuses a planted wrong request and takes the right one beside it. */
import { ApplicationCommandOptionType, ApplicationCommandType, MessageFlags } from 'discord.js';
import { expect, test } from 'vitest';
import { ACKNOWLEDGE_WITHIN } from '../discord/interactions.ts';
import type { Asked } from '../discord/member/ask.ts';
import { idOf, judge, startBench } from './bench.ts';
import { button, choice, form, input, label, many, row } from './parts.ts';
import type { RawAnswer } from './raw-client.ts';

const { alice, answered, asks, call, callback, channel, deferred, discord, guild, messages, webhook } =
  await startBench();

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
])('answers: %s', async (_rule, wrong, at, right) => {
  await judge({
    wrong: async () => callback(asks(), wrong),
    right: async () => callback(asks(), right),
    code: 50035,
    at,
  });
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
  [
    'two text inputs in a row',
    form({ components: [row(input({ label: 'a' }), input({ label: 'b', custom_id: 'b' }))] }),
    'data.components.0',
    form({ components: [row(input({ label: 'a' })), row(input({ label: 'b', custom_id: 'b' }))] }),
  ],
  ['a button', form({ components: [row(button())] }), 'data.components.0.components.0.type', form()],
  [
    'a file type that there is not',
    form({ components: [label({ type: 19, custom_id: 'f', file_types: ['films'] })] }),
    'data.components.0.component.file_types.0',
    form({ components: [label({ type: 19, custom_id: 'f', file_types: ['image'] })] }),
  ],
])('forms: %s', async (_rule, wrong, at, right) => {
  await judge({
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
  const { acknowledgeWithin } = discord.settings;
  discord.settings.acknowledgeWithin = ACKNOWLEDGE_WITHIN;
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
  discord.settings.acknowledgeWithin = acknowledgeWithin;
});

test('answers: a second acknowledgement, an unknown token, another id', async () => {
  const asked = asks();
  await judge({
    wrong: async () => callback({ id: asked.id, token: 'x' }, { type: 5 }),
    right: async () => callback(asked, { type: 5 }),
    code: 10062,
    status: 404,
  });
  await judge({
    wrong: async () => callback(asked, { type: 5 }),
    right: async () => callback(asks(), { type: 5 }),
    code: 40060,
  });
  const other = asks();
  await judge({
    wrong: async () => callback({ ...other, id: asked.id }, { type: 5 }),
    right: async () => callback(other, { type: 5 }),
    code: 10062,
    status: 404,
  });
});

test('tokens: of no use before the acknowledgement', async () => {
  const asked = asks();
  await judge({
    wrong: async () => webhook('POST', asked, '', { content: 'x' }),
    right: async () => webhook('POST', await answered(asked), '', { content: 'x' }),
    code: 10015,
    status: 404,
  });
});

test('tokens: unknown, or of another application', async () => {
  const asked = await answered(asks());
  await judge({
    wrong: async () => webhook('POST', { token: 'x' }, '', { content: 'x' }),
    right: async () => webhook('GET', asked, '/messages/@original'),
    code: 10015,
    status: 404,
  });
  await judge({
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
  await judge({ wrong: async () => edit(other, id), right: async () => edit(asked, id), code: 10008, status: 404 });
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
      wrong: async () => call(method, `${messages}/${privately}`, body),
      right: async () => call(method, `${messages}/${publicly}`, body),
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
