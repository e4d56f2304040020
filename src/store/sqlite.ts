/**
 * SQLite through libsql, shared by the bot and the worker. libsql's calls are synchronous: a busy timeout of SQLite's own
 * would stop the event loop (and Discord's heartbeat) while the other process writes, so a locked database is waited for
 * here, between tries. One connection a process is enough, because Prisma's adapter runs one transaction at a time.
 */
import { createClient, type Client, type Transaction } from '@libsql/client';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import SqliteDatabase from 'libsql';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { MigrationConnection } from './migrations.ts';

/** How long a locked database is waited for; a writer holds it for milliseconds. */
const defaultPatienceMs = 15_000;
const firstPauseMs = 1;
const longestPauseMs = 16;

/**
 * Durable against the death of a process at any moment; NORMAL syncs at checkpoints only, so a power cut may lose the last
 * moments but never the file's consistency (sqlite.org/wal.html).
 */
const settings = ['PRAGMA journal_mode = WAL', 'PRAGMA foreign_keys = ON', 'PRAGMA synchronous = NORMAL'];

/** The path of a `file:` address, relative to the working folder unless absolute. */
export function sqlitePath(url: string): string {
  return decodeURIComponent(url.replace(/^file:(\/\/)?/, '').replace(/\?.*$/, ''));
}

/**
 * Opens a connection with its settings made, the folder created when it is missing. Every write waits for the lock up to
 * `patienceMs` without holding up the event loop; transactions take the lock when they begin, so that what they read is
 * still so when they write.
 */
export async function connectSqlite(url: string, patienceMs = defaultPatienceMs): Promise<Client> {
  mkdirSync(dirname(sqlitePath(url)), { recursive: true });
  const client = waiting(createClient({ url }), patienceMs);
  for (const setting of settings) await client.execute(setting);
  return client;
}

/** Prisma's adapter factory over such a connection. */
export function sqliteAdapter(url: string, client: Client): PrismaLibSql {
  return new (class extends PrismaLibSql {
    override createClient(): Client {
      return client;
    }
  })({ url });
}

/**
 * A connection of its own for migrations, because the client above ends a transaction after every script. Nothing else
 * happens in the process yet, so this one waits inside SQLite.
 */
export function migrateSqlite(url: string): MigrationConnection & { close: () => void } {
  const connection = new SqliteDatabase(sqlitePath(url), { timeout: defaultPatienceMs });
  return {
    dialect: 'sqlite',
    run: (script) => {
      connection.exec(script);
      return Promise.resolve();
    },
    rows: (sql) => Promise.resolve(connection.prepare(sql).all() as Record<string, unknown>[]),
    close: () => {
      connection.close();
    },
  };
}

function waiting(client: Client, patienceMs: number): Client {
  const patiently = <Result>(work: () => Promise<Result>): Promise<Result> => whenFree(work, patienceMs);
  return {
    execute: (...args: Parameters<Client['execute']>) => patiently(() => client.execute(...args)),
    executeMultiple: (sql) => patiently(() => client.executeMultiple(sql)),
    batch: (statements, mode) => patiently(() => client.batch(statements, mode)),
    migrate: (statements) => patiently(() => client.migrate(statements)),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the name is deprecated only when called without a mode
    transaction: async () => {
      await patiently(() => client.execute('BEGIN IMMEDIATE'));
      return transactionOn(client);
    },
    sync: () => client.sync(),
    reconnect: () => {
      client.reconnect();
    },
    close: () => {
      client.close();
    },
    get closed() {
      return client.closed;
    },
    protocol: client.protocol,
  };
}

/** A transaction on the client's own connection; libsql's would open another one for it and never close the old. */
function transactionOn(client: Client): Transaction {
  let closed = false;
  const end = async (sql: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    if (closed) return;
    await client.execute(sql);
    closed = true;
  };
  return {
    execute: (statement) => client.execute(statement),
    executeMultiple: (sql) => client.executeMultiple(sql),
    batch: async (statements) => {
      const results = [];
      for (const statement of statements) results.push(await client.execute(statement));
      return results;
    },
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
    close: () => {
      void end('ROLLBACK');
    },
    get closed() {
      return closed;
    },
  };
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^SQLITE_(BUSY|LOCKED)/.test(String(error.code));

async function whenFree<Result>(work: () => Promise<Result>, patienceMs: number): Promise<Result> {
  const deadline = performance.now() + patienceMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() + pause > deadline) throw error;
    }
    await sleep(pause);
  }
}
