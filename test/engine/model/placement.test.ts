/**
 * `recorded/` holds profiles that ONNX Runtime 1.30 wrote on WebGPU (SwiftShader), each of two runs of one graph: Conv, then
 * Round or Floor, then Conv, then a Reshape to the shape of its own input, whose computation ends on the CPU by design.
 */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { isWhole, readPlacement } from '../../../src/engine/model/placement.ts';
import { tryNetwork } from '../../../src/engine/model/trial.ts';
import { compareProviders, formatComparison, picturesFor } from '../../bench/provider-comparison.ts';
import { decodeModel, encodeModel } from '../../../src/engine/model/import/onnx-codec.ts';
import { installedNetworks, stageGraphs } from '../../bench/networks.ts';
import { isLong } from '../../long.ts';
import { installForTest, testModelCache } from '../../models.ts';
import { providerFault } from '../../vulkan.ts';
import { sandwich } from './tiny-networks.ts';

function recorded(name: string): Promise<string> {
  return readFile(new URL(`./recorded/${name}.json`, import.meta.url), 'utf8');
}

const picture = (side: number) => {
  const data = Float32Array.from({ length: 3 * side * side }, (_, index) => (index % 11) / 3);
  return { x: { type: 'float32', dims: [1, 3, side, side], data } } as const;
};

describe('the placement of a network, from a recorded profile', () => {
  test('is whole when only shapes are computed on the CPU', async () => {
    const placement = readPlacement(await recorded('webgpu-floor'), 'webgpu');
    expect(placement.counts).toEqual({ WebGpuExecutionProvider: 7, CPUExecutionProvider: 1 });
    expect(placement.strays).toEqual([]);
    expect(isWhole(placement)).toBe(true);
    const floor = placement.nodes.find(({ op }) => op === 'Floor');
    expect(floor).toMatchObject({ name: 'Floor_1', provider: 'WebGpuExecutionProvider', elements: 3 * 48 * 40 });
  });

  test('falls apart when an operator has no kernel there, and names it and the copies both ways', async () => {
    const placement = readPlacement(await recorded('webgpu-round'), 'webgpu');
    expect(isWhole(placement)).toBe(false);
    expect(placement.strays.map(({ op }) => op)).toEqual(['MemcpyToHost', 'Round', 'MemcpyFromHost']);
  });

  test('is foreign when another provider was asked for', async () => {
    const placement = readPlacement(await recorded('webgpu-floor'), 'cuda');
    expect(placement.strays.map(({ op }) => op)).toEqual([
      'Transpose',
      'Conv',
      'Floor',
      'Conv',
      'Transpose',
      'Reshape',
    ]);
  });

  test('is never read out of a profile that says nothing', () => {
    expect(() => readPlacement('[]', 'webgpu')).toThrow(/names no node/);
    expect(() => readPlacement('[{"cat":"Node","name":"Conv_0","dur":3,"args":{}}]', 'webgpu')).toThrow(
      /names no node/,
    );
    expect(() => readPlacement('{"traceEvents":[]}', 'webgpu')).toThrow();
  });
});

test('a network on the CPU is whole', async () => {
  const trial = await tryNetwork({
    provider: 'cpu',
    threads: 1,
    source: sandwich('Round'),
    feeds: picture(40),
    runs: 2,
  });
  expect(Object.keys(trial.placement.counts)).toEqual(['CPUExecutionProvider']);
  expect(trial.placement.nodes.map(({ op }) => op)).toContain('Round');
  expect(trial.placement.strays).toEqual([]);
});

const fault = await providerFault('webgpu');
const here = fault === undefined ? '' : ` (skipped, WebGPU does not work here: ${fault})`;

describe.skipIf(fault !== undefined)(`on WebGPU${here}`, () => {
  const minutes = 60_000;

  test('a missing kernel is found as it happens', async () => {
    const request = { provider: 'webgpu', threads: 1, feeds: picture(40), runs: 1 } as const;
    const [whole, apart] = [sandwich('Floor'), sandwich('Round')];
    expect((await tryNetwork({ ...request, source: whole })).placement.strays).toEqual([]);
    expect((await tryNetwork({ ...request, source: apart })).placement.strays.map(({ op }) => op)).toContain('Round');
  });

  // A graphics card that is computed takes half a minute for the large ones.
  const networks = [
    ['anime4k-l', 16] as const,
    ...(isLong
      ? ([
          ['general-x4v3', 16],
          ['rife-v4.6', 32],
        ] as const)
      : []),
  ];

  test.each(networks)('%s is whole and equals the CPU', { timeout: 5 * minutes }, async (id, side) => {
    const { network } = await installForTest(id);
    const feeds = picturesFor(decodeModel(await readFile(network!), id), side);
    const comparison = await compareProviders({ id, model: network! }, feeds, { runs: 1 });
    expect(comparison, formatComparison(comparison)).toMatchObject({ agrees: true, whole: true });
  });

  test.each(isLong ? ['motion stage', 'enlarge stage x4'] : [])('the %s too', { timeout: 5 * minutes }, async (id) => {
    for (const model of ['general-x4v3', 'rife-v4.6', 'anime4k-l']) await installForTest(model);
    const graph = stageGraphs(await installedNetworks(testModelCache), 32).get(id)!;
    const comparison = await compareProviders({ id, model: encodeModel(graph) }, picturesFor(graph, 32), { runs: 1 });
    expect(comparison, formatComparison(comparison)).toMatchObject({ agrees: true, whole: true });
  });
});
