import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSessionPool } from '../src/engine/model/session-pool.ts';
import type { SessionPool, Tensor } from '../src/engine/model/session.ts';
import { encodeModel } from '../src/engine/model/import/onnx-codec.ts';
import { addInput, addNode, addOutput, createGraph } from '../src/engine/model/import/onnx-graph.ts';
import { plane, slowIdentity } from './engine/model/tiny-networks.ts';
import { longestBlock, mostBlockMs } from './event-loop.ts';
import { installForTest } from './models.ts';

/** Computes for `ms` of processor time, however long the machine takes to grant it. */
function spin(ms: number): void {
  const start = process.cpuUsage();
  for (let spent = 0; spent < ms * 1000;) {
    const { user, system } = process.cpuUsage(start);
    spent = user + system;
  }
}

describe('the watch over the event loop', () => {
  test('finds a block and names who blocked', async () => {
    const blocking = await longestBlock(async () => {
      await sleep(30);
      spin(80);
      await sleep(30);
    });
    expect(blocking.longestMs).toBeGreaterThan(40);
    expect(blocking.stack.join(' ')).toContain('test/event-loop.test.ts');
  });

  test('finds a call that sleeps as well as one that computes', async () => {
    const blocking = await longestBlock(async () => {
      await sleep(30);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 80);
      await sleep(30);
    });
    expect(blocking.longestMs).toBeGreaterThan(40);
  });

  test('finds inference on this thread', async () => {
    const { model } = slowIdentity(60);
    const session = await ort.InferenceSession.create(model as Uint8Array, { intraOpNumThreads: 1 });
    const { data, dims } = plane(400, 400);
    const blocking = await longestBlock(async () => {
      await sleep(30);
      await session.run({ x: new ort.Tensor('float32', data, dims) });
      await sleep(30);
    });
    expect(blocking.longestMs).toBeGreaterThan(20);
    await session.release();
  });

  test('does not take a busy machine for a block', async () => {
    const rivals = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['-e', 'const end = Date.now() + 20000; while (Date.now() < end);'], { stdio: 'ignore' }),
    );
    try {
      await sleep(200);
      // So many turns, however long the machine takes for them.
      const blocking = await longestBlock(async () => {
        for (let turn = 0; turn < 200; turn += 1) await sleep(5);
      });
      expect(blocking.ticks).toBeGreaterThan(20);
      expect(blocking.longestMs, blocking.stack.join(' < ')).toBeLessThan(mostBlockMs);
    } finally {
      for (const rival of rivals) rival.kill('SIGKILL');
    }
  });
});

describe('the event loop', () => {
  let pool: SessionPool;
  beforeAll(() => {
    pool = createSessionPool({ providers: ['cpu'] });
  });
  afterAll(() => pool.close());

  test('is not blocked by general-x4v3: opening it, running it, closing it', async () => {
    const { network } = await installForTest('general-x4v3');
    const picture = plane(3 * 160, 120);
    const data: Tensor = { ...picture, dims: [1, 3, 120, 160] };
    const blocking = await longestBlock(async () => {
      const session = await pool.open({ id: 'general-x4v3', model: network! });
      const { output } = await session.run({ data });
      expect(output?.dims).toEqual([1, 3, 480, 640]);
      await session.close();
    });
    expect(blocking.ticks).toBeGreaterThan(20);
    expect(blocking.longestMs, blocking.stack.join(' < ')).toBeLessThan(mostBlockMs);
  });

  test('is not blocked by pictures of 2160 lines on their way in and out', async () => {
    const graph = createGraph('bytes');
    const x = addInput(graph, 'x', 'uint8', [1, 'h', 'w', 3]);
    addNode(graph, 'Transpose', [x], { perm: [0, 2, 1, 3] }, 'y');
    addOutput(graph, 'y', 'uint8', [1, 'w', 'h', 3]);
    const model = encodeModel(graph);
    const picture: Tensor = { type: 'uint8', dims: [1, 2160, 3840, 3], data: new Uint8Array(2160 * 3840 * 3) };
    const blocking = await longestBlock(async () => {
      const session = await pool.open({ id: 'bytes', model });
      for (let run = 0; run < 3; run += 1)
        await Promise.all([session.run({ x: picture }), session.run({ x: picture })]);
      await session.close();
    });
    expect(blocking.ticks).toBeGreaterThan(20);
    expect(blocking.longestMs, blocking.stack.join(' < ')).toBeLessThan(mostBlockMs);
  });
});
