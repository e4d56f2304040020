#!/usr/bin/env node
/**
 * Brings everything this project needs onto the machine: system programs, npm packages, the database clients, the
 * build, the weights.
 * Plain Node without dependencies, because it runs before `npm ci`. Each step looks first and acts only when something
 * is missing, so a second run changes nothing, needs no network and ends in a fraction of a second.
 *
 *   node scripts/setup.mjs            what `lumiere` and the demo need
 *   node scripts/setup.mjs --test     the same, for `npm test`
 *   node scripts/setup.mjs --bench    the same, for `npm run bench`
 *   node scripts/setup.mjs --build    npm packages and the build only
 *
 * Exit status: 0 all is there; 1 a step failed; 7 something is missing that only the person at the machine can install.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const inRoot = (...parts) => path.join(root, ...parts);
const windows = process.platform === 'win32';

/** Something a person must do or know; printed as it stands, without a stack trace. */
class SetupProblem extends Error {
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

const say = (line) => process.stdout.write(`setup: ${line}\n`);

// --- the steps -------------------------------------------------------------------------------------------------------

function checkNode() {
  const wanted = JSON.parse(fs.readFileSync(inRoot('package.json'), 'utf8')).engines.node.replace('>=', '');
  const [major, minor = 0] = wanted.split('.').map(Number);
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  throw new SetupProblem(
    `Lumière needs Node ${wanted} or newer; this is Node ${process.versions.node}. Install a newer one from https://nodejs.org and run the command again.`,
    7,
  );
}

/** System programs. Without ffmpeg nothing works; redis-server is only for the bot's queue, so its absence is a note. */
const tools = [
  { programs: ['ffmpeg', 'ffprobe'], needed: true, apt: 'ffmpeg', brew: 'ffmpeg', dnf: 'ffmpeg-free', other: 'ffmpeg' },
  { programs: ['redis-server'], needed: false, apt: 'redis-server', brew: 'redis', dnf: 'redis', other: 'redis' },
];

function onPath(program) {
  const endings = windows ? (process.env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) =>
    endings.some((ending) => {
      const file = path.join(folder || '.', program + ending);
      try {
        fs.accessSync(file, fs.constants.X_OK);
        return fs.statSync(file).isFile();
      } catch {
        return false;
      }
    }),
  );
}

const missingTools = () => tools.filter((tool) => !tool.programs.every(onPath));

