/** Downloads from the test server's CDN into a real media store: what is fetched, what is refused, what is tried again. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DownloadError } from '../../src/discord/download-error.ts';
import { type DownloadRules, discordHosts, isFetchable, takeIn } from '../../src/discord/intake.ts';
import { Refusal } from '../../src/policy/refusal.ts';
import { localMediaStore } from '../../src/store/local-media-store.ts';
import type { MediaStore } from '../../src/store/media-store.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';

let discord: DiscordServer;
let folder: string;
let store: MediaStore;
let rules: DownloadRules;
let other: Server;
let otherHost: string;
let knocks = 0;

const bytes = randomBytes(300_000);

beforeAll(async () => {
  discord = await startDiscord();
  folder = await mkdtemp(join(tmpdir(), 'lumiere-intake-'));
  store = localMediaStore({ folder });
  rules = { hosts: discordHosts, testHosts: [new URL(discord.rest.cdn).host], backOffMs: 5 };
  other = createServer((_, response) => {
    knocks += 1;
    response.end('the secrets of this network');
  });
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  otherHost = `127.0.0.1:${(other.address() as AddressInfo).port}`;
});

afterAll(async () => {
  other.closeAllConnections();
  await new Promise((resolve) => {
    other.close(resolve);
  });
  await discord.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A clip on the CDN. */
const upload = (content: Buffer = bytes): { id: string; url: string; expired: string } => {
  const file = discord.cdn.store({
    filename: 'film.mp4',
    contentType: 'video/mp4',
    bytes: content,
    channelId: '1',
    ephemeral: true,
  });
  return { id: file.id, url: discord.cdn.address(file), expired: discord.cdn.expiredAddress(file) };
};

const take = (url: string, more: Partial<Parameters<typeof takeIn>[1]> = {}, other: Partial<DownloadRules> = {}) =>
  takeIn(store, { url, maxBytes: 1_000_000, ...more }, { ...rules, ...other });

const faultOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DownloadError) return error.fault;
  if (error instanceof Refusal) return error.code;
  return String(error);
};

/** Names of everything the store holds, unfinished files too. */
const kept = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((e) => e.isFile()).map(({ name }) => name);

describe('a clip', () => {
  it('comes into the store as it is', async () => {
    const taken = await take(upload().url, { expectedBytes: bytes.length });
    expect(taken.bytes).toBe(bytes.length);
    const opened = await store.open(taken.sha256);
    expect((await readFile(opened.path)).equals(bytes)).toBe(true);
    await opened.release();
    await store.remove(taken.sha256);
  });

  it('is followed through a redirect to the same host', async () => {
    const [from, to] = [upload(), upload()];
    discord.cdn.plant(from.id, { kind: 'redirect', to: to.url });
    const { sha256 } = await take(from.url);
    expect(discord.cdn.downloads.get(to.id)).toBe(1);
    await store.remove(sha256);
  });

  it.each([
    ['is cut', { kind: 'cut', bytes: 1000 }, {}],
    // No other download here minds a machine that stands still for a moment.
    ['falls silent', { kind: 'stall', bytes: 1000 }, { silenceMs: 300 }],
    ['lies about its length', { kind: 'lying length', length: 400_000 }, {}],
    ['fails at their end', { kind: 'status', status: 503 }, {}],
  ] as const)('that %s is tried again, then given up', async (_, fault, patience) => {
    const file = upload();
    discord.cdn.plant(file.id, fault);
    expect(await faultOf(take(file.url, {}, patience))).toBe('failed');
    expect(discord.cdn.downloads.get(file.id)).toBe(4);
    expect(await kept()).toEqual([]);
  });

  it('arrives when only the first attempt was cut', async () => {
    const file = upload();
    discord.cdn.plant(file.id, { kind: 'cut', bytes: 70_000 });
    const taken = take(file.url, {}, { backOffMs: 200 });
    while (discord.cdn.downloads.get(file.id) !== 1) await new Promise(setImmediate);
    discord.cdn.plant(file.id, { kind: 'redirect', to: upload().url });
    expect((await taken).bytes).toBe(bytes.length);
    await store.remove((await taken).sha256);
  });

  it('with fewer bytes than Discord says is not whole', async () => {
    expect(await faultOf(take(upload().url, { expectedBytes: bytes.length + 1 }))).toBe('failed');
  });
});

