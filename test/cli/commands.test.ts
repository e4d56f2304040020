/** The commands that look and compare, run as a person runs them. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { describeError, printError } from '../../src/cli/report-error.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { probe } from '../../src/engine/media/probe.ts';
import { createTranslate } from '../../src/locale.ts';
import { makePeriodClip } from '../../src/demo/period-clip.ts';
import { h264, makeClip, picture } from '../clips.ts';
import { installForTest } from '../models.ts';
import { processesNaming } from '../processes.ts';
import { runCli } from './run-cli.ts';

let folder = '';
let clip = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-test-cli-'));
  const photograph = join(folder, 'picture.png');
  await sharp({
    create: {
      width: 800,
      height: 600,
      channels: 3,
      background: '#787',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .png()
    .toFile(photograph);
  clip = join(folder, 'clip.mp4');
  await makePeriodClip(photograph, clip, { seconds: 1, seed: 7 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('lumiere compare', () => {
  it('joins two clips and says what it wrote', async () => {
    const out = join(folder, 'both.mp4');
    const { status, stdout } = await runCli(['compare', clip, clip, out]);
    expect(status).toBe(0);
    expect(stdout).toBe(`${out}: 428x160, 1.0 s\n`);
    const { video } = await probe(out);
    expect([video.width, video.height, video.codec]).toEqual([428, 160, 'h264']);
  });

  it('writes one picture when the name asks for one', async () => {
    const out = join(folder, 'both.jpg');
    const { status, stdout, stderr } = await runCli(['compare', clip, clip, out, '--at', '0.5', '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ output: out, width: 428, height: 160 });
    expect((await sharp(out).metadata()).format).toBe('jpeg');
  });

  it.each([
    ['a missing file', ['/does/not/exist.mp4', 'clip'], 'input.not-found', 3],
    ['a moment after the end', ['clip', 'clip', 'late.png', '--at', '9'], 'request.invalid', 2],
    ['a folder that is not there', ['clip', 'clip', 'nowhere/out.mp4'], 'output.unwritable', 4],
  ])('answers %s with a sentence, a code and a status, and leaves nothing behind', async (_, words, code, expected) => {
    const before = await readdir(folder);
    const args = words.map((word) => (word === 'clip' ? clip : /\.(png|mp4)$/.test(word) ? join(folder, word) : word));
    const { status, stdout, stderr } = await runCli(['compare', ...args]);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^lumiere: [A-Z/].*[.] \\[${code}\\]\\n$`));
    expect(stderr).not.toMatch(/\{\{|undefined|\n\s+at /);
    expect(await readdir(folder)).toEqual(before);
  });

  it('says it in the language asked for', async () => {
    const { stderr } = await runCli(['compare', '/nowhere.mp4', clip], { LUMIERE_LANG: 'fr' });
    expect(stderr).toContain("Il n'y a pas de fichier");
  });
});

describe('lumiere models', () => {
  it('lists the catalogue, with what is missing in an empty folder', async () => {
    const { status, stdout } = await runCli(['models', 'list', '--json'], { LUMIERE_MODELS_DIR: join(folder, 'none') });
    const { models } = JSON.parse(stdout) as { models: { id: string; required: boolean; state: string }[] };
    expect(status).toBe(0);
    expect(models.find(({ id }) => id === 'rife-v4.6')).toMatchObject({ required: true, state: 'absent' });
  });

  it('refuses a network that it does not know, and names those it does', async () => {
    const { status, stderr } = await runCli(['models', 'install', 'magic'], {
      LUMIERE_MODELS_DIR: join(folder, 'none'),
    });
    expect(status).toBe(5);
    expect(stderr).toContain('"magic"');
    expect(stderr).toContain('rife-v4.6');
  });

  it('says so when nothing is installed that could be verified', async () => {
    const { status, stdout } = await runCli(['models', 'verify'], { LUMIERE_MODELS_DIR: join(folder, 'none') });
    expect(status).toBe(0);
    expect(stdout).toContain('No weights are installed');
  });
});

describe('lumiere doctor', () => {
  it('reports as data, and is not content without weights', async () => {
    const { status, stdout } = await runCli(['doctor', '--json'], {
      LUMIERE_MODELS_DIR: join(folder, 'none'),
      LUMIERE_PROVIDERS: 'cpu',
    });
    const report = JSON.parse(stdout) as {
      ready: boolean;
      checks: { id: string; state: string }[];
      device: { chosen: string };
    };
    expect(status).toBe(7);
    expect(report.ready).toBe(false);
    expect(report.device.chosen).toBe('cpu');
    const states = Object.fromEntries(report.checks.map(({ id, state }) => [id, state]));
    expect(states).toMatchObject({
      node: 'ok',
      ffmpeg: 'ok',
      'ffmpeg-parts': 'ok',
      weights: 'missing',
      device: 'note',
    });
  });

  it('says in words what to type', async () => {
    const { stdout } = await runCli(['doctor'], { LUMIERE_MODELS_DIR: join(folder, 'none'), LUMIERE_PROVIDERS: 'cpu' });
    expect(stdout).toMatch(/^\[no\] weights are missing.*lumiere models install$/m);
    expect(stdout).toContain('Not ready');
  });
});

describe('a fault of our own', () => {
  it('is told in one sentence, with the full report in a file', () => {
    const t = createTranslate('en');
    let kept = '';
    const fault = new Error('index out of range\nsecond line', { cause: new Error('the root of it') });
    const report = describeError(fault, t, (text) => {
      kept = text;
      return '/tmp/report.log';
    });
    let said = '';
    const terminal = createTerminal({
      json: false,
      stdout: { write: () => true },
      stderr: { write: (text) => (said += text) },
    });
    expect(printError(report, terminal)).toBe(1);
    expect(said).toContain('index out of range.');
    expect(said).toContain('/tmp/report.log');
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(kept).toContain('the root of it');
    expect(kept).toMatch(/\n\s+at /);
  });
});

describe('Ctrl-C', () => {
  const entry = new URL('../../src/cli.ts', import.meta.url).pathname;

  /** Starts a command, interrupts it when its progress shows frames, and says how it ended. */
  async function interrupt(words: readonly string[]): Promise<{ status: unknown; stderr: string }> {
    const child = spawn(process.execPath, ['--import', 'tsx', entry, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    let seen = 0;
    child.stderr.on('data', (chunk: Buffer) => {
      const before = stderr;
      stderr += chunk.toString();
      if (!stderr.includes(' frames') || before.includes(' frames')) return;
      seen = processesNaming(words.at(-1)!).length;
      child.kill('SIGINT');
    });
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(seen).toBeGreaterThan(0);
    return { status, stderr };
  }

  /** What a command left: processes that name the tests' own folder, and files named like its result. */
  async function traces(name: string): Promise<string[]> {
    const processes = processesNaming(folder).map(({ args }) => args);
    return [...processes, ...(await readdir(folder)).filter((file) => file.includes(name))];
  }

  it('stops a comparison: status 130, no half file, no ffmpeg left', async () => {
    // An hour of film at one frame a second, shown at twelve: not done before it is stopped.
    const long = await makeClip('mkv', [...picture('testsrc=size=64x48:rate=1:duration=3600'), ...h264]);
    const { status, stderr } = await interrupt(['compare', long, clip, join(folder, 'stopped.mp4')]);
    expect(status).toBe(130);
    expect(stderr).toContain('Stopping...');
    expect(stderr).toContain('[job.cancelled]');
    expect(await traces('stopped')).toEqual([]);
  });

  it('stops a restoration as cleanly', async () => {
    for (const id of ['rife-v4.6', 'general-x4v3', 'anime4k-l']) await installForTest(id);
    const { status, stderr } = await interrupt(['restore', clip, join(folder, 'halted.mp4')]);
    expect(status).toBe(130);
    expect(stderr).toContain('[job.cancelled]');
    expect(stderr).not.toMatch(/\n\s+at |Warning/);
    expect(await traces('halted')).toEqual([]);
  });
});
