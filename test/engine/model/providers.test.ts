import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeDevice } from '../../../src/engine/model/device-report.ts';
import { faultOfAnswer, makeProbe, probeTolerance } from '../../../src/engine/model/probe.ts';
import { slowness } from '../../../src/engine/model/provider-trial.ts';
import { openProviderMemory } from '../../../src/engine/model/provider-memory.ts';
import { findProviders } from '../../../src/engine/model/providers.ts';
import type { ExecutionProvider } from '../../../src/engine/model/session.ts';
import { tryNetwork } from '../../../src/engine/model/trial.ts';
import { scaling } from './tiny-networks.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-providers-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the probe', () => {
  test('gives the answer that was worked out by hand, on the CPU, whole', async () => {
    const probe = makeProbe();
    const { outputs, placement, openMs, runMs } = await tryNetwork({ ...probe, provider: 'cpu', threads: 1, runs: 2 });
    expect(faultOfAnswer(probe, outputs[probe.output])).toBeUndefined();
    const worst = Math.max(...probe.expected.map((value, index) => Math.abs(value - outputs['answer']!.data[index]!)));
    expect(worst).toBeLessThan(1e-6);
    expect(placement.strays).toEqual([]);
    expect(Object.keys(placement.counts)).toEqual(['CPUExecutionProvider']);
    expect([openMs > 0, runMs.length]).toEqual([true, 2]);
  });

  test('rejects an answer with one value off, not a number, or missing', () => {
    const probe = makeProbe();
    const answer = (change: (values: Float32Array) => void) => {
      const data = probe.expected.slice();
      change(data);
      return { type: 'float32', dims: [data.length], data } as const;
    };
    expect(
      faultOfAnswer(
        probe,
        answer(() => undefined),
      ),
    ).toBeUndefined();
    expect(
      faultOfAnswer(
        probe,
        answer((values) => (values[777]! += 2 * probeTolerance)),
      ),
    ).toMatch(/computed wrongly/);
    expect(
      faultOfAnswer(
        probe,
        answer((values) => (values[0] = NaN)),
      ),
    ).toMatch(/computed wrongly/);
    expect(faultOfAnswer(probe, { type: 'float32', dims: [1], data: new Float32Array(1) })).toMatch(/wrong size/);
    expect(faultOfAnswer(probe, undefined)).toMatch(/wrong size/);
  });
});

describe('a trial', () => {
  const feeds = { x: { type: 'float32', dims: [1], data: new Float32Array(1) } } as const;

  test('gives the reason of a provider that this build lacks', async () => {
    const absent: ExecutionProvider = process.platform === 'darwin' ? 'dml' : 'coreml';
    const attempt = tryNetwork({ provider: absent, threads: 1, source: scaling(2), feeds, runs: 1 });
    await expect(attempt).rejects.toThrow(/backend not found/);
  });

  test.each([
    ['aborts its process', 'abort', /ended its process \(SIGABRT\)/],
    ['never answers', 'hang', /no answer within 1.5 s/],
  ])('survives a driver that %s', async (_, way, expected) => {
    const entry = new URL('./bad-driver.mjs', import.meta.url);
    const request = { provider: 'cpu', threads: 1, source: { ...scaling(2), id: way }, feeds, runs: 1 } as const;
    await expect(tryNetwork(request, { timeoutMs: way === 'hang' ? 1500 : 60_000, entry })).rejects.toThrow(expected);
  });
});

