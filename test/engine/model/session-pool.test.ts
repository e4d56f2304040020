import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LumiereError } from '../../../src/engine/errors.ts';
import { DeviceFailure, type DeviceThread, startDeviceThread } from '../../../src/engine/model/device-thread.ts';
import type { Verdict } from '../../../src/engine/model/provider-trial.ts';
import type { DeviceSettings } from '../../../src/engine/model/session-protocol.ts';
import {
  createSessionPool,
  type DeviceIncident,
  type SessionPoolOptions,
} from '../../../src/engine/model/session-pool.ts';
import type { ModelSource, SessionPool } from '../../../src/engine/model/session.ts';
import { plane, row, scaling, slowIdentity } from './tiny-networks.ts';

const pools: SessionPool[] = [];
function openPool(options: SessionPoolOptions = {}): SessionPool {
  const pool = createSessionPool({ providers: ['cpu'], threads: 1, ...options });
  pools.push(pool);
  return pool;
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => 'it succeeded',
    (reason: unknown) => reason,
  );
  return error instanceof LumiereError ? error.code : String(error);
}

// Tests that harm nothing share a thread: one takes a second to start from source.
let pool: SessionPool;
beforeAll(() => {
  pool = createSessionPool({ providers: ['cpu'], threads: 1 });
});
afterAll(() => pool.close());

describe('a session', () => {
  test('runs off the main thread, keeps the inputs and measures its time', async () => {
    const session = await pool.open(scaling(3));
    expect([session.provider, session.inputs, session.outputs]).toEqual(['cpu', ['x'], ['y']]);
    const x = row([1, -2, 0.5]);
    const { y } = await session.run({ x });
    expect(y).toEqual(row([3, -6, 1.5]));
    expect(x).toEqual(row([1, -2, 0.5]));
    expect(session.modelMs).toBeGreaterThan(0);
  });

  test('says what the loaded file expects and gives: names, types and shapes, the free ones by name', async () => {
    const { signature } = await pool.open(slowIdentity(1));
    const dims = [1, 1, 'h', 'w'];
    expect(signature).toEqual({
      inputs: [{ name: 'x', type: 'float32', dims }],
      outputs: [{ name: 'y', type: 'float32', dims }],
    });
  });

  test('takes a view into a larger buffer without the rest of it', async () => {
    const session = await pool.open(scaling(2));
    const large = Float32Array.from({ length: 1000 }, (_, index) => index);
    const { y } = await session.run({ x: { type: 'float32', dims: [3], data: large.subarray(10, 13) } });
    expect(y).toEqual(row([20, 22, 24]));
    expect(large).toHaveLength(1000);
  });

  test('builds a network where it runs, for the provider it runs on', async () => {
    const module = new URL('./scaling-recipe.mjs', import.meta.url);
    const options = { cpu: scaling(3).model, other: scaling(1).model };
    const session = await pool.open({ id: 'recipe', model: { module, options } });
    expect((await session.run({ x: row([2]) }))['y']).toEqual(row([6]));
    const broken = pool.open({ id: 'broken recipe', model: { module, options: {} } });
    await expect(broken).rejects.toMatchObject({ code: 'model.malformed', params: { detail: 'no such factor' } });
  });

  test('answers in the order it was asked, with inputs too large to copy at one go before small ones', async () => {
    const session = await pool.open(scaling(2));
    const large = Float32Array.from({ length: 3_000_000 }, (_, index) => index % 1000);
    const order: string[] = [];
    const results = await Promise.all([
      session.run({ x: { type: 'float32', dims: [large.length], data: large } }).finally(() => order.push('large')),
      session.run({ x: row([1]) }).finally(() => order.push('small')),
      session.run({ x: row([5, 6]) }).finally(() => order.push('second small')),
    ]);
    expect(order).toEqual(['large', 'small', 'second small']);
    expect(results[0]['y']?.data.every((value, index) => value === 2 * (index % 1000))).toBe(true);
    expect(results[2]['y']).toEqual(row([10, 12]));
  });

  test('uses the memory of inputs again without mixing them up', async () => {
    const session = await pool.open(scaling(1));
    for (const length of [5, 7, 5, 5, 7]) {
      const values = Array.from({ length }, (_, index) => Math.fround(length + index / 10));
      expect((await session.run({ x: row(values) }))['y']).toEqual(row(values));
    }
  });

  test('shares the thread with other sessions and closes alone', async () => {
    const [double, triple] = await Promise.all([pool.open(scaling(2)), pool.open(scaling(3))]);
    await double.close();
    expect((await triple.run({ x: row([1]) }))['y']).toEqual(row([3]));
    expect(await codeOf(double.run({ x: row([1]) }))).toBe('device.failed');
  });

  test('refuses inputs that do not fit the network as a mistake of the caller', async () => {
    const session = await pool.open(slowIdentity(1));
    await expect(session.run({})).rejects.toThrow(/expected inputs x .* but received/);
    await expect(session.run({ x: { type: 'float32', dims: [2], data: new Float32Array(3) } })).rejects.toThrow(
      /expected input x to hold 2 values but received 3/,
    );
    await expect(session.run({ x: row([1]) })).rejects.toThrow(TypeError);
    await expect(session.run({ x: { type: 'uint8', dims: [1], data: new Uint8Array(1) } })).rejects.toThrow(TypeError);
    expect((await session.run({ x: plane(4, 4) }))['y']).toEqual(plane(4, 4));
  });
});

