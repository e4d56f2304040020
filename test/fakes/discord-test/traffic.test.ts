/** Rate limits, planted faults and the CDN: what a bot meets on the wire, told exactly as Discord tells it. */
import { afterEach, expect, test } from 'vitest';
import { startDiscord } from '../discord/server.ts';
import { idOf, startBench } from './bench.ts';
import { createRawClient } from './raw-client.ts';

const { alice, answered, asks, call, channel, discord, guild, messages, post, webhook } = await startBench();

afterEach(() => {
  discord.clock.thaw();
  discord.rateLimits.set('create_message', undefined);
});

test('a bucket: announced in headers, refused with 429 once it is empty, full again after its time', async () => {
  discord.rateLimits.set('create_message', { limit: 2, perMs: 5000 });
  discord.clock.freeze();
  const [first, second, third] = [
    await post({ content: '1' }),
    await post({ content: '2' }),
    await post({ content: '3' }),
  ];
  expect([first, second].map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['1', '0']);
  expect(first.headers.get('x-ratelimit-bucket')).toBe('create_message');
  expect(third).toMatchObject({ status: 429, body: { retry_after: 5, global: false } });
  expect(third.headers.get('retry-after')).toBe('5');
  expect(third.headers.get('x-ratelimit-scope')).toBe('user');
  const elsewhere = guild.channel('elsewhere');
  expect((await call('POST', `/channels/${elsewhere.id}/messages`, { content: 'x' })).status).toBe(200);
  discord.clock.advance(5000);
  expect((await post({ content: '4' })).status).toBe(200);
});

test('50 requests a second in all, answers to interactions apart', async () => {
  discord.clock.freeze();
  const statuses: number[] = [];
  for (let at = 0; at < 51; at += 1) statuses.push((await call('GET', '/users/@me')).status);
  expect(statuses.slice(0, 50).every((status) => status === 200)).toBe(true);
  const refused = await call('GET', '/users/@me');
  expect(refused).toMatchObject({ status: 429, body: { global: true } });
  expect(refused.headers.get('x-ratelimit-global')).toBe('true');
  expect((await webhook('POST', await answered(asks()), '', { content: 'x' })).status).toBe(200);
  discord.clock.advance(1000);
  expect((await call('GET', '/users/@me')).status).toBe(200);
});

test('a 429 that nothing announced', async () => {
  discord.rateLimits.refuseNext('create_message', { retryAfterMs: 300, scope: 'shared' });
  const refused = await post({ content: 'x' });
  expect(refused).toMatchObject({ status: 429, body: { retry_after: 0.3, global: false } });
  expect(refused.headers.get('x-ratelimit-scope')).toBe('shared');
  expect((await post({ content: 'x' })).status).toBe(200);
});

test('too many invalid requests ban the address for ten minutes', async () => {
  const other = await startDiscord();
  other.rateLimits.setInvalidLimit(3);
  const ask = createRawClient(other);
  const wrong = { headers: { authorization: 'Bot wrong' } };
  for (let at = 0; at < 3; at += 1) expect((await ask('GET', '/users/@me', undefined, wrong)).status).toBe(401);
  expect((await ask('GET', '/users/@me')).status).toBe(429);
  other.clock.advance(10 * 60_000 + 1);
  expect((await ask('GET', '/users/@me')).status).toBe(200);
  await other.stop();
});

test('planted: a 5xx before and after the deed, a lost connection before and after it, a slow answer', async () => {
  const said = (): number => discord.messagesIn(channel).length;
  const before = said();
  discord.faults.plant('create_message', { kind: 'status', status: 502 });
  const refused = await post({ content: 'x' });
  expect([refused.status, refused.headers.get('content-type'), said() - before]).toEqual([502, 'text/html', 0]);
  discord.faults.plant('create_message', { kind: 'drop before' });
  await expect(post({ content: 'x' })).rejects.toThrow();
  expect(said() - before).toBe(0);
  discord.faults.plant('create_message', { kind: 'status after', status: 500 });
  expect((await post({ content: 'x' })).status).toBe(500);
  expect(said() - before).toBe(1);
  discord.faults.plant('create_message', { kind: 'drop after' });
  await expect(post({ content: 'x' })).rejects.toThrow();
  expect(said() - before).toBe(2);
  discord.faults.plant('create_message', { kind: 'slow', milliseconds: 60 });
  const startedAt = performance.now();
  expect((await post({ content: 'x' })).status).toBe(200);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(55);
  expect(said() - before).toBe(3);
});

test('planted: what was asked is done although nobody waits for the answer any more', async () => {
  const before = discord.messagesIn(channel).length;
  let go = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    go = resolve;
  });
  discord.faults.plant('create_message', { kind: 'slow to do', until });
  const leaving = new AbortController();
  const { signal } = leaving;
  const asked = call('POST', `/channels/${channel.id}/messages`, { content: 'the whole of it' }, { signal });
  const has = (): boolean =>
    (discord.journal.requests('create_message').at(-1)?.body as { content?: string } | undefined)?.content ===
    'the whole of it';
  await Promise.race([discord.until(has, 'the request to be read'), asked]);
  leaving.abort();
  await expect(asked).rejects.toThrow();
  expect(discord.messagesIn(channel).length - before).toBe(0);
  go();
  await expect.poll(() => discord.messagesIn(channel).length - before).toBe(1);
});

