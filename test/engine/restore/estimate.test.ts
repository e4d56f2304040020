/** The guess before a clip is looked at: never far under the plan that follows, and by the fastest device that is known. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { rational } from '../../../src/engine/rational.ts';
import { learnDeviceCosts } from '../../../src/engine/restore/plan/device-costs.ts';
import { estimateSeconds, estimatingDevice } from '../../../src/engine/restore/estimate.ts';
import { planRestore } from '../../../src/engine/restore/plan/plan.ts';
import { scratchFolder } from '../../clips.ts';
import { device, planInput } from './plan/plan-facts.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.remove());

it('is what the plan of a faultless clip says, and more than that of one with held frames or a soft picture', () => {
  const sound = planInput();
  const guess = estimateSeconds(sound.probe, sound.request, device);
  expect(guess).toBeCloseTo(planRestore(sound).predictedSeconds, 6);
  const held = planInput({
    inspection: {
      held: { share: 0.5, cadence: { framesPerDrawing: rational(2), rate: rational(12), timing: 'even' } },
    },
  });
  expect(guess).toBeGreaterThan(planRestore(held).predictedSeconds);
  const large = planInput({ video: { width: 640, height: 480 }, inspection: { effectiveScale: 0.4 } });
  expect(estimateSeconds(large.probe, large.request, device)).toBeGreaterThan(2 * planRestore(large).predictedSeconds);
});

it('follows what was asked: less for a fast look than for a balanced one', () => {
  const { probe, request } = planInput();
  const fast = estimateSeconds(probe, { ...request, quality: 'fast' }, device);
  expect(estimateSeconds(probe, request, device)).toBeGreaterThan(1.5 * fast);
});

it('reckons with two cores until a job was measured, then with the fastest device that was', async () => {
  const machine = { modelsDir: scratch.path };
  expect(await estimatingDevice(machine)).toMatchObject({ provider: 'cpu', gpu: false, costs: { measured: false } });
  const costs = join(scratch.path, 'device-costs.json');
  await learnDeviceCosts(costs, 'cpu', { networks: { 'rife-v4.6': 900 } });
  expect(await estimatingDevice(machine)).toMatchObject({ provider: 'cpu', costs: { measured: true } });
  await learnDeviceCosts(costs, 'cuda', { networks: { 'rife-v4.6': 9 } });
  const fastest = await estimatingDevice(machine);
  expect(fastest).toMatchObject({ provider: 'cuda', gpu: true, costs: { networks: { 'rife-v4.6': 9 } } });
  expect(fastest.installed).toContain('rife-v4.6');
});
