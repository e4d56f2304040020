/** `lumiere animate` as a person meets it: what it prints, what it leaves, and what it says when it cannot. */
import { spawn } from 'node:child_process';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { faceModels } from '../../src/engine/animate/face/networks.ts';
import { programWords } from '../built.ts';
import { makeFile, scratchFolder } from '../clips.ts';
import { sharedMedia } from '../media.ts';
import { installForTest, testModelCache } from '../models.ts';
import { processesNaming } from '../processes.ts';
import { runCli } from './run-cli.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

const cpu = { LUMIERE_PROVIDERS: 'cpu', LUMIERE_MODELS_DIR: testModelCache };
const out = (name: string): string => join(scratch.path, name);
const plain = out('plain.png');
const still = ['--motion', 'none', '--seconds', '1'];

beforeAll(async () => {
  for (const id of faceModels) await installForTest(id);
  const stripes = Array.from({ length: 20 }, (_, i) => `<rect x="${i * 16}" width="8" height="200" fill="#357"/>`);
  const svg = `<svg width="320" height="200"><rect width="320" height="200" fill="#cb8"/>${stripes.join('')}</svg>`;
  await sharp(Buffer.from(svg)).png().toFile(plain);
});

describe('lumiere animate', () => {
  it('says what is in the picture and writes nothing with --dry-run', async () => {
    const before = await readdir(scratch.path);
    const { status, stdout } = await runCli(['animate', plain, ...still, '--camera', 'drift', '--dry-run'], cpu);
    expect(status).toBe(0);
    expect(stdout).toContain('320x200, no face');
    expect(stdout).toContain('25 fps');
    expect(stdout).toContain('camera: drift');
    expect(stdout).not.toContain('is kept under');
    expect(await readdir(scratch.path)).toEqual(before);
  });

  it('gives the plan and the report as one JSON document each', async () => {
    const words = ['animate', plain, out('json.mp4'), ...still, '--camera', 'push-in', '--json'];
    const plan = JSON.parse((await runCli([...words, '--dry-run'], cpu)).stdout) as { output: unknown; faces: unknown };
    expect(plan).toMatchObject({ output: { width: 320, height: 200, frames: 25 }, faces: [] });
    const { stdout, stderr } = await runCli(words, cpu);
    const report = JSON.parse(stdout) as { output: { path: string; frames: number }; measures: unknown[] };
    expect(report).toMatchObject({ output: { path: out('json.mp4'), frames: 25, format: 'mp4' }, measures: [] });
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { stage: string; done: number });
    expect(events.some(({ stage }) => stage === 'animate')).toBe(true);
  });

  it.each([
    ['by the ending', ['by-ending.gif'], 'by-ending.gif'],
    ['by --format, beside the photograph', ['--format', 'webp'], 'plain.animated.webp'],
  ])('chooses the format %s', async (_, words, name) => {
    const place = words[0]!.startsWith('--') ? words : [out(words[0]!)];
    const { status, stdout, stderr } = await runCli(['animate', plain, ...place, ...still, '--size', '96'], cpu);
    expect(status).toBe(0);
    expect(stdout).toContain(out(name));
    expect(stderr).toContain('Writing the picture');
    expect(stderr).not.toContain('Fitting');
    const { format, pages } = await sharp(out(name), { pages: -1 }).metadata();
    expect(name.endsWith(`.${format}`)).toBe(true);
    expect(pages).toBeGreaterThan(20);
  });

  it.each([
    ['two motions at once', ['--motion', 'nod', '--drive', 'x.mp4'], 2],
    ['a motion that is none', ['--motion', 'fly'], 2],
    ['a face that is none', ['--face', 'middle'], 2],
    ['a strength beyond 2', ['--strength', '3'], 2],
    ['an ending that is another format', ['x.mov', ...still], 2],
    ['a picture without a face', [], 3],
    ['a clip that is not there', ['--drive', 'nowhere.mp4'], 3],
    ['a track that is none', ['--track', plain], 3],
    ['a folder that is not there', ['/nowhere/at/all.mp4', ...still], 4],
    ['neither motion nor camera', [...still, '--camera', 'none'], 2],
    ['a speed of a camera move', [...still, '--speed', '2'], 2],
    ['a part of no clip', ['--region', 'lips'], 2],
    ['a length of a voice', ['--speech', 'x.wav', '--seconds', '3'], 2],
    ['a rate of a clip', ['--drive', 'x.mp4', '--fps', '50'], 2],
    ['how much nothing moves', [...still, '--strength', '0.5'], 2],
    ['a sound of a preset', ['--sound', 'none'], 2],
    ['frames between where there is no room', ['--smooth', '--fps', '60'], 2],
    ['frames between where a GIF has no room', ['--smooth', '--fps', '30', '--format', 'gif'], 2],
    ['no words for a caption', ['--caption', ' '], 2],
    ['a sound that is none', ['--speech', 'package.json'], 3],
    ['a face that is not there, held in view', [...still, '--face', '2'], 3],
    ['weights that are not there', ['--back-end', 'live-portrait', '--dry-run'], 5],
  ])('%s ends with the status that the README gives', async (_, words, status) => {
    const { status: left, stderr } = await runCli(['animate', plain, ...words], cpu);
    expect(left).toBe(status);
    expect(stderr.length).toBeGreaterThan(20);
    expect(stderr).not.toContain('    at ');
  });

  it('names every ending that it can write, and the one that was asked for', async () => {
    const said = async (...words: string[]): Promise<string> =>
      (await runCli(['animate', plain, 'x.avi', ...still, ...words], cpu)).stderr;
    expect(await said()).toContain('The result cannot be "x.avi": expected .mp4, .gif, .webp.');
    expect(await said('--format', 'gif')).toContain('expected .gif.');
  });

  it('says beside what an option does nothing', async () => {
    const { stderr } = await runCli(['animate', plain, ...still, '--strength', '1'], cpu);
    expect(stderr).toContain('The option --strength does nothing beside --motion none.');
  });

  it('does not write over the photograph', async () => {
    const copy = out('own.gif');
    await cp(await makeFile('.gif', await sharp(plain).gif().toBuffer()), copy);
    const { status, stderr } = await runCli(['animate', copy, copy, ...still], cpu);
    expect(status).toBe(2);
    expect(stderr).toContain('[request.invalid]');
  });

  it('does not write its contact sheet over the photograph', async () => {
    const own = out('own.sheet.png');
    await cp(plain, own);
    const { status, stderr } = await runCli(['animate', own, out('own.mp4'), ...still, '--contact-sheet'], cpu);
    expect(status).toBe(2);
    expect(stderr).toContain('[request.invalid]');
    expect(Buffer.compare(await readFile(own), await readFile(plain))).toBe(0);
    expect(await readdir(scratch.path)).not.toContain('own.mp4');
  });

  it('moves the camera where nothing else would move, tells warnings once, and whose figures the time is by', async () => {
    const words = ['animate', plain, out('moves.webp'), ...still, '--size', '160'];
    const { status, stdout } = await runCli(words, cpu);
    expect(status).toBe(0);
    const [first, middle] = await Promise.all(
      [0, 12].map(async (page) => await sharp(out('moves.webp'), { page }).removeAlpha().raw().toBuffer()),
    );
    const difference = first!.reduce((sum, value, i) => sum + Math.abs(value - middle![i]!), 0) / first!.length;
    expect(difference).toBeGreaterThan(3);
    expect(stdout.split('was reduced to 160x100')).toHaveLength(2);
    expect(stdout).toContain('measured on two processor cores');
    expect(stdout).not.toContain('has not been measured');
  });

  it('ends at Ctrl-C with 130 and leaves neither file nor process', async () => {
    const target = out('interrupted.mp4');
    // Large and long enough not to be done before it is stopped.
    const large = out('large.png');
    await sharp(plain).resize(1280).toFile(large);
    const words = [...programWords('cli.ts'), 'animate', large, target, '--motion', 'none', '--camera', 'drift'];
    const child = spawn(process.execPath, [...words, '--seconds', '30', '--fps', '60', '--json'], {
      env: { ...process.env, ...cpu },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let said = '';
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('"animate"')) resolve();
      });
    });
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect((await readdir(scratch.path)).filter((name) => name.includes('interrupted'))).toEqual([]);
    expect(processesNaming(target)).toEqual([]);
  });
});

