/** Whether a channel is for adults, asked of discord.js itself with what Discord sends, threads that no bot is told of included. */
import { type ClientOptions, Client, Events, type Interaction } from 'discord.js';
import { expect, it } from 'vitest';

import { channelAgeOf } from '../../src/commands/channel-age.ts';
import { clientOptions } from '../../src/discord/client.ts';

const guildId = '1';
const adults = { id: '10', type: 0, name: 'adults', nsfw: true, guild_id: guildId };
const lobby = { id: '20', type: 0, name: 'lobby', nsfw: false, guild_id: guildId };
/** Of which the gateway did not tell. */
const unseen = { id: '30', type: 0, name: 'unseen', nsfw: true, guild_id: guildId };
const threadOf = (parentId: string) => ({
  id: `${parentId}1`,
  type: 12,
  name: 'a private thread',
  guild_id: guildId,
  parent_id: parentId,
  thread_metadata: {
    archived: false,
    locked: false,
    auto_archive_duration: 60,
    archive_timestamp: '2026-01-01T00:00:00Z',
  },
});
/** As in the interaction, were Discord to leave out whose it is. */
const bare = ({ id, type }: { readonly id: string; readonly type: number }) => ({ id, type });

/** What a client does with packets of the gateway, which discord.js keeps to itself. */
interface Inside {
  readonly guilds: { readonly _add: (guild: object) => unknown };
  readonly actions: { readonly InteractionCreate: { readonly handle: (packet: object) => unknown } };
}

/** The interaction that discord.js makes of a command in `channel`; `answers` are what Discord says of channels when it is asked. */
function commandIn(
  channel: Readonly<Record<string, unknown>> & { readonly id: string },
  answers: Readonly<Record<string, object>>,
  inGuild: boolean,
) {
  const makeRequest = ((url: string) => {
    const found = answers[url.split('/').at(-1)!];
    const told = found ?? { code: 50001, message: 'Missing Access' };
    const headers = { 'content-type': 'application/json' };
    return Promise.resolve(new Response(JSON.stringify(told), { status: found === undefined ? 403 : 200, headers }));
  }) as unknown as NonNullable<NonNullable<ClientOptions['rest']>['makeRequest']>;
  const client = new Client({ ...clientOptions, rest: { makeRequest } });
  client.rest.setToken('token');
  const inside = client as unknown as Inside;
  inside.guilds._add({ id: guildId, name: 'films', channels: [adults, lobby], roles: [], members: [], emojis: [] });
  const user = { id: '5', username: 'anna', discriminator: '0', avatar: null };
  const member = { user, roles: [], permissions: '0', joined_at: '2026-01-01T00:00:00Z', flags: 0 };
  return new Promise<Interaction>((resolve) => {
    client.once(Events.InteractionCreate, resolve);
    inside.actions.InteractionCreate.handle({
      ...{ id: '100', application_id: '2', type: 2, token: 'token', version: 1, locale: 'en-GB', app_permissions: '0' },
      ...{ entitlements: [], authorizing_integration_owners: {}, attachment_size_limit: 1 },
      ...(inGuild ? { guild_id: guildId, member } : { user }),
      channel_id: channel.id,
      channel,
      data: { id: '9', name: 'animate', type: 1, options: [] },
    });
  });
}

it.each([
  ['a channel for adults', adults, {}, 'restricted'],
  ['a channel for everybody', lobby, {}, 'open'],
  ['a thread of one for adults', threadOf('10'), {}, 'restricted'],
  ['a thread of one for everybody', threadOf('20'), {}, 'open'],
  ['a channel of which Discord has to be asked', bare(unseen), { 30: unseen }, 'restricted'],
  ['a thread of which Discord has to be asked', bare(threadOf('10')), { 101: threadOf('10') }, 'restricted'],
  ['a thread of a channel of which Discord has to be asked', threadOf('30'), { 30: unseen }, 'restricted'],
  ['a channel of which Discord does not tell', bare(unseen), {}, 'unknown'],
  ['a thread of one of which Discord does not tell', threadOf('30'), {}, 'unknown'],
] as const)('%s', async (_what, channel, answers, age) => {
  expect(await channelAgeOf(await commandIn(channel, answers, true))).toBe(age);
});

it('direct messages are nobody else’s', async () => {
  expect(await channelAgeOf(await commandIn({ id: '40', type: 1 }, {}, false))).toBe('open');
});