/** How this machine installs programs: the command as words, whether we may run it ourselves, and the line to show. */
function installerFor(missing) {
  const isRoot = process.getuid?.() === 0;
  const names = (key) => missing.map((tool) => tool[key]);
  if (process.platform === 'darwin') {
    const words = ['brew', 'install', ...names('brew')];
    return { words, allowed: onPath('brew'), line: words.join(' ') };
  }
  if (onPath('apt-get')) {
    const line = `apt-get install -y ${names('apt').join(' ')}`;
    const words = [
      'apt-get',
      'install',
      '-y',
      '--no-install-recommends',
      '-o',
      'DPkg::Lock::Timeout=600',
      ...names('apt'),
    ];
    if (isRoot) return { words, apt: [], allowed: true, line };
    const sudo = onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
    return { words, apt: ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND'], allowed: sudo, line: `sudo ${line}` };
  }
  const sudo = isRoot || windows ? '' : 'sudo ';
  const known = [
    ['dnf', `dnf install -y ${names('dnf').join(' ')}`],
    ['pacman', `pacman -S --needed ${names('other').join(' ')}`],
    ['zypper', `zypper install -y ${names('other').join(' ')}`],
  ].find(([program]) => onPath(program));
  if (known) return { allowed: false, line: sudo + known[1] };
  if (windows) return { allowed: false, line: 'winget install Gyan.FFmpeg' };
  return {
    allowed: false,
    line: `install ${missing.flatMap((tool) => tool.programs).join(', ')} with your system's package manager`,
  };
}

async function installTools() {
  const missing = missingTools();
  if (missing.length === 0) return;
  const installer = installerFor(missing);
  const programs = missing.flatMap((tool) => tool.programs).join(', ');
  if (installer.allowed) {
    say(`installing ${programs} (${installer.line})`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const prefix = installer.apt ?? [];
    const install = () => run([...prefix, ...installer.words], { env, quiet: true });
    if (installer.apt && aptListsAreOld()) await run([...prefix, 'apt-get', 'update'], { env, quiet: true });
    let result = await install();
    if (result.status !== 0 && installer.apt) {
      await run([...prefix, 'apt-get', 'update'], { env, quiet: true });
      result = await install();
    }
    if (result.status !== 0) process.stderr.write(result.output.slice(-4000));
  }
  const still = missingTools();
  if (still.length === 0) return;
  const { line } = installerFor(still);
  const names = still.flatMap((tool) => tool.programs).join(' and ');
  if (still.some((tool) => tool.needed)) {
    throw new SetupProblem(
      `${names} must be installed first. Type this line, then run the command again:\n\n    ${line}\n`,
      7,
    );
  }
  say(`note: ${names} is not installed; only the bot's queue needs it (${line})`);
}

function aptListsAreOld() {
  try {
    const lists = fs
      .readdirSync('/var/lib/apt/lists')
      .filter((name) => name.endsWith('_Packages') || name.includes('_Packages.'));
    return lists.length === 0;
  } catch {
    return true;
  }
}

/** What the installed packages must match: the lock file, and the machine they were chosen for. */
function packagesStamp() {
  const lock = fs.readFileSync(inRoot('package-lock.json'));
  return `${sha256(lock)} ${process.platform}-${process.arch}`;
}

const packagesStampFile = inRoot('node_modules', '.lumiere-setup');

function packagesAreThere() {
  const installed = readJson(inRoot('node_modules', '.package-lock.json')); // npm writes it last: absent after an interrupted run
  if (installed === undefined) return false;
  if (readText(packagesStampFile) === packagesStamp()) return true;
  // Somebody ran npm by hand: accept what it installed when it is what the lock file asks for on this machine.
  const wanted = readJson(inRoot('package-lock.json'))?.packages ?? {};
  const matches = Object.entries(wanted).every(([where, entry]) => {
    if (where === '') return true;
    const have = installed.packages?.[where];
    if (have === undefined) return entry.optional === true && !isForThisMachine(entry);
    return have.version === entry.version && have.integrity === entry.integrity;
  });
  if (matches) fs.writeFileSync(packagesStampFile, packagesStamp());
  return matches;
}

const libc = fs.existsSync('/etc/alpine-release') ? 'musl' : 'glibc';

function isForThisMachine(entry) {
  const allows = (list, name) => list === undefined || (list.includes(name) && !list.includes(`!${name}`));
  return (
    (entry.os !== undefined || entry.cpu !== undefined) &&
    allows(entry.os, process.platform) &&
    allows(entry.cpu, process.arch) &&
    (process.platform !== 'linux' || allows(entry.libc, libc))
  );
}

async function installPackages() {
  if (packagesAreThere()) return;
  say('installing npm packages (npm ci)');
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : [windows ? 'npm.cmd' : 'npm'];
  const { status } = await run([...npm, 'ci', '--no-audit', '--no-fund'], {
    cwd: root,
    shell: windows && npm.length === 1,
  });
  if (status !== 0)
    throw new SetupProblem('npm ci failed; the lines above say why. Run the command again when that is put right.');
  fs.writeFileSync(packagesStampFile, packagesStamp());
}

/** What decides the generated database clients: the schema, the script that makes them, the version of Prisma. */
function clientsStamp() {
  const hash = createHash('sha256');
  for (const file of ['prisma/schema.prisma', 'scripts/generate.mjs', 'package-lock.json'])
    hash.update(`${file}\0`).update(fs.readFileSync(inRoot(file)));
  return hash.digest('hex');
}

const clientsFolder = inRoot('src', 'store', 'generated');
const clientsStampFile = path.join(clientsFolder, '.stamp');

const clientsAreThere = () =>
  readText(clientsStampFile) === clientsStamp() &&
  ['sqlite', 'postgresql'].every((dialect) => fs.existsSync(path.join(clientsFolder, dialect, 'client.ts')));

async function generateClients() {
  if (clientsAreThere()) return;
  say('generating the database clients');
  const stamp = clientsStamp();
  fs.rmSync(clientsStampFile, { force: true });
  const { status, output } = await run([process.execPath, inRoot('scripts', 'generate.mjs')], {
    cwd: root,
    quiet: true,
  });
  if (status !== 0) throw new SetupProblem(`generating the database clients failed.\n${output}`);
  fs.writeFileSync(clientsStampFile, stamp);
}

/** Sources and settings that decide what `dist` holds. */
function buildStamp() {
  const hash = createHash('sha256');
  for (const file of [
    ...sources().map((name) => path.join('src', name)),
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
  ]) {
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(inRoot(file)))
      .update('\0');
  }
  return hash.digest('hex');
}

const sources = () =>
  fs
    .readdirSync(inRoot('src'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort();

const buildStampFile = inRoot('dist', '.stamp');
const builtFile = (source) => inRoot('dist', source.replace(/\.ts$/, '.js'));

const buildIsThere = () =>
  readText(buildStampFile) === buildStamp() && sources().every((source) => fs.existsSync(builtFile(source)));

/** With `checksFollow`, types are left to `npm run check`, which `npm test` runs next: that is most of the compiler's work. */
async function build({ checksFollow }) {
  if (buildIsThere()) return;
  say('building');
  const stamp = buildStamp();
  fs.rmSync(buildStampFile, { force: true });
  // tsc trusts its own record and would not write again a file that was deleted behind its back.
  if (!sources().every((source) => fs.existsSync(builtFile(source))))
    fs.rmSync(inRoot('dist', '.tsbuildinfo'), { force: true });
  const compiler = [process.execPath, inRoot('node_modules', 'typescript', 'bin', 'tsc')];
  const { status } = await run([...compiler, '-p', 'tsconfig.build.json', ...(checksFollow ? ['--noCheck'] : [])], {
    cwd: root,
  });
  if (status !== 0) throw new SetupProblem('the build failed; the lines above say where.');
  removeStaleOutput();
  const cli = inRoot('dist', 'cli.js');
  if (fs.existsSync(cli)) fs.chmodSync(cli, 0o755);
  fs.writeFileSync(buildStampFile, stamp);
}

/** Removes what `dist` still holds of sources that were deleted or renamed. */
function removeStaleOutput() {
  const current = new Set(sources().map((name) => name.replace(/\.ts$/, '')));
  for (const name of fs.readdirSync(inRoot('dist'), { recursive: true }).map(String)) {
    if (!/\.js(\.map)?$/.test(name) || current.has(name.replace(/\.js(\.map)?$/, ''))) continue;
    fs.rmSync(inRoot('dist', name), { force: true });
  }
}

/** True when every required model is in the cache, by presence and size (`lumiere models verify` reads every byte). */
async function weightsAreThere() {
  const built = (name) => import(pathToFileURL(inRoot('dist', name)).href);
  const [{ readConfig }, { listModels }] = await Promise.all([built('config.js'), built('engine/model/model-list.js')]);
  const models = await listModels(readConfig().modelsDir);
  return models.every(({ entry, state }) => !entry.required || state === 'installed');
}

async function installWeights() {
  if (await weightsAreThere()) return;
  say('fetching weights (lumiere models install)');
  const { status } = await run([process.execPath, inRoot('dist', 'cli.js'), 'models', 'install'], { cwd: root });
  if (status !== 0) throw new SetupProblem('the weights are not complete; the lines above say why.', status ?? 1);
}

// --- one at a time ---------------------------------------------------------------------------------------------------

const lockFile = inRoot('.setup.lock');
const staleAfterMs = 15_000;

/**
 * Runs `work` while no other setup of this checkout does. A lock whose process is gone, or that has not been touched
 * for 15 s (the holder touches it every 2 s), is left over from an interrupted run and is taken.
 */
async function alone(work) {
  const token = randomUUID();
  let told = false;
  for (;;) {
    try {
      fs.writeFileSync(lockFile, JSON.stringify({ pid: process.pid, host: os.hostname(), token }), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (lockIsStale()) {
      // Renaming first makes one of several waiters win.
      const aside = `${lockFile}.${token}`;
      try {
        fs.renameSync(lockFile, aside);
        fs.rmSync(aside, { force: true });
      } catch {
        // another waiter took it
      }
      continue;
    }
    if (!told) say('another setup of this folder is running; waiting for it');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const release = () => {
    if (readJson(lockFile)?.token === token) fs.rmSync(lockFile, { force: true });
  };
  const beat = setInterval(() => {
    try {
      fs.utimesSync(lockFile, new Date(), new Date());
    } catch {
      // taken away; nothing to keep fresh
    }
  }, 2000);
  process.once('exit', release);
  try {
    await work();
  } finally {
    clearInterval(beat);
    release();
  }
}

function lockIsStale() {
  try {
    const age = Date.now() - fs.statSync(lockFile).mtimeMs;
    const holder = readJson(lockFile);
    if (holder === undefined) return age > 2000; // being written, or cut off while it was
    if (holder.host === os.hostname() && !isAlive(holder.pid)) return true;
    return age > staleAfterMs;
  } catch {
    return false; // released meanwhile
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// --- small things ----------------------------------------------------------------------------------------------------

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function readJson(file) {
  try {
    return JSON.parse(readText(file) ?? '');
  } catch {
    return undefined;
  }
}

const children = new Set();

/** Runs a program to its end. With `quiet` its output is kept and returned; else it goes to the person. */
function run([program, ...args], { quiet = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      ...options,
    });
    children.add(child);
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => {
      children.delete(child);
      reject(new SetupProblem(`could not start ${program}: ${error.message}`));
    });
    child.on('close', (status) => {
      children.delete(child);
      resolve({ status, output });
    });
  });
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(130);
  });
}

// --- the run ---------------------------------------------------------------------------------------------------------

async function main(mode) {
  const started = Date.now();
  checkNode();
  const onlyBuild = mode === '--build';
  const ready = async () =>
    (onlyBuild || missingTools().length === 0) &&
    packagesAreThere() &&
    clientsAreThere() &&
    buildIsThere() &&
    (onlyBuild || (await weightsAreThere()));
  if (await ready()) {
    say(`nothing missing (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    return;
  }
  await alone(async () => {
    if (!onlyBuild) await installTools();
    await installPackages();
    await generateClients();
    await build({ checksFollow: mode === '--test' });
    if (!onlyBuild) await installWeights();
  });
  say(`done in ${((Date.now() - started) / 1000).toFixed(0)} s`);
}

const [mode = '', ...rest] = process.argv.slice(2);
if (!['', '--test', '--bench', '--build'].includes(mode) || rest.length > 0) {
  process.stderr.write('usage: node scripts/setup.mjs [--test|--bench|--build]\n');
  process.exit(2);
}
try {
  await main(mode);
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error;
  process.stderr.write(`setup: ${error.message}\n`);
  process.exitCode = error.status;
}
