#!/usr/bin/env node
/**
 * Makes the two database clients under src/store/generated from prisma/schema.prisma: SQLite's as written there, and
 * PostgreSQL's from the same models. Works without a network: Prisma would download a schema engine that `generate` does
 * not use, unless told that it has one. Plain Node, because set-up runs it before anything is built.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const generated = path.join(root, 'src', 'store', 'generated');
const source = path.join(root, 'prisma', 'schema.prisma');
const derived = path.join(generated, 'postgresql.prisma');

/** The same models for PostgreSQL; a schema that no longer says what is replaced here is an error, not a silent copy. */
export function forPostgresql(schema) {
  const replaced = (text, from, to) => {
    if (!text.includes(from)) throw new Error(`prisma/schema.prisma: expected the line ${from.trim()}`);
    return text.replace(from, to);
  };
  return replaced(
    replaced(schema, 'provider = "sqlite"', 'provider = "postgresql"'),
    '"../src/store/generated/sqlite"',
    '"./postgresql"',
  );
}

function generate(schema) {
  const result = spawnSync(
    process.execPath,
    [path.join(root, 'node_modules', 'prisma', 'build', 'index.js'), 'generate', '--no-hints', '--schema', schema],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
    },
  );
  if (result.status !== 0) throw new Error(`prisma generate failed:\n${result.stdout}${result.stderr}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fs.mkdirSync(generated, { recursive: true });
  fs.writeFileSync(derived, forPostgresql(fs.readFileSync(source, 'utf8')));
  generate(source);
  generate(derived);
}
