/** Prisma's schema engine as WebAssembly, for the one thing it is needed for here: the SQL from one schema to another. */
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let started;

async function start() {
  const file = fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm')).replace(/\.js$/, '_bg.wasm');
  const compiled = await WebAssembly.compile(readFileSync(file));
  const imports = {};
  for (const { module, name } of WebAssembly.Module.imports(compiled)) (imports[module] ??= {})[name] = bindings[name];
  const instance = await WebAssembly.instantiate(compiled, imports);
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** The engine wants a database even to compare two schemas; this one only says which kind it is. */
function noDatabase(provider) {
  const adapter = {
    provider,
    adapterName: 'none',
    queryRaw: () =>
      Promise.resolve({
        columnNames: ['exists', 'version', 'numeric_version'],
        columnTypes: [5, 7, 0],
        rows: [[true, 'PostgreSQL 15.0', 150_000]],
      }),
    executeRaw: () => Promise.resolve(0),
    executeScript: () => Promise.resolve(),
    getConnectionInfo: () => ({ supportsRelationJoins: false }),
    dispose: () => Promise.resolve(),
  };
  const connect = () => Promise.resolve(adapter);
  return { provider, adapterName: 'none', connect, connectToShadowDb: connect };
}

/**
 * The SQL that turns a database of schema `from` (undefined: an empty one; `{ file }`: the SQLite database there) into one of
 * schema `to`, or a comment when nothing differs. `dialect` is sqlite or postgresql.
 */
export async function schemaDifference(dialect, from, to) {
  await (started ??= start());
  const file = (content) => ({ path: 'schema.prisma', content });
  const exists = from?.file !== undefined;
  const database = exists
    ? new PrismaLibSql({ url: `file:${from.file}` })
    : noDatabase(dialect === 'sqlite' ? 'sqlite' : 'postgres');
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [['schema.prisma', to]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(database),
  );
  const datamodel = (content) => ({ tag: 'schemaDatamodel', files: [file(content)] });
  const { stdout } = await engine.diff({
    from: exists
      ? { tag: 'schemaDatasource', files: [file(to)], configDir: '.' }
      : from === undefined
        ? { tag: 'empty' }
        : datamodel(from),
    to: datamodel(to),
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return stdout ?? '';
}
