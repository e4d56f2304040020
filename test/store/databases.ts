/**
 * Real databases for tests: a fresh SQLite file, and a fresh database of a PostgreSQL server of the test file's own where
 * one is installed (its tests are skipped by name elsewhere). Everything lies in one random folder and goes with it.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';

import { openDatabase, type OpenDatabase } from '../../src/store/database.ts';
import { type Dialect, readMigrations } from '../../src/store/migrations.ts';
import { once, scratchFolder } from '../clips.ts';

const run = promisify(execFile);

/** Where PostgreSQL's programs are: on the PATH, or where Debian keeps them. */
function postgresqlPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
  const folders = [...versions, ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))));
}

const programs = postgresqlPrograms();
/** PostgreSQL refuses to run as root. */
const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

interface Server {
  readonly url: (name: string) => string;
  readonly sql: (text: string) => Promise<void>;
  stop(): Promise<void>;
}

/** Nothing here outlives a power cut, or grows so large that it must be vacuumed. */
const settings = ['listen_addresses=', 'fsync=off', 'full_page_writes=off', 'autovacuum=off', 'max_connections=60'];
const migratedName = 'migrated';

/** @param home where the server's folder `data` lies, and its socket. */
async function startPostgresql(home: string): Promise<Server> {
  const words = settings.flatMap((setting) => ['-c', setting]);
  const server = spawn(join(programs!, 'postgres'), ['-D', join(home, 'data'), '-k', home, ...words], {
    ...account,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const url = (name: string): string => `postgresql://lumiere@localhost/${name}?host=${encodeURIComponent(home)}`;
  const sql = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url('postgres') });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  // As long as it takes: only a server that ended never answers.
  for (;;) {
    try {
      await sql('SELECT 1');
      break;
    } catch (error) {
      if (server.exitCode !== null || server.signalCode !== null) throw error;
      await sleep(100);
    }
  }
  return { url, sql, stop: () => ended(server, 'SIGINT') };
}

/** A folder that PostgreSQL's account may write to. */
async function makeHome(home: string): Promise<void> {
  await mkdir(home);
  await chmod(dirname(home), 0o755);
  if (account.uid !== undefined) await chown(home, account.uid, account.gid);
}

/** Home of a server that is stopped and has a migrated database, made once for these migrations: a copy costs less. */
async function migratedHome(): Promise<string> {
  const version = (await run(join(programs!, 'postgres'), ['--version'])).stdout;
  const recipe = [version, ...settings, ...(await readMigrations('postgresql')).map(({ checksum }) => checksum)];
  return once('postgresql', recipe.join('\0'), async (home) => {
    await makeHome(home);
    const words = ['-D', join(home, 'data'), '-U', 'lumiere', '--auth=trust', '-E', 'UTF8', '--no-sync'];
    await run(join(programs!, 'initdb'), words, account);
    const server = await startPostgresql(home);
    await server.sql(`CREATE DATABASE ${migratedName}`);
    await (await openDatabase({ url: server.url(migratedName) })).close();
    await server.stop();
  });
}

async function startMigratedPostgresql(home: string): Promise<Server> {
  const kept = await migratedHome();
  await makeHome(home);
  await run('cp', ['-R', join(kept, 'data'), home], account);
  return startPostgresql(home);
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await exit;
}

export interface TestDatabases {
  readonly dialect: Dialect;
  /** Address of a database that does not exist yet (SQLite) or is empty (PostgreSQL). */
  readonly newUrl: () => Promise<string>;
  /** A fresh database, or another opening of the one at `url`, for a test or its `beforeEach`; closed when the test ends. */
  readonly open: (url?: string) => Promise<OpenDatabase>;
}

/** Runs the same tests on SQLite and, where it is installed, on PostgreSQL. */
export function onEachDatabase(tests: (databases: TestDatabases) => void): void {
  for (const dialect of ['sqlite', 'postgresql'] as const) {
    const missing = dialect === 'postgresql' && programs === undefined;
    describe.skipIf(missing)(`${dialect}${missing ? ' (not installed on this machine)' : ''}`, () => {
      let folder: Awaited<ReturnType<typeof scratchFolder>>;
      let server: Server | undefined;
      const opened: OpenDatabase[] = [];
      beforeAll(async () => {
        folder = await scratchFolder();
        if (dialect === 'postgresql') server = await startMigratedPostgresql(join(folder.path, 'postgresql'));
      });
      // Each holds up to ten connections, and the server has room for so many of all tests of a file together.
      afterEach(async () => {
        for (const { close } of opened.splice(0)) await close();
      });
      afterAll(async () => {
        await server?.stop();
        await folder.remove();
      });
      const newDatabase = async (like: string): Promise<string> => {
        if (server === undefined) return `file:${join(folder.path, `${randomUUID()}.db`)}`;
        const name = `t${randomUUID().replaceAll('-', '')}`;
        await server.sql(`CREATE DATABASE ${name} TEMPLATE ${like}`);
        return server.url(name);
      };
      tests({
        dialect,
        newUrl: () => newDatabase('template1'),
        open: async (url) => {
          const database = await openDatabase({ url: url ?? (await newDatabase(migratedName)) });
          opened.push(database);
          return database;
        },
      });
    });
  }
}

/** Runs `program.ts` in processes of their own, which all begin the work at the same moment, and gives what each printed. */
export async function inProcesses<Result>(count: number, words: readonly string[]): Promise<Result[]> {
  const children = Array.from({ length: count }, (_, index) =>
    spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'program.ts'), String(index), ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const outputs = children.map(() => '');
  const ready = children.map(
    (child, index) =>
      new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (chunk: Buffer) => {
          outputs[index] = `${outputs[index]!}${chunk.toString()}`;
          if (outputs[index].startsWith('ready\n')) resolve();
        });
        child.once('exit', () => {
          reject(new Error(`process ${index} ended early: ${outputs[index]!}`));
        });
      }),
  );
  const exits = children.map((child) => new Promise((resolve) => child.once('close', resolve)));
  await Promise.all(ready);
  for (const child of children) child.stdin.end('go\n');
  await Promise.all(exits);
  return outputs.map((output) => JSON.parse(output.slice('ready\n'.length)) as Result);
}
