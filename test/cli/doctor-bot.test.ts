/** What `lumiere doctor` says about the bot: with the test server in Discord's place, a real Redis and real databases. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PermissionFlagsBits } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { examineBot } from '../../src/cli/doctor-bot-checks.ts';
import type { Check } from '../../src/cli/doctor-checks.ts';
import { readConfig } from '../../src/config.ts';
import { createTranslate } from '../../src/locale.ts';
import { openDatabase } from '../../src/store/database.ts';
import { localMediaStore } from '../../src/store/local-media-store.ts';
import { migrateSqlite } from '../../src/store/sqlite.ts';
import { scratchFolder } from '../clips.ts';
import { type DiscordServer, startDiscord } from '../fakes/discord/server.ts';
import { closedPort, freePort } from '../free-port.ts';

const t = createTranslate('en');
let discord: DiscordServer;
let scratch: Awaited<ReturnType<typeof scratchFolder>>;

beforeAll(async () => {
  discord = await startDiscord();
  scratch = await scratchFolder();
});
afterAll(async () => {
  await discord.stop();
  await scratch.remove();
});

/** The checks as they are read: `[state] sentence`. */
async function examine(settings: Readonly<Record<string, string>>): Promise<string[]> {
  const checks = await examineBot(readConfig({ LUMIERE_DATA_DIR: scratch.path, ...settings }), t);
  return checks.map(({ id, state, params }: Check) => `[${state}] ${t(`doctor.${id}.${state}`, params)}`);
}

/** A Redis that drops keys when it is full. Its port may be somebody else's by the time it starts: then it ends, and another is tried. */
async function startForgetfulRedis(): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort();
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', scratch.path];
  const server = spawn('redis-server', [...settings, '--maxmemory-policy', 'allkeys-lru'], { stdio: 'pipe' });
  const exit = once(server, 'exit');
  for await (const chunk of server.stdout) {
    if (!String(chunk).includes('Ready to accept')) continue;
    const stop = async (): Promise<void> => {
      server.kill();
      await exit;
    };
    return { url: `redis://127.0.0.1:${port}`, stop };
  }
  return startForgetfulRedis();
}

describe('lumiere doctor, for the bot', () => {
  it('needs neither token nor database for the command line', async () => {
    expect(await examine({})).toEqual([
      '[note] the database does not exist yet; the bot makes it when it starts',
      "[note] members' pictures and clips lie on the disk as they are; LUMIERE_MEDIA_KEY would encrypt them",
      '[note] no DISCORD_TOKEN: no bot, only the command line (npm start says how to get one)',
    ]);
  });

  it('tells whether media are encrypted, and no key', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const said = await examine({ LUMIERE_MEDIA_KEY: key });
    expect(said[1]).toBe("[ok] members' pictures and clips are encrypted on the disk (LUMIERE_MEDIA_KEY)");
    expect(said.join()).not.toContain(key);
  });

  it('goes on where the media store cannot be read', async () => {
    const data = join(scratch.path, 'unreadable');
    await mkdir(data);
    await writeFile(join(data, 'media'), 'no folder');
    expect((await examine({ LUMIERE_DATA_DIR: data }))[1]).toContain('[note] members');
  });

  it('counts the files that no media key opens', async () => {
    const data = join(scratch.path, 'sealed');
    const keys = [new Uint8Array(32).fill(7)];
    const store = localMediaStore({ folder: join(data, 'media'), keys });
    await store.put({ path: import.meta.filename }, { mediaType: 'text/plain' });
    const LUMIERE_MEDIA_KEY = Buffer.from(keys[0]!).toString('base64');
    expect((await examine({ LUMIERE_DATA_DIR: data, LUMIERE_MEDIA_KEY })).join()).not.toContain('opens');
    expect((await examine({ LUMIERE_DATA_DIR: data }))[2]).toMatch(/^\[note\] no LUMIERE_MEDIA_KEY opens 1 file /);
  });

  it('names the bot, and the servers that do not give it what it needs', async () => {
    discord.guild('Generous');
    const strict = discord.guild('Strict');
    for (const role of strict.guild.roles.values()) role.permissions &= ~PermissionFlagsBits.AttachFiles;
    const said = await examine({ DISCORD_TOKEN: discord.token, LUMIERE_DISCORD_API: discord.rest.api });
    expect(said.slice(2)).toEqual([
      '[ok] the bot is lumiere, on 2 servers',
      expect.stringContaining('[note] on the server “Strict” the bot lacks: Attach Files.'),
    ]);
  });

  it('says that a token is refused, and never repeats it', async () => {
    const token = 'not-the-token';
    const said = await examine({ DISCORD_TOKEN: token, LUMIERE_DISCORD_API: discord.rest.api });
    expect(said[2]).toContain('[missing] Discord does not accept DISCORD_TOKEN');
    expect(said.join()).not.toContain(token);
  });

  it('says when Discord cannot be reached', async () => {
    const said = await examine({ DISCORD_TOKEN: 'x', LUMIERE_DISCORD_API: `http://127.0.0.1:${closedPort}/api` });
    expect(said[2]).toContain('[note] Discord could not be asked about the bot');
  });

  it('looks at Redis: away, forgetful, right', async () => {
    const away = `redis://127.0.0.1:${closedPort}`;
    expect((await examine({ REDIS_URL: away }))[0]).toContain('[missing] no Redis answers at REDIS_URL');
    const { url, stop } = await startForgetfulRedis();
    const [said] = await examine({ REDIS_URL: url }).finally(stop);
    expect(said).toMatch(/^\[note\] Redis \d.* allkeys-lru\): set it to noeviction/);
  });

  it("looks at the database: up to date, of a newer version, another program's, none at all", async () => {
    const url = `file:${join(scratch.path, 'lumiere.db')}`;
    const { close } = await openDatabase({ url });
    await close();
    expect((await examine({ DATABASE_URL: url }))[0]).toBe('[ok] the database answers');
    const { db, ...newer } = await openDatabase({ url });
    await db.$executeRaw`UPDATE "_prisma_migrations" SET migration_name = '20990101000000_later' WHERE migration_name = (
      SELECT MAX(migration_name) FROM "_prisma_migrations")`;
    await newer.close();
    expect((await examine({ DATABASE_URL: url }))[0]).toContain(
      '[missing] The database was changed by a newer Lumière',
    );
    const foreign = `file:${join(scratch.path, 'foreign.db')}`;
    const tables = migrateSqlite(foreign);
    await tables.run('CREATE TABLE places (name TEXT)');
    tables.close();
    expect((await examine({ DATABASE_URL: foreign }))[0]).toContain('[missing] The database is of another program');
    const broken = join(scratch.path, 'broken.db');
    await writeFile(broken, 'this is no database, however long it may be '.repeat(100));
    expect((await examine({ DATABASE_URL: `file:${broken}` }))[0]).toContain('[missing] ');
    const away = `postgresql://lumiere:secret-word@127.0.0.1:${closedPort}/lumiere`;
    const said = (await examine({ DATABASE_URL: away }))[0]!;
    expect(said).toMatch(
      /^\[missing\] The database cannot be opened: .*ECONNREFUSED.*Check DATABASE_URL .*that the server runs\.$/,
    );
    expect(said).not.toContain('secret-word');
  });
});
