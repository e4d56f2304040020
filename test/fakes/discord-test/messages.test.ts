/** Rules of messages, components and files: each refuses a planted wrong request and takes the right one beside it. */
import { MessageFlags } from 'discord.js';
import { expect, test } from 'vitest';
import type { Asked } from '../discord/member/ask.ts';
import { idOf, judge, startBench } from './bench.ts';
import { button, buttons, entry, file, link, many, row, say, select, shown, v2 } from './parts.ts';
import type { RawAnswer, RawFile } from './raw-client.ts';

const { answered, asks, call, callback, discord, guild, messages, post, webhook } = await startBench();

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
    'a component id used twice',
    { content: 'x', components: [row(button({ id: 7 }), button({ custom_id: 'other', id: 7 }))] },
    'components.0.components.1.id',
    { content: 'x', components: [row(button({ id: 7 }), button({ custom_id: 'other', id: 8 }))] },
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

test.each(messageCases)('messages: %s', async (_rule, wrong, at, right) => {
  await judge({ wrong: async () => post(wrong), right: async () => post(right), code: 50035, at });
});

/** The same rules hold wherever a message goes. */
test.each([
  ['a first answer', 'data.', async (asked: Asked, body: object) => callback(asked, { type: 4, data: body })],
  ['a follow-up', '', async (asked: Asked, body: object) => webhook('POST', await answered(asked), '', body)],
  ['an edit by token', '', async (asked: Asked, body: object) => editDeferred(asked, body)],
] as const)('messages: the rules hold for %s', async (_place, prefix, send) => {
  for (const [, wrong, at, right] of messageCases.filter(([name]) => !/nonce|private/.test(name))) {
    await judge({
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
])('messages: empty: %s', async (_rule, wrong) => {
  await judge({ wrong: async () => post(wrong), right: async () => post({ content: 'x' }), code: 50006 });
});

test('messages: an edit that leaves nothing', async () => {
  const id = idOf(await post({ content: 'x' }));
  const edit = async (body: object): Promise<RawAnswer> => call('PATCH', `${messages}/${id}`, body);
  await judge({ wrong: async () => edit({ content: null }), right: async () => edit({ content: 'y' }), code: 50006 });
});

test('messages: Components V2 is never undone', async () => {
  const id = idOf(await post(v2(say('x'))));
  const edit = async (body: object): Promise<RawAnswer> => call('PATCH', `${messages}/${id}`, body);
  await judge({
    wrong: async () => edit({ flags: 0, components: [say('y')] }),
    right: async () => edit(v2(say('y'))),
    code: 50035,
    at: 'flags',
  });
  await judge({
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
])('files: %s', async (_rule, wrong, wrongFiles, at, right, rightFiles) => {
  await judge({
    wrong: async () => post(wrong, wrongFiles),
    right: async () => post(right, rightFiles),
    code: 50035,
    at,
  });
});

test('files: fields outside payload_json', async () => {
  await judge({
    wrong: async () => call('POST', messages, { content: 'x' }, { fields: { content: 'x' } }),
    right: async () => call('POST', messages, { content: 'x', attachments: [entry(0)] }, { files: [file(0)] }),
    code: 50035,
    at: 'content',
  });
});

const MEBIBYTE = 1024 * 1024;
const upload = async (size: number): Promise<RawAnswer> => post({ attachments: [entry(0)] }, [file(0, size)]);

test('files: over the limit of the guild', async () => {
  await judge({
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

async function editDeferred(asked: Asked, body: object): Promise<RawAnswer> {
  expect((await callback(asked, { type: 5 })).status).toBe(200);
  return webhook('PATCH', asked, '/messages/@original', body);
}
