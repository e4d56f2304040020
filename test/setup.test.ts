/**
 * The set-up, run for real in small checkouts of their own: npm installs (from the checkout itself, without a network), a
 * stand-in compiler builds, and the programs and installers found are those of a folder that is the whole PATH.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { scratchFolder } from './clips.ts';

const root = join(import.meta.dirname, '..');
const isRoot = process.getuid?.() === 0;
/** Nobody, where this process may become them: the set-up must not think it is root. */
const asNobody = isRoot ? { uid: 65534, gid: 65534 } : {};

const npmCli = [...(process.env['PATH'] ?? '').split(delimiter), join(dirname(process.execPath))]
  .map((folder) => join(folder, 'npm'))
  .filter((file) => existsSync(file))
  .map((file) => realpathSync(file))
  .find((file) => file.endsWith('.js'));

interface Outcome {
  readonly status: number;
  readonly output: string;
}

/** A compiler that copies `src` to `dist` under the endings of a build, and counts its runs. */
const compiler = `
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
appendFileSync('compiled.log', 'once\\n');
const wait = Number(process.env.SLOW_COMPILER ?? 0);
if (wait > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait);
for (const folder of ['engine/model', 'store/generated/sqlite', 'store/generated/postgresql']) {
  mkdirSync('dist/' + folder, { recursive: true });
}
for (const name of readdirSync('src', { recursive: true }).map(String).filter((name) => name.endsWith('.ts'))) {
  writeFileSync('dist/' + name.replace(/ts$/, 'js'), readFileSync('src/' + name));
}
`;