describe('is refused:', () => {
  it('an address that has expired, without trying again', async () => {
    const file = upload();
    expect(await faultOf(take(file.expired))).toBe('expired');
    discord.cdn.remove(file.id);
    expect(await faultOf(take(file.url))).toBe('expired');
  });

  it('a file over the limit, by its own words before a byte is read, and by its bytes', async () => {
    const file = upload();
    expect(await faultOf(take(file.url, { maxBytes: 299_999 }))).toBe('refusal.file-too-large');
    discord.cdn.plant(file.id, { kind: 'lying length', length: 10 });
    expect(await faultOf(take(file.url, { maxBytes: 299_999, expectedBytes: 300_000 }))).toBe('failed');
    const endless = createServer((_, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        response.once('drain', write);
      };
      write();
    });
    await new Promise<void>((resolve) => {
      endless.listen(0, '127.0.0.1', resolve);
    });
    const host = `127.0.0.1:${(endless.address() as AddressInfo).port}`;
    expect(await faultOf(take(`http://${host}/film.mp4`, {}, { testHosts: [host] }))).toBe('refusal.file-too-large');
    expect(await kept()).toEqual([]);
    endless.closeAllConnections();
    endless.close();
  });

  it('every address that is not on Discord, before anything is asked of it', async () => {
    for (const url of [
      `http://${otherHost}/`,
      'https://example.org/film.mp4',
      'http://cdn.discordapp.com/film.mp4',
      'https://cdn.discordapp.com:8443/film.mp4',
      'https://user:word@cdn.discordapp.com/film.mp4',
      'https://cdn.discordapp.com.example.org/film.mp4',
      'file:///etc/passwd',
      'film.mp4',
    ]) {
      expect({ url, is: isFetchable(url, rules) }).toEqual({ url, is: false });
      expect(await faultOf(take(url))).toBe('host-refused');
    }
    expect(isFetchable('https://cdn.discordapp.com/attachments/1/2/film.mp4?ex=1', rules)).toBe(true);
    expect(knocks).toBe(0);
  });

  it('a redirect that leads off Discord', async () => {
    const file = upload();
    for (const to of [`http://${otherHost}/`, 'http://169.254.169.254/latest/meta-data', 'file:///etc/passwd']) {
      discord.cdn.plant(file.id, { kind: 'redirect', to });
      expect(await faultOf(take(file.url))).toBe('host-refused');
    }
    expect(knocks).toBe(0);
  });

  it('a redirect without end', async () => {
    const file = upload();
    discord.cdn.plant(file.id, { kind: 'redirect', to: file.url });
    expect(await faultOf(take(file.url))).toBe('host-refused');
    expect(discord.cdn.downloads.get(file.id)).toBe(4);
  });

  it("a name of Discord's that leads into this network, by one address of several", async () => {
    const asked: string[] = [];
    const resolve = (host: string): Promise<{ address: string; family: number }[]> => {
      asked.push(host);
      return Promise.resolve([
        { address: '162.159.133.233', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    };
    expect(await faultOf(take('https://cdn.discordapp.com/attachments/1/2/film.mp4', {}, { resolve }))).toBe(
      'host-refused',
    );
    expect(asked).toEqual(['cdn.discordapp.com']);
  });
});

it('ends when there is no more time, or when asked to', async () => {
  const file = upload();
  discord.cdn.plant(file.id, { kind: 'stall', bytes: 1000 });
  expect(await faultOf(take(file.url, {}, { wholeMs: 100 }))).toBe('too-slow');
  const stop = new AbortController();
  const taken = take(file.url, { signal: stop.signal });
  stop.abort(new Error('the member left'));
  expect(await faultOf(taken)).toBe('Error: the member left');
  expect(await kept()).toEqual([]);
});
