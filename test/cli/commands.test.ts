/** The commands that look and compare, run as a person runs them. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { describeError, printError } from '../../src/cli/report-error.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { probe } from '../../src/engine/media/probe.ts';
import { createTranslate } from '../../src/locale.ts';
import { makePeriodClip } from '../../src/demo/period-clip.ts';
import { programWords } from '../built.ts';
import { h264, makeClip, picture } from '../clips.ts';
import { installForTest, testModelCache } from '../models.ts';
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

/** Every file in the folder with its length and when it was written. */
async function traits(): Promise<string[]> {
  const names = await readdir(folder);
  return await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}

describe('lumiere compare', () => {
  it('joins two clips and says what it wrote', async () => {
    const out = join(folder, 'both.mp4');
    const { status, stdout } = await runCli(['compare', clip, clip, out]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^.+both\.mp4: 428x160, 1\.0 s\nMarked: manifest signed by this installation .+\n$/);
    const { video } = await probe(out);
    expect([video.width, video.height, video.codec]).toEqual([428, 160, 'h264']);
  });

  it('writes one picture when the name asks for one', async () => {
    const out = join(folder, 'both.jpg');
    const { status, stdout } = await runCli(['compare', clip, clip, out, '--at', '0.5', '--json']);
    expect(status).toBe(0);
    const manifest = { signedBy: 'installation' };
    expect(JSON.parse(stdout)).toMatchObject({ output: out, width: 428, height: 160, marks: { manifest } });
    expect((await sharp(out).metadata()).format).toBe('jpeg');
    const verified = await runCli(['verify', out, '--json']);
    expect(verified.status).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ madeHere: true, certainty: 'certain', kind: 'comparison' });
  });

  it.each([
    ['a missing file', ['/does/not/exist.mp4', 'clip'], 'input.not-found', 3],
    ['a moment after the end', ['clip', 'clip', 'late.png', '--at', '9'], 'request.invalid', 2],
    ['a folder that is not there', ['clip', 'clip', 'nowhere/out.mp4'], 'output.unwritable', 4],
    ['a folder that is not there, for a picture', ['clip', 'clip', 'nowhere/out.png'], 'output.unwritable', 4],
    ['its first clip as its result', ['own.mp4', 'clip', 'own.mp4'], 'request.invalid', 2],
    ['its second clip as its result', ['clip', 'own.mp4', 'own.mp4'], 'request.invalid', 2],
    ['its own picture as its result', ['clip', 'own.png', 'own.png'], 'request.invalid', 2],
    ['a picture that is damaged', ['torn.png', 'clip', 'out.mp4'], 'input.corrupt', 3],
    ['a damaged picture where one is to be written', ['torn.png', 'clip', 'out.png'], 'input.corrupt', 3],
    ['an ending that it does not write', ['clip', 'clip', 'out.avi'], 'request.invalid', 2],
    ['a moment where a clip is to be written', ['clip', 'clip', 'out.mp4', '--at', '0.5'], 'request.invalid', 2],
  ])('answers %s with a sentence, a code and a status, and leaves nothing behind', async (_, words, code, expected) => {
    await cp(clip, join(folder, 'own.mp4'));
    await cp(join(folder, 'picture.png'), join(folder, 'own.png'));
    await writeFile(join(folder, 'torn.png'), (await readFile(join(folder, 'own.png'))).subarray(0, 20_000));
    const before = await traits();
    const args = words.map((word) =>
      word === 'clip' ? clip : /\.(png|mp4|avi)$/.test(word) ? join(folder, word) : word,
    );
    const { status, stdout, stderr } = await runCli(['compare', ...args]);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^lumiere: [A-Z/].*[.] \\[${code}\\]\\n$`));
    expect(stderr).not.toMatch(/\{\{|undefined|\n\s+at /);
    expect(await traits()).toEqual(before);
  });

  it('says in its help what it writes, and that it replaces', async () => {
    const { stdout } = await runCli(['compare', '--help']);
    expect(stdout).toContain('compare.png');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('an existing file is replaced');
  });

  it.runIf(process.platform !== 'win32')('says that the disk is full, and leaves nothing', async () => {
    const before = await traits();
    for (const name of ['full.mp4', 'full.png']) {
      const words = [...programWords('cli.ts'), 'compare', '--no-labels', clip, clip, join(folder, name)];
      const env = { ...process.env, LUMIERE_LANG: 'en', TSX_DISABLE_CACHE: '1' };
      const child = spawn('/bin/sh', ['-c', 'ulimit -f 16; exec "$0" "$@"', process.execPath, ...words], {
        env,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const status = await new Promise((resolve) => child.once('close', resolve));
      expect(stderr).toContain('[output.disk-full]');
      expect(status).toBe(4);
    }
    expect(await traits()).toEqual(before);
  });

  it('says it in the language asked for', async () => {
    const { stderr } = await runCli(['compare', '/nowhere.mp4', clip], { LUMIERE_LANG: 'fr' });
    expect(stderr).toContain('Il n’y a pas de fichier');
  });
});

describe('lumiere demo', () => {
  const cpu = { LUMIERE_PROVIDERS: 'cpu', LUMIERE_MODELS_DIR: testModelCache };
  beforeAll(async () => {
    for (const id of ['rife-v4.6', 'general-x4v3', 'anime4k-l']) await installForTest(id);
  });

  it('shows before and after of an animated WebP', async () => {
    const path = join(folder, 'three.webp');
    const frames = ['#f00', '#0f0', '#00f'].map((background) => ({
      create: { width: 32, height: 24, channels: 3, background } as const,
    }));
    const pictures = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
    await sharp(pictures, { join: { animated: true } })
      .webp({ lossless: true, delay: [100, 100, 100] })
      .toFile(path);
    const out = join(folder, 'demo');
    const { status, stderr } = await runCli(['demo', path, '--out', out], cpu);
    expect(stderr).not.toContain('lumiere:');
    expect(status).toBe(0);
    const { width, height } = await sharp(join(out, 'before-after.png')).metadata();
    expect([width, height]).toEqual([256, 96]);
  });

  it('says so when it cannot write the picture, and leaves no part of it', async () => {
    const tiny = await makeClip('mp4', [...picture('testsrc2=size=32x24:rate=5:duration=0.4'), ...h264]);
    const out = join(folder, 'demo-closed');
    await mkdir(join(out, 'before-after.png'), { recursive: true });
    const { status, stderr } = await runCli(['demo', tiny, '--out', out], cpu);
    expect(stderr).toContain('[output.unwritable]');
    expect(status).toBe(4);
    expect((await readdir(out)).sort()).toEqual(['before-after.png', 'restored.mp4']);
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
    expect(status).toBe(2);
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
      LUMIERE_MODELS_MIRROR: join(folder, 'no-mirror'),
      LUMIERE_METRICS_HOST: '192.0.2.1',
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
      'data-folder': 'ok',
      mirror: 'note',
      metrics: 'missing',
    });
    expect(existsSync(join(folder, 'none'))).toBe(false);
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
  /** Starts a command, interrupts it when its progress shows frames, and says how it ended. */
  async function interrupt(words: readonly string[]): Promise<{ status: unknown; stderr: string }> {
    const child = spawn(process.execPath, [...programWords('cli.ts'), ...words], {
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
    // Ninety frames, each enlarged and three made between two: not done before it is stopped.
    const long = await makeClip('mkv', [...picture('testsrc=size=320x240:rate=15:duration=6'), ...h264]);
    const { status, stderr } = await interrupt(['restore', long, join(folder, 'halted.mp4')]);
    expect(status).toBe(130);
    expect(stderr).toContain('[job.cancelled]');
    expect(stderr).not.toMatch(/\n\s+at |Warning/);
    expect(await traces('halted')).toEqual([]);
  });
});