describe('cancelling', () => {
  test('rejects at once, while the inference goes on unseen, and leaves the session usable', async () => {
    // Answers of the device wait for the test, so that only what does not wait for them can settle.
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const pool = openPool({
      startDevice: (settings) => {
        const thread = startDeviceThread(settings);
        const run: DeviceThread['run'] = async (...asked) => {
          const result = thread.run(...asked);
          begin();
          return answered.then(() => result);
        };
        return Object.defineProperty({ ...thread, run }, 'failure', { get: () => thread.failure });
      },
    });
    const session = await pool.open(slowIdentity(60));
    const picture = plane(700, 700);
    const controller = new AbortController();
    const settled: string[] = [];
    const runs = [1, 2, 3].map((number) =>
      codeOf(session.run({ x: picture }, { signal: controller.signal })).then((code) => {
        settled.push(`${number} ${code}`);
      }),
    );
    const behind = session.run({ x: plane(3, 3) }).then(() => settled.push('the run behind them'));
    await begun;
    controller.abort();
    await Promise.all(runs);
    expect(settled).toEqual(['1 job.cancelled', '2 job.cancelled', '3 job.cancelled']);
    answer();
    await behind;
    expect(await codeOf(session.run({ x: picture }, { signal: controller.signal }))).toBe('job.cancelled');
    expect((await session.run({ x: plane(3, 3) }))['y']).toEqual(plane(3, 3));
  });
});

describe('a network that cannot be opened', () => {
  test('is not installed, or malformed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lumiere-pool-'));
    const file = join(folder, 'broken.onnx');
    await writeFile(file, 'this is no network');
    expect(await codeOf(pool.open({ id: 'absent', model: join(folder, 'absent.onnx') }))).toBe('model.not-installed');
    expect(await codeOf(pool.open({ id: 'broken', model: file }))).toBe('model.malformed');
    await rm(folder, { recursive: true });
  });

  test('is refused when the operator allows only a provider that this machine lacks', async () => {
    // No build of the runtime has both of these.
    const pool = openPool({ providers: ['coreml', 'dml'] });
    const error: unknown = await pool.open(scaling(2)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'device.unavailable' });
    expect(String((error as LumiereError).params['reason'])).toMatch(/coreml: .*; dml: ./);
  });
});

/** A planted device computes on the CPU, whatever it is called, and fails when told to. */
interface Plant {
  readonly failsOpening?: (settings: DeviceSettings) => boolean;
  readonly failsRun?: (settings: DeviceSettings, run: number) => boolean;
}

function plantedDevice({ failsOpening, failsRun }: Plant) {
  return (settings: DeviceSettings): DeviceThread => {
    const thread = startDeviceThread({ ...settings, provider: 'cpu' });
    let runs = 0;
    return {
      get failure() {
        return thread.failure;
      },
      async open(source) {
        if (failsOpening?.(settings) === true) throw new DeviceFailure('no kernel for this network');
        return thread.open(source);
      },
      copy: (tensors) => thread.copy(tensors),
      async run(session, feeds, outputs, signal) {
        runs += 1;
        const lost = failsRun?.(settings, runs) ?? false;
        const result = await thread.run(session, feeds, outputs, signal);
        if (lost) throw new DeviceFailure('device lost');
        return result;
      },
      closeSession: (session) => thread.closeSession(session),
      stop: () => thread.stop(),
    };
  };
}

const works = (): Promise<Verdict> => Promise.resolve({});