/** A generator of database clients that counts its runs. */
const generator = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('generated.log', 'once\\n');
for (const dialect of ['sqlite', 'postgresql']) {
  mkdirSync('src/store/generated/' + dialect, { recursive: true });
  writeFileSync('src/store/generated/' + dialect + '/client.ts', '');
}
`;

interface Checkout {
  readonly path: string;
  readonly programs: string;
  /** Runs the set-up with nothing on the PATH but `programs`. */
  run(args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome>;
  /** Puts a shell script into `programs`. */
  program(name: string, script?: string): Promise<void>;
  /** How often the compiler has run. */
  builds(): Promise<number>;
}

/** What the set-up sees of its surroundings. */
const surroundings = (path: string): NodeJS.ProcessEnv => ({
  PATH: join(path, 'programs'),
  HOME: path,
  npm_execpath: npmCli,
  npm_config_offline: 'true',
});

function describeCheckout(path: string): Checkout {
  const programs = join(path, 'programs');
  return {
    path,
    programs,
    run: (args = [], env = {}) =>
      new Promise((resolve) => {
        const command = [join(path, 'scripts', 'setup.mjs'), ...args];
        const options = { cwd: path, env: { ...surroundings(path), ...env }, ...asNobody };
        execFile(process.execPath, command, options, (error, stdout, stderr) => {
          resolve({ status: error ? Number(error.code ?? -1) : 0, output: stdout + stderr });
        });
      }),
    program: async (name, script = 'exit 0') => {
      await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(programs, name), 0o755);
    },
    builds: async () => {
      const log = await readFile(join(path, 'compiled.log'), 'utf8').catch(() => '');
      return log.split('\n').length - 1;
    },
  };
}

const made: (() => Promise<void>)[] = [];

async function checkout(): Promise<Checkout> {
  const folder = await scratchFolder();
  made.push(folder.remove);
  const { path } = folder;
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), text);
  };
  await mkdir(join(path, 'programs'));
  await cp(join(root, 'scripts', 'setup.mjs'), join(path, 'scripts', 'setup.mjs'));
  const typescript = { name: 'typescript', version: '1.0.0', type: 'module' };
  await write('compiler/package.json', JSON.stringify(typescript));
  await write('compiler/bin/tsc', compiler);
  const dependencies = { typescript: 'file:compiler' };
  await write(
    'package.json',
    JSON.stringify({ name: 'small', type: 'module', engines: { node: '>=20.19' }, dependencies }),
  );
  await write(
    'package-lock.json',
    JSON.stringify({
      name: 'small',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'small', dependencies },
        compiler: { name: 'typescript', version: '1.0.0' },
        'node_modules/typescript': { resolved: 'compiler', link: true },
      },
    }),
  );
  await write('prisma/schema.prisma', '');
  await write('scripts/generate.mjs', generator);
  await write('tsconfig.json', '{}');
  await write('tsconfig.build.json', '{}');
  // What the set-up asks of the build: where weights are kept, which are there, and the command that fetches them.
  await write('src/config.ts', "export const readConfig = () => ({ modelsDir: 'weights' });");
  await write(
    'src/engine/model/model-list.ts',
    "import { existsSync } from 'node:fs';\nexport const listModels = (folder) => [{ entry: { required: true }, state: existsSync(folder) ? 'installed' : 'absent' }, { entry: { required: false }, state: 'absent' }];",
  );
  await write(
    'src/cli.ts',
    "import { mkdirSync } from 'node:fs';\nif (process.argv[2] + process.argv[3] === 'modelsinstall') mkdirSync('weights');",
  );
  await chmod(path, 0o777);
  await new Promise((resolve) => execFile('chmod', ['-R', 'a+rwX', path], resolve));
  return describeCheckout(path);
}

afterAll(async () => {
  for (const remove of made) await remove();
});

describe.skipIf(npmCli === undefined)('set-up: packages and build', () => {
  it('installs and builds once, then does nothing and says so', async () => {
    const small = await checkout();
    const first = await small.run(['--build']);
    expect(first).toMatchObject({ status: 0 });
    expect(first.output).toContain('npm ci');
    expect(first.output).toContain('building');
    const second = await small.run(['--build']);
    expect(second.status).toBe(0);
    expect(second.output).toMatch(/^setup: nothing missing \(\d+\.\d s\)\n$/);
    expect(await small.builds()).toBe(1);
  });

  it('builds again when a source changes, when a built file is gone, and takes away what no source makes', async () => {
    const small = await checkout();
    await small.run(['--build']);
    await writeFile(join(small.path, 'src', 'cli.ts'), 'export {};');
    await small.run(['--build']);
    expect(await readFile(join(small.path, 'dist', 'cli.js'), 'utf8')).toBe('export {};');
    await rm(join(small.path, 'dist', 'config.js'));
    await small.run(['--build']);
    expect(existsSync(join(small.path, 'dist', 'config.js'))).toBe(true);
    await rm(join(small.path, 'src', 'config.ts'));
    expect((await small.run(['--build'])).output).not.toContain('npm ci');
    expect(existsSync(join(small.path, 'dist', 'config.js'))).toBe(false);
    expect(await small.builds()).toBe(4);
  });

  it('generates the database clients when they are missing or the schema changed, and only then', async () => {
    const small = await checkout();
    const client = join(small.path, 'src', 'store', 'generated', 'postgresql', 'client.ts');
    const runs = async (): Promise<number> =>
      (await readFile(join(small.path, 'generated.log'), 'utf8')).split('\n').length - 1;
    await small.run(['--build']);
    expect(existsSync(client)).toBe(true);
    await small.run(['--build']);
    expect(await runs()).toBe(1);
    await rm(client);
    expect((await small.run(['--build'])).output).toContain('generating the database clients');
    expect(existsSync(client)).toBe(true);
    await writeFile(join(small.path, 'prisma', 'schema.prisma'), 'model User {}');
    await small.run(['--build']);
    expect(await runs()).toBe(3);
    await writeFile(join(small.path, 'scripts', 'generate.mjs'), "throw new Error('no such provider');");
    const failed = await small.run(['--build']);
    expect(failed.status).toBe(1);
    expect(failed.output).toContain('no such provider');
  });

  it('installs again when the lock file asks for something else, and accepts what npm was told by hand', async () => {
    const small = await checkout();
    await small.run(['--build']);
    const lock = JSON.parse(await readFile(join(small.path, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    // The same packages, written differently: nothing to do.
    await writeFile(join(small.path, 'package-lock.json'), JSON.stringify(lock, undefined, 2));
    expect((await small.run(['--build'])).output).not.toContain('npm ci');
    // An interrupted installation leaves no list of what is installed.
    await rm(join(small.path, 'node_modules', '.package-lock.json'));
    expect((await small.run(['--build'])).output).toContain('npm ci');
  });

  it('does the work once when several start at once', async () => {
    const small = await checkout();
    const outcomes = await Promise.all([1, 2, 3].map(() => small.run(['--build'], { SLOW_COMPILER: '500' })));
    expect(outcomes.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(await small.builds()).toBe(1);
    expect(outcomes.filter(({ output }) => output.includes('npm ci'))).toHaveLength(1);
    expect(existsSync(join(small.path, '.setup.lock'))).toBe(false);
  });

  it('goes on after one that was killed, and after one whose machine was switched off', async () => {
    const small = await checkout();
    const env = { ...surroundings(small.path), SLOW_COMPILER: '60000' };
    const command = [join(small.path, 'scripts', 'setup.mjs'), '--build'];
    const killed = spawn(process.execPath, command, {
      cwd: small.path,
      env,
      stdio: 'ignore',
      detached: true,
      ...asNobody,
    });
    while ((await small.builds()) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    process.kill(-killed.pid!, 'SIGKILL');
    await new Promise((resolve) => killed.once('exit', resolve));
    expect(existsSync(join(small.path, '.setup.lock'))).toBe(true);
    expect(await small.run(['--build'])).toMatchObject({ status: 0 });
    expect(existsSync(join(small.path, 'dist', 'cli.js'))).toBe(true);

    const gone = { pid: 2 ** 22 + 1, host: hostname(), token: 'gone' };
    await writeFile(join(small.path, '.setup.lock'), JSON.stringify(gone));
    if (isRoot) await new Promise((resolve) => execFile('chmod', ['a+rw', join(small.path, '.setup.lock')], resolve));
    await writeFile(join(small.path, 'src', 'cli.ts'), 'export const changed = 1;');
    expect(await small.run(['--build'])).toMatchObject({ status: 0 });
    expect(existsSync(join(small.path, '.setup.lock'))).toBe(false);
  });

  it('says which words it knows', async () => {
    const small = await checkout();
    expect(await small.run(['--everything'])).toEqual({
      status: 2,
      output: 'usage: node scripts/setup.mjs [--test|--bench|--build]\n',
    });
  });
});

describe.skipIf(npmCli === undefined || process.platform !== 'linux')('set-up: programs and weights', () => {
  const allPrograms = async (small: Checkout): Promise<void> => {
    for (const name of ['ffmpeg', 'ffprobe', 'redis-server']) await small.program(name);
  };

  it('prints the line to type when it may not install, with a status of its own, and changes nothing', async () => {
    const small = await checkout();
    await small.program('apt-get', 'echo called >> apt.log');
    const { status, output } = await small.run();
    expect(status).toBe(7);
    expect(output).toContain('ffmpeg and ffprobe and redis-server must be installed first');
    expect(output).toContain('\n    sudo apt-get install -y ffmpeg redis-server\n');
    expect(existsSync(join(small.path, 'apt.log'))).toBe(false);
    expect(existsSync(join(small.path, 'node_modules'))).toBe(false);
  });

  it('knows the line of other systems', async () => {
    const small = await checkout();
    await small.program('pacman');
    expect((await small.run()).output).toContain('\n    sudo pacman -S --needed ffmpeg redis\n');
  });

  it('installs through sudo where that needs no password, and asks apt for a fresh list when the first try fails', async () => {
    const small = await checkout();
    await small.program('sudo', 'while case "$1" in -*) true;; *) false;; esac; do shift; done; exec "$@"');
    await small.program('true');
    const makeAll = ['ffmpeg', 'ffprobe', 'redis-server']
      .map((name) => `/bin/cp "$0" ${small.programs}/${name}`)
      .join('; ');
    await small.program(
      'apt-get',
      `echo "$1 $DEBIAN_FRONTEND" >> apt.log\nif [ "$1" = update ]; then : > updated; exit 0; fi\n[ -e updated ] || exit 100\n${makeAll}`,
    );
    const { status, output } = await small.run();
    expect(output).toContain('installing ffmpeg, ffprobe, redis-server');
    expect(status).toBe(0);
    const calls = (await readFile(join(small.path, 'apt.log'), 'utf8')).trim().split('\n');
    expect(calls.at(-1)).toBe('install noninteractive');
    expect(calls).toContain('update noninteractive');
  });

  it('goes on without redis-server, which only the queue needs, and says so', async () => {
    const small = await checkout();
    await small.program('ffmpeg');
    await small.program('ffprobe');
    const { status, output } = await small.run();
    expect(status).toBe(0);
    expect(output).toContain('note: redis-server is not installed');
  });

  it('fetches the weights once, and again when they are gone', async () => {
    const small = await checkout();
    await allPrograms(small);
    expect((await small.run()).output).toContain('fetching weights');
    expect((await small.run()).output).toContain('nothing missing');
    await rm(join(small.path, 'weights'), { recursive: true });
    const again = await small.run(['--test']);
    expect(again.output).toContain('fetching weights');
    expect(again.output).not.toContain('building');
    expect(existsSync(join(small.path, 'weights'))).toBe(true);
  });
});

describe('set-up in this checkout', () => {
  let output = '';
  beforeAll(async () => {
    // The first run may have something to do, and so has one that a change of the source came before.
    for (let run = 0; run < 4 && !output.includes('nothing missing'); run += 1) {
      output = await new Promise((resolve, reject) => {
        execFile(
          process.execPath,
          [join(root, 'scripts', 'setup.mjs'), '--test'],
          { cwd: root },
          (error, stdout, stderr) => {
            if (error) reject(new Error(stdout + stderr));
            else resolve(stdout);
          },
        );
      });
    }
  });

  it('has nothing left to do in the end', () => {
    expect(output).toContain('nothing missing');
  });
});
