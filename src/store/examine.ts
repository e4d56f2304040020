/** Looks at a database without changing it: for the doctor. */
import { access } from 'node:fs/promises';

import { dialectOf, onPostgresql } from './database.ts';
import { type Migration, missingMigrations, readMigrations } from './migrations.ts';
import { DatabaseProblem, unreachable } from './problem.ts';
import { migrateSqlite, sqlitePath } from './sqlite.ts';

/** `missing` migrations are applied by the next start. */
export type DatabaseState = { readonly kind: 'new' } | { readonly kind: 'there'; readonly missing: number };

/**
 * Rejects with a DatabaseProblem: `unreachable` when nothing answers at the address, else as opening it would, such as `newer`
 * or `foreign`.
 */
export async function examineDatabase(url: string): Promise<DatabaseState> {
  const dialect = dialectOf(url);
  if (dialect === undefined)
    throw new DatabaseProblem('address', 'The address must begin with file: or postgresql://.');
  try {
    const missing = dialect === 'sqlite' ? await missingInSqlite(url) : await missingInPostgresql(url);
    return missing === undefined ? { kind: 'new' } : { kind: 'there', missing: missing.length };
  } catch (error) {
    if (error instanceof DatabaseProblem) throw error;
    throw unreachable(dialect, error);
  }
}

async function missingInSqlite(url: string): Promise<readonly Migration[] | undefined> {
  const isThere = await access(sqlitePath(url)).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const connection = migrateSqlite(url);
  try {
    return await missingMigrations(connection, await readMigrations('sqlite'));
  } finally {
    connection.close();
  }
}

async function missingInPostgresql(url: string): Promise<readonly Migration[]> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    return await missingMigrations(onPostgresql(client), await readMigrations('postgresql'));
  } finally {
    await client.end();
  }
}