describe('a provider that fails', () => {
  test('in the middle of a job hands the network to the next one: no run is lost, and it is reported once', async () => {
    const incidents: DeviceIncident[] = [];
    const pool = openPool({
      providers: ['cuda', 'webgpu', 'cpu'],
      tryProvider: works,
      startDevice: plantedDevice({ failsRun: ({ provider }, run) => provider === 'cuda' && run >= 3 }),
      onIncident: (incident) => incidents.push(incident),
    });
    const session = await pool.open(scaling(2));
    expect(session.provider).toBe('cuda');
    const order: number[] = [];
    const ask = async (number: number): Promise<unknown> => {
      const { y } = await session.run({ x: row([number]) });
      order.push(number);
      return y;
    };
    const first = [1, 2, 3, 4, 5].map(ask);
    await first[1];
    const answers = await Promise.all([...first, ask(6)]);
    expect(answers).toEqual([1, 2, 3, 4, 5, 6].map((number) => row([2 * number])));
    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
    expect(session.provider).toBe('webgpu');
    expect(incidents).toEqual([{ model: 'times-2', provider: 'cuda', reason: 'device lost', next: 'webgpu' }]);
  });

  test('fails the run when none is left, and reports that too', async () => {
    const incidents: DeviceIncident[] = [];
    const pool = openPool({
      providers: ['webgpu', 'cpu'],
      tryProvider: works,
      startDevice: plantedDevice({ failsRun: (_, run) => run === 1 }),
      onIncident: (incident) => incidents.push(incident),
    });
    const session = await pool.open(scaling(2));
    expect(await codeOf(session.run({ x: row([1]) }))).toBe('device.failed');
    expect(incidents.map(({ provider, next }) => [provider, next])).toEqual([
      ['webgpu', 'cpu'],
      ['cpu', undefined],
    ]);
    // What the CPU could not do once, it may do the next time.
    expect((await session.run({ x: row([1]) }))['y']).toEqual(row([2]));
  });

  test('at opening is passed over, reported, and remembered for that network alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lumiere-pool-'));
    const memoryFile = join(folder, 'providers.json');
    const opened: string[] = [];
    const attempt = async (source: ModelSource): Promise<DeviceIncident[]> => {
      const incidents: DeviceIncident[] = [];
      const pool = openPool({
        providers: ['webgpu', 'cpu'],
        memoryFile,
        tryProvider: works,
        startDevice: plantedDevice({
          failsOpening: ({ provider }) => {
            opened.push(provider);
            return provider === 'webgpu';
          },
        }),
        onIncident: (incident) => incidents.push(incident),
      });
      expect((await pool.open(source)).provider).toBe('cpu');
      return incidents;
    };
    const expected = { provider: 'webgpu', reason: 'no kernel for this network', next: 'cpu' };
    expect(await attempt(scaling(2))).toEqual([{ ...expected, model: 'times-2' }]);
    expect(await attempt(scaling(2))).toEqual([]);
    expect(await attempt(scaling(3))).toEqual([{ ...expected, model: 'times-3' }]);
    expect(opened).toEqual(['webgpu', 'cpu', 'cpu', 'webgpu', 'cpu']);
    await rm(folder, { recursive: true });
  });

  test('is not blamed for a network that no provider can open', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lumiere-pool-'));
    const memoryFile = join(folder, 'providers.json');
    const pool = openPool({
      providers: ['webgpu', 'cpu'],
      memoryFile,
      tryProvider: works,
      startDevice: plantedDevice({}),
    });
    expect(await codeOf(pool.open({ id: 'broken', model: new Uint8Array(10) }))).toBe('model.malformed');
    expect(await readFile(memoryFile, 'utf8')).not.toContain('broken');
    await rm(folder, { recursive: true });
  });
});

describe('a thread that dies', () => {
  /** Opens anything, dies at the first run. */
  const mortal = new URL('./mortal-thread.ts', import.meta.url);

  test('rejects everything pending, says so, and the pool starts another for the next network', async () => {
    const incidents: DeviceIncident[] = [];
    let started = 0;
    const pool = openPool({
      startDevice: (settings) => startDeviceThread(settings, (started += 1) === 1 ? mortal : undefined),
      onIncident: (incident) => incidents.push(incident),
    });
    const session = await pool.open(scaling(2));
    const codes = await Promise.all([1, 2, 3].map((number) => codeOf(session.run({ x: row([number]) }))));
    expect(codes).toEqual(['device.failed', 'device.failed', 'device.failed']);
    expect(incidents[0]).toMatchObject({ model: 'times-2', provider: 'cpu', reason: 'planted death' });
    expect(await codeOf(session.run({ x: row([1]) }))).toBe('device.failed');
    const next = await pool.open(scaling(2));
    expect((await next.run({ x: row([4]) }))['y']).toEqual(row([8]));
  });

  test('of a GPU hands its networks to the CPU', async () => {
    const pool = openPool({
      providers: ['webgpu', 'cpu'],
      tryProvider: works,
      startDevice: (settings) => startDeviceThread(settings, settings.provider === 'webgpu' ? mortal : undefined),
    });
    const session = await pool.open(scaling(2));
    expect((await session.run({ x: row([1, 2]) }))['y']).toEqual(row([2, 4]));
    expect(session.provider).toBe('cpu');
  });
});

describe('a process that leaves while a network runs', () => {
  test.each([
    ['exit', 3],
    ['exit while opening', 3],
    ['throw', 1],
    ['cancel and end', 0],
    ['close', 4],
  ])('by way of %s, leaves with the status it meant to', async (way, status) => {
    const script = fileURLToPath(new URL('./leaving.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, way], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    expect({ code, signal, complaint: complaint.includes('terminate called') }).toEqual({
      code: status,
      signal: null,
      complaint: false,
    });
  });
});
