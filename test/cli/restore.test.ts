/** `lumiere restore` as a person meets it: what it prints, what it leaves, and what it says when it cannot. */
import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { badClips } from '../bad-clips.ts';
import { h264, makeClip, picture, scratchFolder, soundClip } from '../clips.ts';
import { installForTest, testModelCache } from '../models.ts';
import { processesNaming } from '../processes.ts';
import { runCli } from './run-cli.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);
beforeAll(async () => {
  for (const id of ['rife-v4.6', 'general-x4v3', 'anime4k-l']) await installForTest(id);
});

const cpu = { LUMIERE_PROVIDERS: 'cpu', LUMIERE_MODELS_DIR: testModelCache };
const quick = ['--scale', '1', '--fps', 'source'];
const out = (name: string): string => join(scratch.path, name);

describe('lumiere restore', () => {
  it('prints the plan and writes nothing with --dry-run', async () => {
    const before = await readdir(scratch.path);
    const { status, stdout } = await runCli(['restore', await soundClip(), out('dry.mp4'), '--dry-run'], cpu);
    expect(status).toBe(0);
    expect(stdout).toContain('256x192');
    expect(stdout).toContain('60 fps');
    expect(stdout).toContain('general-x4v3');
    expect(await readdir(scratch.path)).toEqual(before);
  });

  it('prints the plan as data with --dry-run --json', async () => {
    const words = ['restore', await soundClip(), '--dry-run', '--json', '--fps', '29.97', '--height', '96'];
    const { plan } = JSON.parse((await runCli(words, cpu)).stdout) as { plan: { output: unknown; stages: unknown[] } };
    expect(plan.output).toMatchObject({ width: 128, height: 96, rate: { num: 30_000, den: 1001 } });
    expect(plan.stages.length).toBeGreaterThan(3);
  });

  it('restores beside the original when no place is given, and says what it did', async () => {
    const clip = out('old.mp4');
    await cp(await soundClip(), clip);
    const { status, stdout } = await runCli(['restore', clip, ...quick], cpu);
    expect(status).toBe(0);
    expect(stdout).toContain(out('old.restored.mp4'));
    expect(await readdir(scratch.path)).toContain('old.restored.mp4');
  });

  it('gives the report as one JSON document', async () => {
    const { stdout, stderr } = await runCli(['restore', await soundClip(), out('json.mp4'), ...quick, '--json'], cpu);
    const report = JSON.parse(stdout) as { output: { frames: number; path: string } };
    expect(report.output).toMatchObject({ frames: 25, path: out('json.mp4') });
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; stage: string });
    expect(events.some(({ event, stage }) => event === 'progress' && stage === 'restore')).toBe(true);
  });

  it.each([
    ['--scale', '3'],
    ['--fps', 'fast'],
    ['--fps', '0'],
    ['--max-size', 'small'],
    ['--look', 'nice'],
    ['--slow-motion', '99'],
    ['--sound', 'ambience:volcano'],
    ['--sound', 'no-such-file.wav'],
  ])('refuses %s %s as a question of usage', async (...words) => {
    const { status, stderr } = await runCli(['restore', await soundClip(), out('usage.mp4'), ...words], cpu);
    expect(status).toBe(2);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('lumiere restore, given a bad file,', () => {
  it.each(badClips)('refuses: $name', async ({ file, code }) => {
    const target = out('bad.mp4');
    const before = await readdir(scratch.path);
    const { status, stdout, stderr } = await runCli(['restore', await file(), target, ...quick], cpu);
    expect(status).toBe(3);
    const codes: readonly string[] = [code].flat();
    const said = /^lumiere: .{20,} \[([a-z.-]+)\]$/m.exec(stderr);
    expect(codes, stderr).toContain(said?.[1]);
    expect(stderr + stdout).not.toMatch(/^\s+at |errors\./m);
    expect(await readdir(scratch.path)).toEqual(before);
  });
});

describe('lumiere restore, on a machine that lacks something,', () => {
  it('says where it cannot write', async () => {
    await writeFile(out('file'), '');
    const { status, stderr } = await runCli(['restore', await soundClip(), join(out('file'), 'x.mp4'), ...quick], cpu);
    expect(status).toBe(4);
    expect(stderr).toContain('output.unwritable');
  });

  it('says which network is missing', async () => {
    const empty = { ...cpu, LUMIERE_MODELS_DIR: out('no-models') };
    const { status, stderr } = await runCli(['restore', await soundClip(), out('model.mp4')], empty);
    expect(status).toBe(5);
    expect(stderr).toContain('model.not-installed');
    expect(stderr).toContain('lumiere models install');
  });

  it('notices a network whose bytes have changed', async () => {
    const damaged = out('damaged-models');
    for (const id of ['rife-v4.6', 'anime4k-l']) {
      await cp(join(testModelCache, id), join(damaged, id), { recursive: true });
    }
    const folder = join(damaged, 'rife-v4.6');
    for (const name of await readdir(folder)) {
      const bytes = await readFile(join(folder, name));
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
      await writeFile(join(folder, name), bytes);
    }
    const env = { ...cpu, LUMIERE_MODELS_DIR: damaged };
    const words = ['restore', await soundClip(), out('model.mp4'), '--scale', '1', '--fps', '50'];
    const { status, stderr } = await runCli(words, env);
    expect(status).toBe(5);
    expect(stderr).toMatch(/model\.(hash-mismatch|not-installed)/);
    expect(await readdir(scratch.path)).not.toContain('model.mp4');
  });

  it('stops at Ctrl-C within two seconds and leaves no file and no process', async () => {
    const folder = out('interrupted');
    await mkdir(folder);
    const clip = await makeClip('mp4', [...picture('testsrc2=s=320x240:r=25:d=4'), ...h264]);
    const target = join(folder, 'result.mp4');
    const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', cli, 'restore', clip, target], {
      env: { ...process.env, ...cpu, LUMIERE_LANG: 'en' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let interrupted = 0;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (interrupted === 0 && said.includes('frames')) {
        interrupted = performance.now();
        child.kill('SIGINT');
      }
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    expect(interrupted, said).toBeGreaterThan(0);
    expect(status, said).toBe(130);
    expect(await readdir(folder)).toEqual([]);
    expect(processesNaming(folder)).toEqual([]);
  });
});
