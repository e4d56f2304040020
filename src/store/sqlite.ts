/**
 * SQLite through libsql, shared by the bot and the worker. libsql's calls are synchronous: a busy timeout of SQLite's own
 * would stop the event loop (and Discord's heartbeat) while the other process writes, so a locked database is waited for
 * here, between tries. One connection a process is enough, because Prisma's adapter runs one transaction at a time.
 */
import type { Client, InArgs, InStatement, ResultSet, Transaction } from '@libsql/client';
import { Sqlite3Client } from '@libsql/client/sqlite3';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import SqliteDatabase from 'libsql';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { MigrationConnection } from './migrations.ts';

/** How long a locked database is waited for; a writer holds it for milliseconds. */
const patienceMs = 15_000;
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
 * Opens a connection with its settings made; folder and file are created when they are missing, for their owner alone. Whatever writes takes the lock first
 * and waits for it up to 15 s without holding up the event loop; a transaction takes it when it begins, so that what it
 * reads is still so when it writes.
 */
export async function connectSqlite(url: string): Promise<Client> {
  const path = sqlitePath(url);
  createForOwner(path);
  const connection = new SqliteDatabase(path);
  try {
    for (const setting of settings) {
      await whenFree(() => {
        connection.exec(setting);
      });
    }
    return clientOn(connection, path);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** SQLite would make the file as the umask says, and gives -wal and -shm the permissions that the file has. */
function createForOwner(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** Prisma's adapter factory over such a connection. */
export function sqliteAdapter(url: string, client: Client): PrismaLibSql {
  return new (class extends PrismaLibSql {
    override createClient(): Client {
      return client;
    }
  })({ url });
}

/** A connection for migrations: scripts and rows, in the transaction the caller begins. Nothing else happens yet, so this one waits inside SQLite. */
export function migrateSqlite(url: string): MigrationConnection & { close: () => void } {
  const connection = new SqliteDatabase(sqlitePath(url), { timeout: patienceMs });
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

const readsOnly = /^\s*(select|pragma|explain)\b/i;

/**
 * The client that Prisma's adapter speaks to. libsql's own is used for single statements; its transactions are not, because
 * they open another connection each time and never close the old one. BEGIN and COMMIT go through `exec`: a prepared BEGIN
 * that found the database locked stays under way and no transaction can be committed any more.
 */
function clientOn(connection: SqliteDatabase.Database, path: string): Client {
  const client = new Sqlite3Client(path, {}, connection, 'number');
  const begin = (): Promise<void> =>
    whenFree(() => {
      connection.exec('BEGIN IMMEDIATE');
    });
  const end = (sql: 'COMMIT' | 'ROLLBACK'): void => {
    if (connection.inTransaction) connection.exec(sql);
  };
  const alone = async (work: () => Promise<ResultSet>): Promise<ResultSet> => {
    await begin();
    try {
      const result = await work();
      end('COMMIT');
      return result;
    } finally {
      end('ROLLBACK'); // nothing is left to roll back after a commit
    }
  };
  const transaction: Transaction = {
    execute: (statement) => client.execute(statement),
    executeMultiple: (sql) => client.executeMultiple(sql),
    batch: async (statements) => {
      const results = [];
      for (const statement of statements) results.push(await client.execute(statement));
      return results;
    },
    commit: () => {
      end('COMMIT');
      return Promise.resolve();
    },
    rollback: () => {
      end('ROLLBACK');
      return Promise.resolve();
    },
    close: () => {
      end('ROLLBACK');
    },
    get closed() {
      return !connection.inTransaction;
    },
  };
  return {
    execute: (statement: InStatement | string, args?: InArgs) => {
      const sql = typeof statement === 'string' ? statement : statement.sql;
      const work = (): Promise<ResultSet> => client.execute(statement, args);
      return readsOnly.test(sql) ? whenFree(work) : alone(work);
    },
    executeMultiple: (sql) => client.executeMultiple(sql),
    batch: (statements, mode) => client.batch(statements, mode),
    migrate: (statements) => client.migrate(statements),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the name is deprecated only when called without a mode
    transaction: async () => {
      await begin();
      return transaction;
    },
    sync: () => client.sync(),
    reconnect: () => {
      void client.reconnect();
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

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^SQLITE_(BUSY|LOCKED)/.test(String(error.code));

async function whenFree<Result>(work: () => Result | Promise<Result>): Promise<Result> {
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
