/**
 * Opens the database: SQLite for one machine, PostgreSQL for several. Both clients are generated from the same models, so
 * everything else is written once against SQLite's type.
 */
import type { Client } from 'pg';

import { DatabaseProblem, unreachable } from './problem.ts';
import { type Prisma, PrismaClient } from './generated/sqlite/client.ts';
import { applyMigrations, type Dialect, type MigrationConnection, readMigrations } from './migrations.ts';
import { connectSqlite, migrateSqlite, sqliteAdapter } from './sqlite.ts';

/** SQLite's client; PostgreSQL's is cast to it here and nowhere else. */
export type Database = PrismaClient;

/**
 * What runs inside a transaction, and what a function takes that must. Do not use the `Database` itself in there: its type
 * is refused where this one is asked for.
 */
export type Transaction = Prisma.TransactionClient & { readonly $connect?: never };

export interface OpenDatabase {
  readonly db: Database;
  readonly dialect: Dialect;
  /** Names of the migrations this opening applied. */
  readonly migrated: readonly string[];
  readonly close: () => Promise<void>;
}

const clientOptions = {
  /** A transaction waits its turn (SQLite has one writer) and must not be given up under a burst; none takes long. */
  transactionOptions: { maxWait: 20_000, timeout: 20_000 },
  /** Errors end in logs: the other formats quote source lines. What this one still quotes src/service/log.ts takes out. */
  errorFormat: 'minimal',
} as const;
const postgresqlConnections = 10;
/** A server that does not answer by then, when the program starts, is said to be away. */
const connectionTimeoutMillis = 5000;

const dialects = new WeakMap<object, Dialect>();

/** Which of the two an address names, or undefined. */
export function dialectOf(url: string): Dialect | undefined {
  if (/^file:./.test(url)) return 'sqlite';
  return /^postgres(ql)?:\/\/./.test(url) ? 'postgresql' : undefined;
}

/**
 * Opens `file:…` (created when missing) or `postgresql:…` and applies the migrations that are missing, safely when several
 * processes start at once. Rejects with a DatabaseProblem whose message is a sentence for the operator.
 */
export async function openDatabase(options: {
  readonly url: string;
  readonly now?: () => Date;
}): Promise<OpenDatabase> {
  const now = options.now ?? (() => new Date());
  const dialect = dialectOf(options.url);
  if (dialect === undefined) {
    throw new DatabaseProblem('address', 'The database address must begin with file: or postgresql://.');
  }
  const opened = dialect === 'sqlite' ? await openSqlite(options.url, now()) : await openPostgresql(options.url, now());
  dialects.set(opened.db, dialect);
  return { ...opened, dialect };
}

type Opened = Omit<OpenDatabase, 'dialect'>;

async function openSqlite(url: string, now: Date): Promise<Opened> {
  const client = await connectSqlite(url).catch((error: unknown) => {
    throw unreachable('sqlite', error);
  });
  try {
    const connection = migrateSqlite(url);
    const migrated = await applyMigrations(connection, await readMigrations('sqlite'), now).finally(connection.close);
    const db = new PrismaClient({ adapter: sqliteAdapter(url, client), ...clientOptions });
    const close = async (): Promise<void> => {
      if (client.closed) return;
      await client.execute('PRAGMA wal_checkpoint(TRUNCATE)'); // what was written is in the one file, for whoever copies it
      await db.$disconnect();
      client.close(); // Prisma closes only what it has used
    };
    return { db, migrated, close };
  } catch (error) {
    client.close();
    throw error;
  }
}

async function openPostgresql(url: string, now: Date): Promise<Opened> {
  const [{ default: pg }, { PrismaPg }, generated] = await Promise.all([
    import('pg'),
    import('@prisma/adapter-pg'),
    import('./generated/postgresql/client.ts'),
  ]);
  const connection = new pg.Client({ connectionString: url, connectionTimeoutMillis });
  await connection.connect().catch((error: unknown) => {
    throw unreachable('postgresql', error);
  });
  try {
    const migrated = await applyMigrations(onPostgresql(connection), await readMigrations('postgresql'), now);
    const patience = clientOptions.transactionOptions.maxWait; // for a connection of its pool, as for a turn
    const pool = { max: postgresqlConnections, connectionTimeoutMillis: patience };
    const adapter = new PrismaPg({ connectionString: url, ...pool });
    const db = new generated.PrismaClient({ adapter, ...clientOptions });
    return { db: db as unknown as Database, migrated, close: () => db.$disconnect() };
  } finally {
    await connection.end();
  }
}

/** A connected client for migrations. */
export function onPostgresql(client: Client): MigrationConnection {
  return {
    dialect: 'postgresql',
    run: async (script) => {
      await client.query(script);
    },
    rows: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
  };
}

const conflictTries = 5;

/**
 * Runs `work` in one transaction: all of it or none. Transactions that name the same key in `alone` run one after the other
 * (on SQLite all of them do). Conflicts that PostgreSQL resolves by ending one side are tried again, so `work` must do
 * nothing but database work.
 */
export async function inTransaction<Result>(
  db: Database,
  work: (tx: Transaction) => Promise<Result>,
  alone: readonly string[] = [],
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$transaction(async (tx) => {
        if (dialects.get(db) === 'postgresql') await lockKeys(tx, alone);
        return work(tx);
      });
    } catch (error) {
      const conflict = error instanceof Error && 'code' in error && error.code === 'P2034';
      if (!conflict || attempt === conflictTries) throw error;
    }
  }
}

/** Sorted, so that two transactions never wait for each other. */
async function lockKeys(tx: Transaction, keys: readonly string[]): Promise<void> {
  for (const key of [...new Set(keys)].sort()) {
    await tx.$queryRaw`SELECT CAST(pg_advisory_xact_lock(hashtextextended(${key}, 0)) AS TEXT)`;
  }
}
