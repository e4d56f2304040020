/** A little world for installation tests: a package with two networks in it, its registry, and an empty cache. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import type { Catalog, CatalogFile, CatalogModel } from '../../../src/engine/model/catalog.ts';
import type { InstallOptions } from '../../../src/engine/model/install.ts';
import { startFileServer, type FileServer } from './file-server.ts';
import { ncnnFile } from './import/ncnn-file.ts';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** x -> factor * x, as an ncnn network; the filler makes it large enough to be cut in the middle of. */
function scaling(factor: number): { readonly param: Uint8Array; readonly bin: Uint8Array } {
  const size = 64;
  const filler = Array.from({ length: size * size }, (_, index) => ((index * 7_919) % 10_007) / 10_007);
  const { param, weights } = ncnnFile(
    [
      'Input x 0 1 x',
      'Split copies 1 2 x x0 x1',
      'Convolution scale 1 1 x0 y 0=1 1=1 6=1',
      `Convolution filler 1 1 x1 z 0=1 1=${size} 6=${size * size}`,
    ],
    [
      { storage: 'single', values: [factor] },
      { storage: 'single', values: filler },
    ],
  );
  return { param: new TextEncoder().encode(param), bin: weights };
}

export const packageName = 'weights-of-test@1.0.0';

export interface World {
  readonly folder: string;
  readonly cacheDir: string;
  readonly server: FileServer;
  readonly catalog: Catalog;
  /** Path of the tarball on the server. */
  readonly tarball: string;
  /** The bytes of the files by `<model>/<file>`. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly options: InstallOptions;
  close(): Promise<void>;
}

function modelOf(id: string, files: readonly CatalogFile[], format: CatalogModel['format']): CatalogModel {
  const tensor = (name: string) => ({ name, type: 'float32' as const, dims: [1, 1, 'height', 'width'], meaning: name });
  return {
    id,
    title: id,
    role: 'upscaling',
    usedBy: 'restore',
    required: id === 'table',
    licence: { id: 'MIT', holder: 'nobody', statedIn: 'here' },
    architecture: 'one multiplication',
    format,
    files: [...files],
    inputs: format === 'raw' ? [] : [tensor('x')],
    outputs: format === 'raw' ? [] : [tensor('y')],
    scale: 1,
    multipleOf: 1,
    margin: 0,
    cost: null,
    card: 'cards/none.md',
  };
}

/** Packs the contents as npm does, with a program, a link and a path upwards beside them. */
async function pack(folder: string, contents: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const root = join(folder, 'packed');
  for (const [path, bytes] of contents) {
    const target = join(root, 'package', 'weights', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
  writeFileSync(join(root, 'package', 'install.js'), 'process.exit(1)');
  symlinkSync('/etc/passwd', join(root, 'package', 'weights', 'link.bin'));
  writeFileSync(join(root, 'outside'), 'outside');
  const file = join(folder, 'package.tgz');
  const entries = ['package', './package/../outside'];
  await create({ file, cwd: root, gzip: true, portable: true, preservePaths: true }, entries);
  return readFileSync(file);
}

export async function createWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'lumiere-install-'));
  const server = await startFileServer(folder);
  const [double, triple] = [scaling(2), scaling(3)];
  const contents = new Map<string, Uint8Array>([
    ['double/net.param', double.param],
    ['double/net.bin', double.bin],
    ['triple/net.param', triple.param],
    ['triple/net.bin', triple.bin],
    ['table/table.bin', randomBytes(20_000)],
    ['broken/net.param', new TextEncoder().encode('not a network')],
    ['broken/net.bin', double.bin],
  ]);
  const packed = await pack(folder, contents);
  const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`;
  const [name = '', version = ''] = packageName.split('@');
  const packages = { [packageName]: { name, version, integrity, bytes: packed.byteLength } };
  const file = (id: string, fileName: string): CatalogFile => {
    const bytes = contents.get(`${id}/${fileName}`)!;
    const path = `weights/${id}/${fileName}`;
    return {
      name: fileName,
      bytes: bytes.byteLength,
      sha256: sha256Of(bytes),
      sources: [{ kind: 'npm', package: packageName, path }],
    };
  };
  const network = (id: string): CatalogModel => modelOf(id, [file(id, 'net.param'), file(id, 'net.bin')], 'ncnn');
  const table = file('table', 'table.bin');
  const https = { kind: 'https' as const, url: server.serve('/table.bin', contents.get('table/table.bin')!) };
  const unpinned: CatalogFile = { ...table, sha256: null, sources: [https] };
  const unsized: CatalogFile = { ...unpinned, bytes: null };
  const twice: CatalogFile = { ...table, name: 'copy.bin', sources: [...table.sources, https] };
  const catalog: Catalog = {
    packages,
    models: [
      network('double'),
      network('triple'),
      modelOf('table', [table], 'raw'),
      network('broken'),
      modelOf('unpinned', [unpinned], 'raw'),
      modelOf('unsized', [unsized], 'raw'),
      modelOf('two-sources', [twice], 'raw'),
    ],
  };
  const cacheDir = join(folder, 'cache');
  return {
    folder,
    cacheDir,
    server,
    catalog,
    tarball: server.publish(packages[packageName], packed),
    contents,
    options: {
      cacheDir,
      catalog,
      npmSettings: { registry: server.url, cache: join(folder, 'npm-cache') },
      retry: { retries: 3, pauseMs: 10, stallMs: 600_000 },
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