test('planted: a refusal of choice, code of the test’s own, and a fault taken away again', async () => {
  discord.faults.plant('create_dm', {
    kind: 'refusal',
    status: 403,
    code: 40003,
    message: 'You are opening direct messages too fast',
  });
  expect(await call('POST', '/users/@me/channels', { recipient_id: alice.id })).toMatchObject({
    status: 403,
    body: { code: 40003 },
  });
  let seen = 0;
  discord.faults.plant('create_message', {
    kind: 'then',
    run: () => {
      seen = discord.messagesIn(channel).length;
    },
  });
  await post({ content: 'x' });
  expect(seen).toBe(discord.messagesIn(channel).length);
  const remove = discord.faults.plant('*', { kind: 'status', status: 503 }, Infinity);
  expect((await call('GET', '/users/@me')).status).toBe(503);
  remove();
  expect((await call('GET', '/users/@me')).status).toBe(200);
  expect(() => discord.faults.plant('create_mesage', { kind: 'drop before' })).toThrow('no operation create_mesage');
});

test('what a test planted is not held against the bot, what broke a rule is', async () => {
  const before = discord.journal.refused().length;
  discord.faults.plant('create_message', { kind: 'refusal', status: 403, code: 50013, message: 'Missing Permissions' });
  await post({ content: 'x' });
  expect(discord.journal.refused()).toHaveLength(before);
  await post({});
  expect(discord.journal.refused().slice(before)).toMatchObject([
    { operation: 'create_message', status: 400, code: 50006 },
  ]);
  await post({ content: `<@${alice.id}>` });
  expect(discord.journal.warnings()).toContain(
    'create_message: allowed_mentions is not set and the text names somebody',
  );
});

test('pings: everybody the text names, or those that allowed_mentions lets through', async () => {
  const pings = async (extra: object): Promise<boolean | undefined> => {
    const id = idOf(await post({ content: `<@${alice.id}> your film`, ...extra }));
    return alice.messagesSeen().find((message) => message.id === id)?.pingsMe;
  };
  expect(await pings({})).toBe(true);
  expect(await pings({ allowed_mentions: { parse: [] } })).toBe(false);
  expect(await pings({ allowed_mentions: { users: [alice.id] } })).toBe(true);
});

// --- the CDN

const film = { name: 'a film.mp4', bytes: Buffer.from('lumière') };
const status = async (url: string, method = 'GET'): Promise<number> =>
  (await fetch(url, { method, redirect: 'manual' })).status;
const posted = (fault?: Parameters<typeof discord.cdn.plant>[1]): { id: string; url: string } => {
  const [file] = alice.post('look', [{ ...film, ...(fault && { fault }) }]).files;
  return file!;
};

test('CDN: an address is good for 24 hours, and a new look gives a new one', async () => {
  const { id, url } = posted();
  const response = await fetch(url);
  expect(Buffer.from(await response.arrayBuffer())).toEqual(film.bytes);
  expect(response.headers.get('content-type')).toBe('video/mp4');
  expect(await status(url, 'HEAD')).toBe(200);
  discord.clock.advance(24 * 3600_000);
  expect(await status(url)).toBe(403);
  const again = alice
    .messagesSeen()
    .flatMap(({ files }) => files)
    .find((file) => file.id === id);
  expect(await status(again!.url)).toBe(200);
  expect(discord.cdn.downloads.get(id)).toBe(2);
});

test('CDN: an address without its signature, or with another, or expired from the start', async () => {
  const { id, url } = posted();
  expect(await status(url.split('?')[0]!)).toBe(403);
  expect(await status(url.replace(/hm=./, 'hm=x'))).toBe(403);
  expect(await status(url.replace(/ex=[0-9a-f]+/, 'ex=ffffffff'))).toBe(403);
  expect(await status(discord.cdn.expiredAddress(discord.cdn.find(id)!))).toBe(403);
  expect(await status(url)).toBe(200);
});

test('CDN: a file goes with its message', async () => {
  const post_ = alice.post('look', [film]);
  const { url } = post_.files[0]!;
  expect(await status(url)).toBe(200);
  alice.delete(post_);
  expect(await status(url)).toBe(404);
});

test('CDN: planted redirects, refusals, cut and lying downloads', async () => {
  const redirect = await fetch(posted({ kind: 'redirect', to: 'http://169.254.169.254/' }).url, { redirect: 'manual' });
  expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'http://169.254.169.254/']);
  expect(await status(posted({ kind: 'status', status: 503 }).url)).toBe(503);
  const read = async (url: string, signal?: AbortSignal): Promise<ArrayBuffer> =>
    (await fetch(url, signal ? { signal } : {})).arrayBuffer();
  await expect(read(posted({ kind: 'cut', bytes: 3 }).url)).rejects.toThrow('terminated');
  await expect(read(posted({ kind: 'lying length', length: 1000 }).url)).rejects.toThrow('terminated');
  await expect(read(posted({ kind: 'stall', bytes: 3 }).url, AbortSignal.timeout(300))).rejects.toThrow('timeout');
});

test('an edit takes away the files it does not name, and keeps those it does', async () => {
  const files = ['a', 'b'].map((name, at) => ({
    field: `files[${at}]`,
    name: `${name}.mp4`,
    bytes: Buffer.from(name),
  }));
  const id = idOf(await call('POST', messages, { attachments: [{ id: '0' }, { id: '1' }] }, { files }));
  const seen = (): readonly { id: string; name: string; url: string }[] =>
    alice.messagesSeen().find((message) => message.id === id)!.files;
  const [a, b] = seen();
  await call('PATCH', `${messages}/${id}`, { attachments: [{ id: b!.id }] });
  expect(seen().map(({ name }) => name)).toEqual(['b.mp4']);
  expect([await status(a!.url), await status(b!.url)]).toEqual([404, 200]);
  const [shown] = alice.messagesSeen().filter((message) => message.id === id);
  expect(shown!.history.map((revision) => revision.files.map(({ name }) => name))).toEqual([
    ['a.mp4', 'b.mp4'],
    ['b.mp4'],
  ]);
});
