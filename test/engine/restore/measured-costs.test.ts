/** What a job teaches about a device. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { measureCosts } from '../../../src/engine/restore/measured-costs.ts';
import { learnDeviceCosts, loadDeviceCosts, twoCoreCosts } from '../../../src/engine/restore/plan/device-costs.ts';
import { planRestore } from '../../../src/engine/restore/plan/plan.ts';
import type { Workshop } from '../../../src/engine/restore/workshop.ts';
import { planInput } from './plan/plan-facts.ts';

const plan = planRestore(planInput());
const megapixels = (plan.working.width * plan.working.height) / 1e6;
const frames = Math.ceil(2 / megapixels);

/** A workshop that has spent so much time; nothing of it runs. */
function spent(upscaleMs: number, motionMs: number, warpMs: number): Workshop {
  const upscaler = { modelMs: upscaleMs, modelPixels: frames * megapixels * 1e6 };
  const interpolator = { modelMs: motionMs, warpMs };
  return { upscaler, between: { interpolator } } as unknown as Workshop;
}

const counts = { real: frames, between: 2 * frames, held: 0, enlarged: frames };

describe('costs of a device', () => {
  it('are milliseconds a megapixel, shared between networks that ran as one', () => {
    const general = twoCoreCosts.networks['general-x4v3']!;
    const faithful = twoCoreCosts.networks['anime4k-l']!;
    const done = spent(frames * megapixels * 2 * (general + faithful), 2 * frames * megapixels * 500, 640);
    const measured = measureCosts(plan, done, counts, twoCoreCosts)!;
    expect(measured.networks['general-x4v3']).toBeCloseTo(2 * general, 3);
    expect(measured.networks['anime4k-l']).toBeCloseTo(2 * faithful, 3);
    expect(measured.networks['rife-v4.6']).toBeCloseTo(500, 3);
    const output = (plan.output.width * plan.output.height) / 1e6;
    expect(measured.warp).toBeCloseTo(640 / (2 * frames * output), 6);
  });

  it('are not learnt from a job too small to tell', () => {
    expect(measureCosts(plan, spent(1, 1, 1), { ...counts, enlarged: 1 }, twoCoreCosts)).toBeUndefined();
  });

  it('are kept by device, a new measurement counting a third', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lumiere-costs-'));
    try {
      const file = join(folder, 'costs.json');
      await learnDeviceCosts(file, 'cpu', { networks: { 'rife-v4.6': 900 }, warp: 60 });
      await learnDeviceCosts(file, 'cpu', { networks: { 'rife-v4.6': 600 }, warp: 30 });
      const costs = await loadDeviceCosts(file, 'cpu');
      expect(costs.networks['rife-v4.6']).toBeCloseTo(800, 6);
      expect(costs.warp).toBeCloseTo(50, 6);
      expect(costs.measured).toBe(true);
      expect(await loadDeviceCosts(file, 'webgpu')).toEqual(twoCoreCosts);
      expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 2 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
