/** Permissions, direct messages and the door: what is refused whoever asks, and the lookups. */
import { PermissionFlagsBits } from 'discord.js';
import { expect, test } from 'vitest';
import { idOf, judge, startBench } from './bench.ts';
import { file } from './parts.ts';
import type { RawAnswer, RawFile } from './raw-client.ts';

const { alice, answered, asks, call, channel, discord, guild, messages, post, webhook } = await startBench();

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
  await judge({ wrong: async () => post(to('1')), right: async () => post(to(id)), code: 10008, status: 404 });
});

test('permissions: other people’s messages', async () => {
  const { id } = alice.post('hello');
  expect(await call('PATCH', `${messages}/${id}`, { content: 'x' })).toMatchObject({
    status: 403,
    body: { code: 50005 },
  });
  expect(await call('DELETE', `${messages}/${id}`)).toMatchObject({ status: 403, body: { code: 50013 } });
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
  const edit = async (): Promise<RawAnswer> => call('PATCH', `${messages}/${id}`, { content: 'y' });
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
  ['a body that is no JSON', async () => call('POST', messages, undefined, { text: '{' }), 400, { code: 50109 }],
  [
    'a body of another type',
    async () => call('POST', messages, undefined, { text: 'x', headers: { 'content-type': 'text/plain' } }),
    400,
    { code: 50035 },
  ],
  [
    'a multipart form that does not parse',
    async () =>
      call('POST', messages, undefined, {
        text: 'no form',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      }),
    400,
    { code: 50035 },
  ],
  ['a body where none is taken', async () => call('DELETE', `${messages}/1`, {}), 400, { code: 50035 }],
])('the door: %s', async (_what, ask, status, body) => {
  expect(await ask()).toMatchObject({ status, body });
});

test('the door: a client that does not say who it is', async () => {
  const refused = await call('GET', '/users/@me', undefined, { headers: { 'user-agent': 'curl/8' } });
  expect(refused.status).toBe(403);
  expect((await call('GET', '/users/@me')).status).toBe(200);
});

test('an answer of 204 has no JSON content type', async () => {
  const { status, headers, body } = await call('DELETE', `${messages}/${idOf(await post({ content: 'x' }))}`);
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
    messages,
  ]) {
    expect((await call('GET', path)).status, path).toBe(200);
  }
  expect((await call('POST', `/channels/${channel.id}/typing`)).status).toBe(204);
});
