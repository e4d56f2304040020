#!/usr/bin/env -S npx tsx
/**
 * Prints which execution provider ran each kind of node of a network, and exits with 1 when the network falls apart: when
 * a node of picture size ran elsewhere than asked, or a tensor of picture size was copied between providers. Exits with 2
 * when the provider does not work on this machine. For a software GPU, see compare-webgpu.ts.
 *
 *   npx tsx scripts/check-placement.ts FILE.onnx [--provider webgpu] [--side 64]
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { decodeModel } from '../src/engine/model/import/onnx-codec.ts';
import { isWhole } from '../src/engine/model/placement.ts';
import { executionProviders } from '../src/engine/model/session.ts';
import { tryNetwork } from '../src/engine/model/trial.ts';
import { picturesFor } from '../test/bench/provider-comparison.ts';
import { providerFault } from '../test/vulkan.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { provider: { type: 'string', default: 'webgpu' }, side: { type: 'string', default: '64' } },
});

async function main(): Promise<number> {
  const [file] = positionals;
  const provider = executionProviders.find((name) => name === values.provider);
  if (file === undefined || provider === undefined) {
    console.error('usage: check-placement.ts FILE.onnx [--provider NAME] [--side PIXELS]');
    return 2;
  }
  const fault = await providerFault(provider);
  if (fault !== undefined) {
    console.error(`${provider} does not work here: ${fault}`);
    return 2;
  }
  const model = await readFile(file);
  const feeds = picturesFor(decodeModel(model, file), Number(values.side));
  const source = { id: basename(file), model };
  const { placement } = await tryNetwork({ provider, threads: 2, source, feeds, runs: 1 }, { timeoutMs: 600_000 });
  for (const [name, count] of Object.entries(placement.counts)) {
    const ops = new Map<string, number>();
    for (const { op } of placement.nodes.filter((node) => node.provider === name)) ops.set(op, (ops.get(op) ?? 0) + 1);
    const kinds = [...ops].toSorted(([, a], [, b]) => b - a).map(([op, times]) => `${op} ${times}`);
    console.log(`${name}: ${count} nodes\n  ${kinds.join(', ')}`);
  }
  for (const stray of placement.strays) {
    console.log(`stray: ${stray.op} ${stray.name} on ${stray.provider}, ${stray.elements} elements`);
  }
  console.log(isWhole(placement) ? 'whole' : 'falls apart');
  return isWhole(placement) ? 0 : 1;
}

process.exitCode = await main();
