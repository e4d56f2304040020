#!/usr/bin/env node
/**
 * Writes the next migration of both databases from what changed in prisma/schema.prisma since the last one
 * (prisma/migrations/schema.prisma is a copy of it as it was then): `npm run migration NAME`. No database and no network.
 * Read the SQL before committing it: a table that is rebuilt loses its triggers, which must then be made again.
 *
 *   npm run migration NAME              lower-case words joined by hyphens
 *   npm run migration -- --check FILE   prints what an SQLite database lacks to be as the schema says
 */
import * as fs from 'node:fs';
import * as path from 'node:path';

import { forPostgresql } from './generate.mjs';
import { schemaDifference } from './schema-difference.mjs';

const folder = path.join(import.meta.dirname, '..', 'prisma');
const snapshotFile = path.join(folder, 'migrations', 'schema.prisma');
const schema = fs.readFileSync(path.join(folder, 'schema.prisma'), 'utf8');
const inDialect = (dialect, text) => (dialect === 'sqlite' ? text : forPostgresql(text));

async function writeMigration(name) {
  const before = fs.existsSync(snapshotFile) ? fs.readFileSync(snapshotFile, 'utf8') : undefined;
  if (before === schema) throw new Error('prisma/schema.prisma has not changed since the last migration');
  const stamp = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const written = [];
  for (const dialect of ['sqlite', 'postgresql']) {
    const from = before === undefined ? undefined : inDialect(dialect, before);
    const difference = await schemaDifference(dialect, from, inDialect(dialect, schema));
    // "public" is there, and a user that owns no database may not even ask for it.
    const sql = difference.replace(/^-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n\n/, '');
    written.push([path.join(folder, 'migrations', dialect, `${stamp}_${name.replaceAll('-', '_')}`), sql]);
  }
  for (const [target, sql] of written) {
    fs.mkdirSync(target, { recursive: true });
    fs.writeFileSync(path.join(target, 'migration.sql'), sql);
    process.stdout.write(`${path.join(target, 'migration.sql')}\n`);
  }
  fs.writeFileSync(snapshotFile, schema);
}

const [first, second, ...rest] = process.argv.slice(2);
if (first === '--check' && second !== undefined && rest.length === 0) {
  process.stdout.write(await schemaDifference('sqlite', { file: second }, schema));
} else if (first !== undefined && /^[a-z][a-z0-9-]*$/.test(first) && second === undefined) {
  await writeMigration(first);
} else {
  process.stderr.write('usage: npm run migration NAME | npm run migration -- --check FILE\n');
  process.exitCode = 2;
}
