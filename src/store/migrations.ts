/**
 * Brings a database to the schema of this version: the SQL files of prisma/migrations, in the order of their names, in one
 * transaction with their rows in `_prisma_migrations` (Prisma's own table and checksums, so that its tools agree). Two
 * processes that start at once take turns: SQLite's write lock, an advisory lock on PostgreSQL.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DatabaseProblem } from './problem.ts';

export type Dialect = 'sqlite' | 'postgresql';

/** One connection that runs scripts (several statements, no parameters) and reads rows. */
export interface MigrationConnection {
  readonly dialect: Dialect;
  run(script: string): Promise<void>;
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export const migrationsFolder = join(import.meta.dirname, '..', '..', 'prisma', 'migrations');

/** The migrations of a dialect, oldest first. */
export async function readMigrations(dialect: Dialect, folder = migrationsFolder): Promise<Migration[]> {
  const entries = await readdir(join(folder, dialect), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, dialect, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** Any number that no other program's advisory lock is likely to be. */
const advisoryLock = 727_073_690_719;

const historyTable: Readonly<Record<Dialect, string>> = {
  sqlite: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL,
    "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0);`,
  postgresql: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0);`,
};

/**
 * Applies what is missing and resolves to the names applied. All or nothing: a fault leaves the database as it was.
 * Rejects as `missingMigrations` does, and with a DatabaseProblem when the SQL of one fails.
 */
export async function applyMigrations(
  connection: MigrationConnection,
  migrations: readonly Migration[],
  now: Date,
): Promise<string[]> {
  const sqlite = connection.dialect === 'sqlite';
  // Rebuilding a table drops the old one, which with foreign keys on would delete what refers to it; off works only outside a transaction.
  if (sqlite) await connection.run('PRAGMA foreign_keys = OFF');
  await connection.run(sqlite ? 'BEGIN IMMEDIATE' : `BEGIN; SELECT pg_advisory_xact_lock(${advisoryLock});`);
  try {
    const missing = await missingMigrations(connection, migrations);
    await connection.run(historyTable[connection.dialect]);
    for (const migration of missing) await apply(connection, migration, now);
    if (sqlite && missing.length > 0) await checkForeignKeys(connection);
    await connection.run('COMMIT');
    return missing.map(({ name }) => name);
  } catch (error) {
    await rollBack(connection);
    throw error;
  } finally {
    if (sqlite) await connection.run('PRAGMA foreign_keys = ON');
  }
}

/** Best effort: some faults have ended the transaction already. */
async function rollBack(connection: MigrationConnection): Promise<void> {
  try {
    await connection.run('ROLLBACK');
  } catch {
    // no transaction is open
  }
}

/**
 * Those of `migrations` that are not applied yet; nothing is changed. Rejects with a DatabaseProblem when an applied one was
 * edited, was left half applied (by another tool) or is not known to this version, or when the database is another program's.
 */
export async function missingMigrations(
  connection: MigrationConnection,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  if (!(await hasHistory(connection))) return migrations;
  const rows = await connection.rows(
    'SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of rows) {
    const name = String(row['name']);
    const migration = known.get(name);
    if (migration === undefined) {
      throw new DatabaseProblem(
        'newer',
        `The database was changed by a newer Lumière (migration ${name}). Start that version, or restore a backup made before the update.`,
      );
    }
    if (!row['finished']) {
      throw new DatabaseProblem(
        'migration-unfinished',
        `The migration ${name} was begun and not finished by another program. Restore a backup of the database, or repair it and mark the migration with "prisma migrate resolve".`,
      );
    }
    if (row['checksum'] !== migration.checksum) {
      throw new DatabaseProblem(
        'migration-edited',
        `The migration ${name} was applied to this database and its file was edited since. Put the file back as it was (git checkout prisma/migrations) and start again.`,
      );
    }
  }
  const applied = new Set(rows.map((row) => String(row['name'])));
  return migrations.filter(({ name }) => !applied.has(name));
}

/** False for a database that nothing was written to. On PostgreSQL extensions bring tables of their own, which say nothing. */
async function hasHistory(connection: MigrationConnection): Promise<boolean> {
  if (connection.dialect === 'postgresql') {
    const [row] = await connection.rows(`SELECT to_regclass('"_prisma_migrations"') AS there`);
    return row?.['there'] != null;
  }
  const tables = await connection.rows(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
  );
  if (tables.some(({ name }) => name === '_prisma_migrations')) return true;
  if (tables.length === 0) return false;
  throw new DatabaseProblem(
    'foreign',
    'The database is of another program: it has tables, and no history of Lumière. Set DATABASE_URL to a file of its own.',
  );
}

async function apply(connection: MigrationConnection, migration: Migration, now: Date): Promise<void> {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const at = quoted(now.toISOString().replace('Z', '+00:00'));
  const values = [quoted(randomUUID()), quoted(migration.checksum), quoted(migration.name), at, at, '1'].join(', ');
  try {
    await connection.run(migration.sql);
  } catch (error) {
    throw new DatabaseProblem(
      'migration-failed',
      `The migration ${migration.name} could not be applied; the database is as it was before. The database said: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  await connection.run(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES (${values});`,
  );
}

async function checkForeignKeys(connection: MigrationConnection): Promise<void> {
  const [broken] = await connection.rows('PRAGMA foreign_key_check');
  if (broken === undefined) return;
  throw new DatabaseProblem(
    'migration-failed',
    `A migration would leave rows of ${String(broken['table'])} that refer to nothing; the database is as it was before.`,
  );
}