const portrait = sharedMedia('portraits/mona-lisa.jpg');

describe.skipIf(portrait === undefined)('a portrait (needs ../shared/media)', () => {
  it('is told in sentences: where the face is, how real it looks, what was reached', async () => {
    const words = ['--crop', 'head', '--size', '160', '--seconds', '1', '--motion', 'wink', '--contact-sheet'];
    const { status, stdout } = await runCli(['animate', portrait!, out('lisa.mp4'), ...words], cpu);
    expect(status).toBe(0);
    expect(stdout).toMatch(/1 {2}\d+x\d+ {2}at \d+, \d+: moves/);
    expect(stdout).toMatch(/Realism: \d+ of 100/);
    expect(stdout).toMatch(/folds in the skin +\d/);
    expect(await readdir(scratch.path)).toContain('lisa.sheet.png');
  });

  it('is told before the work what will not move, and what a size limit may take', async () => {
    const words = ['--crop', 'head', '--size', '64', '--strength', '0', '--max-size', '5MB', '--dry-run'];
    const { status, stdout } = await runCli(['animate', portrait!, out('still.mp4'), ...words], cpu);
    expect(status).toBe(0);
    expect(stdout).toMatch(/1 {2}\d+x\d+ {2}at \d+, \d+: stays still/);
    expect(stdout).toContain('The result is kept under 4.77 MiB');
    expect(stdout).not.toContain('cut it to the head');
  });
});
