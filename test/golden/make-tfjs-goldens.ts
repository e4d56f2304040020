/**
 * Makes `tfjs.json` beside this file: what TensorFlow.js itself computes for the face networks, on its CPU back end.
 * TensorFlow.js is no part of the project: install it in a folder of its own and name the folder.
 *
 *   npm install --prefix FOLDER @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-converter@4.22.0 \
 *     @tensorflow/tfjs-backend-cpu@4.22.0
 *   npx tsx test/golden/make-tfjs-goldens.ts FOLDER
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installForTest } from '../models.ts';
import { networkInput, sampleValues, tfjsNetworks } from './tfjs-networks.ts';

interface TfTensor {
  data(): Promise<Float32Array>;
}
interface TfCore {
  setBackend(name: string): Promise<boolean>;
  tensor4d(values: Float32Array, shape: readonly number[]): TfTensor;
}
interface TfModel {
  executeAsync(feeds: Record<string, TfTensor>, outputs: readonly string[]): Promise<TfTensor | TfTensor[]>;
}
interface TfConverter {
  loadGraphModel(source: { load: () => Promise<unknown> }): Promise<TfModel>;
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('name the folder that TensorFlow.js is installed in');
const load = createRequire(join(resolve(folder), 'package.json'));
const core = load('@tensorflow/tfjs-core') as TfCore;
load('@tensorflow/tfjs-backend-cpu');
const converter = load('@tensorflow/tfjs-converter') as TfConverter;
await core.setBackend('cpu');

const goldens: Record<string, Record<string, readonly number[]>> = {};
for (const network of tfjsNetworks) {
  const { entry, files } = await installForTest(network);
  const read = (ending: string): Buffer => readFileSync(Object.values(files).find((path) => path.endsWith(ending))!);
  const json = JSON.parse(read('.json').toString()) as Record<string, unknown> & {
    weightsManifest: { weights: unknown[] }[];
  };
  const bytes = read('.bin');
  const model = await converter.loadGraphModel({
    load: () =>
      Promise.resolve({
        ...json,
        weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
        weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      }),
  });
  const { name, dims } = entry.inputs[0]!;
  const input = core.tensor4d(networkInput(network, Number(dims[1])), dims.map(Number));
  const names = entry.outputs.map((output) => output.name);
  const results = [await model.executeAsync({ [name]: input }, names)].flat();
  const sampled = await Promise.all(results.map(async (tensor) => sampleValues(await tensor.data())));
  goldens[network] = Object.fromEntries(names.map((output, index) => [output, sampled[index]!]));
}
writeFileSync(fileURLToPath(new URL('tfjs.json', import.meta.url)), `${JSON.stringify(goldens)}\n`);
