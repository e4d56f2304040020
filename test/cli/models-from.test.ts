/** `lumiere models install` with weights that the operator brings: a folder, hashes to vouch for, sizes that nobody knows. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

const model = 'live-portrait-retargeting';
const files = ['live_portrait_eye_retargeter.onnx', 'live_portrait_lip_retargeter.onnx'];

let folder: string;
let env: NodeJS.ProcessEnv;
let weights: string;
const trust: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lumiere-models-from-'));
  weights = join(folder, 'weights');
  mkdirSync(weights);
  env = { LUMIERE_MODELS_DIR: join(folder, 'models') };
  trust.length = 0;
  for (const file of files) {
    writeFileSync(join(weights, file), `the weights of ${file}`);
    const hash = createHash('sha256').update(`the weights of ${file}`).digest('hex');
    trust.push('--trust', `${file}=${hash}`);
  }
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const install = (...words: readonly string[]) => runCli(['models', 'install', model, '--offline', ...words], env);

describe('lumiere models install --from', () => {
  test('takes the files of a folder, each vouched for, and knows them from then on', async () => {
    const before = await runCli(['models', 'list'], env);
    expect(before.stdout).toMatch(new RegExp(`^${model} .*size not known`, 'm'));
    const { status } = await install('--from', weights, ...trust);
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'models', model, files[1]!), 'utf8')).toBe(`the weights of ${files[1]!}`);
    const { stdout } = await runCli(['models', 'list', '--json'], env);
    const { models } = JSON.parse(stdout) as { models: readonly { id: string }[] };
    expect(models.find(({ id }) => id === model)).toMatchObject({ state: 'installed', bytes: null });
    expect((await runCli(['models', 'verify'], env)).status).toBe(0);
  });

  test('refuses a file that nobody vouches for, naming it and what to type', async () => {
    const { status, stderr } = await install('--from', weights, ...trust.slice(0, 2));
    expect(status).not.toBe(0);
    expect(stderr).toContain(`lumiere models install ${model} --trust ${files[1]!}=SHA256`);
  });

  test('refuses a file that is another one than was vouched for', async () => {
    writeFileSync(join(weights, files[0]!), 'other weights');
    const { status, stderr } = await install('--from', weights, ...trust);
    expect(status).not.toBe(0);
    expect(stderr).toContain(files[0]!);
    expect(stderr).toContain('is not the file it should be');
  });

  test('fetches nothing over an unprotected connection', async () => {
    const { status, stderr } = await install('--from', 'http://example.org/weights', ...trust);
    expect(status).not.toBe(0);
    expect(stderr).toContain('https://');
  });
});