describe('the providers of this machine', () => {
  const tried: ExecutionProvider[] = [];
  const options = () => ({
    memoryFile: join(folder, 'providers.json'),
    providers: ['cuda', 'webgpu', 'cpu'] as const,
    tryProvider: (provider: ExecutionProvider) => {
      tried.push(provider);
      return Promise.resolve(provider === 'cuda' ? { reason: 'no such library' } : {});
    },
  });
  const day = 24 * 60 * 60 * 1000;

  test('are tried once, remembered, forgotten when the drivers change, after a week, and when told to', async () => {
    const start = Date.UTC(2026, 0, 1);
    const steps: [string, object, ExecutionProvider[]][] = [
      ['the first start', {}, ['cuda', 'webgpu']],
      ['the second start', {}, []],
      ['after six days', { now: () => start + 6 * day }, []],
      ['after eight days', { now: () => start + 8 * day }, ['cuda', 'webgpu']],
      ['another driver', { driverHint: '/etc/another_icd.json', now: () => start + 8 * day }, ['cuda', 'webgpu']],
      ['the same other driver', { driverHint: '/etc/another_icd.json', now: () => start + 8 * day }, []],
      ['asked to try afresh', { driverHint: '/etc/another_icd.json', afresh: true }, ['cuda', 'webgpu']],
    ];
    for (const [step, change, expected] of steps) {
      tried.length = 0;
      const found = findProviders({ ...options(), now: () => start, ...change });
      const reasons = [];
      for (const provider of await found.candidates()) reasons.push((await found.trial(provider)).reason);
      expect(reasons, step).toEqual(['no such library', undefined, undefined]);
      expect(tried, step).toEqual(expected);
    }
    await rm(options().memoryFile);
    tried.length = 0;
    await findProviders(options()).trial('webgpu');
    expect(tried).toEqual(['webgpu']);
  });

  test('are tried again when the memory file is damaged or of another version', async () => {
    const { memoryFile } = options();
    for (const damage of ['{"key":', '{"key":"x","trials":[]}', '']) {
      await writeFile(memoryFile, damage);
      tried.length = 0;
      await findProviders(options()).trial('cuda');
      expect(tried).toEqual(['cuda']);
      expect(JSON.parse(await readFile(memoryFile, 'utf8'))).toMatchObject({
        trials: { cuda: { reason: 'no such library' } },
      });
    }
  });

  test('are remembered for the process when the file cannot be written', async () => {
    const memory = await openProviderMemory(join(folder, 'providers.json', 'below-a-file.json'), 'key');
    await memory.rememberTrial('cuda', { reason: 'because' });
    expect(memory.trial('cuda')?.reason).toBe('because');
  });

  test('forget after a day that a network failed', async () => {
    let time = 0;
    const memory = await openProviderMemory(undefined, 'key', () => time);
    await memory.rememberUnfit('rife', 'webgpu', 'out of memory');
    expect([memory.unfit('rife', 'webgpu')?.reason, memory.unfit('rife', 'cuda')]).toEqual([
      'out of memory',
      undefined,
    ]);
    time = day;
    expect(memory.unfit('rife', 'webgpu')).toBeUndefined();
  });

  test('are left alone when slower than the CPU, unless the operator asks for them', async () => {
    const slow = slowness('webgpu', 900, 30);
    expect(slow).toMatch(/slower than the CPU \(900 ms to 30 ms\)/);
    expect([slowness('webgpu', 50, 30), slowness('cuda', 1, 30)]).toEqual([undefined, undefined]);
    const memoryFile = join(folder, 'slow.json');
    const verdict = { tryProvider: () => Promise.resolve(slow === undefined ? {} : { slow }), memoryFile };
    expect((await findProviders(verdict).trial('webgpu')).reason).toBe(slow);
    expect((await findProviders({ ...verdict, providers: ['webgpu'] }).trial('webgpu')).reason).toBeUndefined();
    expect((await findProviders(verdict).trial('webgpu')).reason).toBe(slow);
  });

  test('are described as they are', async () => {
    const report = await describeDevice({ memoryFile: join(folder, 'described.json') });
    expect(report.providers.at(-1)).toMatchObject({ name: 'cpu', works: true });
    expect(report.chosen).toBe(report.providers.find(({ works }) => works)?.name);
    for (const { works, reason } of report.providers) expect(works).toBe(reason === undefined);
    expect(report.threads).toBeGreaterThanOrEqual(1);
    expect(report.cores).toBe(report.threads);
    expect(report.memory).toBeGreaterThan(report.freeMemory);
    expect((await describeDevice({ providers: ['cpu'], threads: 7 })).threads).toBe(7);
  });
});
