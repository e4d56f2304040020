/** Looks at a database without changing it: for the doctor. */
import { access } from 'node:fs/promises';

import { dialectOf } from './database.ts';
import { readMigrations } from './migrations.ts';
import { DatabaseProblem } from './problem.ts';
import { migrateSqlite, sqlitePath } from './sqlite.ts';

/** `missing` migrations are applied by the next start. */
export type DatabaseState = { readonly kind: 'new' } | { readonly kind: 'there'; readonly missing: number };

const appliedNames = 'SELECT migration_name AS name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL';

/** Rejects with a DatabaseProblem, `unreachable`, when nothing answers at the address. */
export async function examineDatabase(url: string): Promise<DatabaseState> {
  const dialect = dialectOf(url);
  if (dialect === undefined)
    throw new DatabaseProblem('address', 'The address must begin with file: or postgresql://.');
  try {
    const applied = dialect === 'sqlite' ? await appliedInSqlite(url) : await appliedInPostgresql(url);
    if (applied === undefined) return { kind: 'new' };
    const known = new Set(applied);
    return { kind: 'there', missing: (await readMigrations(dialect)).filter(({ name }) => !known.has(name)).length };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseProblem('unreachable', `The database cannot be opened: ${reason}`, { cause: error });
  }
}

async function appliedInSqlite(url: string): Promise<string[] | undefined> {
  const isThere = await access(sqlitePath(url)).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const connection = migrateSqlite(url);
  try {
    const tables = await connection.rows("SELECT name FROM sqlite_master WHERE name = '_prisma_migrations'");
    return tables.length === 0 ? [] : (await connection.rows(appliedNames)).map(({ name }) => String(name));
  } finally {
    connection.close();
  }
}

async function appliedInPostgresql(url: string): Promise<string[]> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ there: unknown }>(`SELECT to_regclass('"_prisma_migrations"') AS there`);
    if (rows[0]?.there == null) return [];
    return (await client.query<{ name: string }>(appliedNames)).rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
