/** Migrations: applied once, by whoever comes first; refused when what is there is not what was applied. */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDatabase } from '../../src/store/database.ts';
import { applyMigrations, type Migration, migrationsFolder, readMigrations } from '../../src/store/migrations.ts';
import { DatabaseProblem, type DatabaseProblemCode } from '../../src/store/problem.ts';
import { migrateSqlite } from '../../src/store/sqlite.ts';
import { scratchFolder } from '../clips.ts';
import { inProcesses, onEachDatabase } from './databases.ts';
import { start } from './fixtures.ts';

const root = join(import.meta.dirname, '..', '..');
const migration = (name: string, sql: string): Migration => ({
  name,
  sql,
  checksum: createHash('sha256').update(sql).digest('hex'),
});

const problem = (code: DatabaseProblemCode, words: string): unknown =>
  expect.objectContaining({ name: 'DatabaseProblem', code, message: expect.stringContaining(words) as unknown });

onEachDatabase(({ dialect, newUrl, open }) => {
  it('brings a new database to the schema, writes the history as Prisma does, and does nothing the second time', async () => {
    const url = await newUrl();
    const known = await readMigrations(dialect);
    const first = await open(url);
    expect(first.migrated).toEqual(known.map(({ name }) => name));
    expect(first.dialect).toBe(dialect);
    expect(await first.db.request.count()).toBe(0);
    const second = await open(url);
    expect(second.migrated).toEqual([]);
    const rows = await second.db.$queryRaw<{ migration_name: string; checksum: string; steps: string }[]>`
      SELECT migration_name, checksum, CAST(applied_steps_count AS TEXT) AS steps FROM "_prisma_migrations"
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`;
    expect(rows).toEqual(
      known.map(({ name }) => ({
        migration_name: name,
        checksum: createHash('sha256')
          .update(readFileSync(join(migrationsFolder, dialect, name, 'migration.sql')))
          .digest('hex'),
        steps: '1',
      })),
    );
  });

  it('applies each migration once when four processes start at the same moment', async () => {
    const url = await newUrl();
    const migrated = await inProcesses<string[]>(4, ['open', url]);
    const known = (await readMigrations(dialect)).map(({ name }) => name);
    expect(migrated.flat().sort()).toEqual(known);
    const { db } = await open(url);
    const [row] = await db.$queryRaw<{ n: unknown }[]>`SELECT COUNT(*) AS n FROM "_prisma_migrations"`;
    expect(Number(row!.n)).toBe(known.length);
  });

  it.each([
    ['was edited', 'migration-edited', `UPDATE "_prisma_migrations" SET checksum = 'other'`],
    ['was left half applied', 'migration-unfinished', `UPDATE "_prisma_migrations" SET finished_at = NULL`],
    ['is of a newer version', 'newer', `UPDATE "_prisma_migrations" SET migration_name = '20990101000000_later'`],
  ] as const)('refuses a database whose migration %s, in a sentence', async (_, code, change) => {
    const url = await newUrl();
    const [first] = await readMigrations(dialect);
    const { db } = await open(url);
    await db.$executeRawUnsafe(`${change} WHERE migration_name = '${first!.name}'`);
    const named = code === 'newer' ? '20990101000000_later' : first!.name;
    await expect(openDatabase({ url })).rejects.toEqual(problem(code, named));
  });

  it('takes no notice of a migration that was rolled back', async () => {
    const url = await newUrl();
    const { db } = await open(url);
    await db.$executeRawUnsafe(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, rolled_back_at) VALUES ('x', 'y', '20200101000000_tried', '2020-01-01T00:00:00+00:00', '2020-01-01T00:00:00+00:00')`,
    );
    expect((await open(url)).migrated).toEqual([]);
  });
});

describe('what cannot be opened', () => {
  it.each([
    ['mysql://somewhere/lumiere', 'address', 'file: or postgresql://'],
    ['postgresql://lumiere@localhost/lumiere?host=/nowhere/at/all', 'unreachable', '/nowhere/at/all'],
    ['file:/dev/null/lumiere.db', 'unreachable', '/dev/null'],
  ] as const)('%s: %s', async (url, code, words) => {
    await expect(openDatabase({ url })).rejects.toEqual(problem(code, words));
  });
});

describe('migrations of SQLite', () => {
  let folder: Awaited<ReturnType<typeof scratchFolder>>;
  beforeAll(async () => {
    folder = await scratchFolder();
  });
  afterAll(() => folder.remove());

  it('are up to date with prisma/schema.prisma', async () => {
    const schema = readFileSync(join(root, 'prisma', 'schema.prisma'), 'utf8');
    expect(readFileSync(join(migrationsFolder, 'schema.prisma'), 'utf8')).toBe(schema);
    const path = join(folder.path, 'schema.db');
    await (await openDatabase({ url: `file:${path}` })).close();
    const check = promisify(execFile)(process.execPath, [join(root, 'scripts', 'migration.mjs'), '--check', path]);
    expect((await check).stdout.trim()).toBe('-- This is an empty migration.');
    // The check sees what is planted.
    const connection = migrateSqlite(`file:${path}`);
    await connection.run('DROP INDEX "Block_userId_idx"');
    connection.close();
    const planted = promisify(execFile)(process.execPath, [join(root, 'scripts', 'migration.mjs'), '--check', path]);
    expect((await planted).stdout).toContain('CREATE INDEX "Block_userId_idx"');
  });

  it('leave the file of another program as it is', async () => {
    const url = `file:${join(folder.path, 'foreign.db')}`;
    const connection = migrateSqlite(url);
    await connection.run('CREATE TABLE "places" ("name" TEXT)');
    await expect(openDatabase({ url })).rejects.toEqual(problem('foreign', 'another program'));
    expect(await connection.rows('SELECT name FROM sqlite_master')).toEqual([{ name: 'places' }]);
    connection.close();
  });

  it('are all or nothing: a faulty one leaves the database as it was', async () => {
    const connection = migrateSqlite(`file:${join(folder.path, 'faulty.db')}`);
    const good = migration('1_good', 'CREATE TABLE "A" ("x" INTEGER);');
    const bad = migration('2_bad', 'CREATE TABLE "B" ("x" INTEGER); CREATE TABLE "A" ("x" INTEGER);');
    await expect(applyMigrations(connection, [good, bad], start)).rejects.toEqual(problem('migration-failed', '2_bad'));
    expect(await connection.rows(`SELECT name FROM sqlite_master WHERE type = 'table'`)).toEqual([]);
    expect(await applyMigrations(connection, [good], start)).toEqual(['1_good']);
    connection.close();
  });

  it('may rebuild a table without losing the rows that refer to it, and may not leave them referring to nothing', async () => {
    const connection = migrateSqlite(`file:${join(folder.path, 'rebuilt.db')}`);
    const first = migration(
      '1_first',
      `CREATE TABLE "Parent" ("id" INTEGER PRIMARY KEY);
       CREATE TABLE "Child" ("id" INTEGER PRIMARY KEY, "parent" INTEGER REFERENCES "Parent" ("id") ON DELETE CASCADE);
       INSERT INTO "Parent" VALUES (1); INSERT INTO "Child" VALUES (1, 1);`,
    );
    const rebuild = migration(
      '2_rebuild',
      `PRAGMA defer_foreign_keys=ON; PRAGMA foreign_keys=OFF;
       CREATE TABLE "new_Parent" ("id" INTEGER PRIMARY KEY, "name" TEXT);
       INSERT INTO "new_Parent" ("id") SELECT "id" FROM "Parent";
       DROP TABLE "Parent"; ALTER TABLE "new_Parent" RENAME TO "Parent";
       PRAGMA foreign_keys=ON; PRAGMA defer_foreign_keys=OFF;`,
    );
    const orphan = migration('3_orphan', 'DELETE FROM "Parent";');
    await applyMigrations(connection, [first, rebuild], start);
    expect(await connection.rows('SELECT * FROM "Child"')).toEqual([{ id: 1, parent: 1 }]);
    await expect(applyMigrations(connection, [first, rebuild, orphan], start)).rejects.toBeInstanceOf(DatabaseProblem);
    expect(await connection.rows('SELECT "id" FROM "Parent"')).toEqual([{ id: 1 }]);
    expect(await connection.rows('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    connection.close();
  });

  it('begin again where a process was killed in the middle', async () => {
    const url = `file:${join(folder.path, 'killed.db')}`;
    const script = `
      import { applyMigrations, readMigrations } from ${JSON.stringify(join(root, 'src/store/migrations.ts'))};
      import { migrateSqlite } from ${JSON.stringify(join(root, 'src/store/sqlite.ts'))};
      const connection = migrateSqlite(${JSON.stringify(url)});
      const run = (sql) => sql.includes('TRIGGER') ? process.kill(process.pid, 'SIGKILL') : connection.run(sql);
      await applyMigrations({ ...connection, run }, await readMigrations('sqlite'), new Date());`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { cwd: root });
    const signal = await new Promise((resolve) =>
      child.once('exit', (_, reason) => {
        resolve(reason);
      }),
    );
    expect(signal).toBe('SIGKILL');
    const { migrated, close } = await openDatabase({ url });
    expect(migrated).toEqual((await readMigrations('sqlite')).map(({ name }) => name));
    await close();
  });
});
