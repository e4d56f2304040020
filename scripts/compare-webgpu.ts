#!/usr/bin/env -S npx tsx
/**
 * Compares every installed network, and the graphs that the stages build around them, on WebGPU with the CPU: largest
 * error, PSNR, node placement, times. Exits with 1 when an answer differs (under 60 dB) or a network falls apart, with 2
 * when the provider does not work on this machine.
 *
 *   npx tsx scripts/compare-webgpu.ts [--provider webgpu] [--side 32] [--runs 2] [--json FILE] [--only TEXT] [FILE.onnx ...]
 *
 * On a machine with a GPU nothing else is needed. Without one, a software GPU does, slowly:
 *   apt-get install --no-install-recommends libvulkan1 chromium-common
 * whose driver is found by itself at /usr/lib/chromium/vk_swiftshader_icd.json, or wherever VK_ICD_FILENAMES points.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { decodeModel, encodeModel } from '../src/engine/model/import/onnx-codec.ts';
import { type ExecutionProvider, executionProviders } from '../src/engine/model/session.ts';
import { installedNetworks, stageGraphs } from '../test/bench/networks.ts';
import { compareProviders, formatComparison, picturesFor } from '../test/bench/provider-comparison.ts';
import { providerFault } from '../test/vulkan.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    provider: { type: 'string', default: 'webgpu' },
    side: { type: 'string', default: '32' },
    runs: { type: 'string', default: '2' },
    json: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const [side, runs] = [Number(values.side), Number(values.runs)];

function isProvider(name: string): name is ExecutionProvider {
  return (executionProviders as readonly string[]).includes(name);
}

async function graphsToCompare() {
  if (positionals.length > 0) {
    return new Map(
      await Promise.all(
        positionals.map(async (file) => [basename(file), decodeModel(await readFile(file), file)] as const),
      ),
    );
  }
  const networks = await installedNetworks(join(import.meta.dirname, '..', 'models', 'cache'));
  // A network whose input is no picture of free size (the face models) is compared at its own size.
  return new Map([...networks, ...stageGraphs(networks, side)]);
}

async function main(): Promise<number> {
  const { provider } = values;
  if (!isProvider(provider)) {
    console.error(`expected one of ${executionProviders.join(', ')} for --provider but received ${provider}`);
    return 2;
  }
  const fault = await providerFault(provider);
  if (fault !== undefined) {
    console.error(`${provider} does not work here: ${fault}`);
    return 2;
  }
  const comparisons = [];
  for (const [id, graph] of await graphsToCompare()) {
    if (!id.includes(values.only)) continue;
    const source = { id, model: encodeModel(graph) };
    const comparison = await compareProviders(source, picturesFor(graph, side), { provider, runs });
    console.log(formatComparison(comparison));
    comparisons.push(comparison);
  }
  if (values.json !== undefined) {
    await mkdir(dirname(values.json), { recursive: true });
    await writeFile(values.json, `${JSON.stringify(comparisons, null, 2)}\n`);
  }
  if (comparisons.length === 0) {
    console.error('no network is installed: run `npm run setup`, or name .onnx files');
    return 2;
  }
  return comparisons.every(({ agrees, whole }) => agrees && whole) ? 0 : 1;
}

process.exitCode = await main();
