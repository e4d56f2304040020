/**
 * Makes `tfjs.json` beside this file: what TensorFlow.js itself computes for the face networks and the classifier, on its CPU
 * back end.
 * TensorFlow.js is no part of the project: install it in a folder of its own and name the folder.
 *
 *   npm install --prefix FOLDER @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-converter@4.22.0 \
 *     @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0
 *   npx tsx test/golden/make-tfjs-goldens.ts FOLDER
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesOfModule, jsonOfModule } from '../../src/engine/model/import/tfjs-module.ts';
import { installForTest } from '../models.ts';
import { classifier, networkInput, sampleValues, tfjsNetworks } from './tfjs-networks.ts';

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
interface TfLayers {
  loadLayersModel(source: { load: () => Promise<unknown> }): Promise<{ predict(input: TfTensor): TfTensor }>;
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
const layers = load('@tensorflow/tfjs-layers') as TfLayers;
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
const { files } = await installForTest(classifier);
const module = (name: string): string => readFileSync(files[name]!, 'utf8');
const description = JSON.parse(jsonOfModule(classifier, module('model.min.js'))) as {
  modelTopology: unknown;
  weightsManifest: { weights: unknown[] }[];
};
const weights = bytesOfModule(classifier, module('group1-shard1of1.min.js'));
const model = await layers.loadLayersModel({
  load: () =>
    Promise.resolve({
      modelTopology: description.modelTopology,
      weightSpecs: description.weightsManifest.flatMap((group) => group.weights),
      weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
    }),
});
const predicted = model.predict(core.tensor4d(networkInput(classifier, 224), [1, 224, 224, 3]));
goldens[classifier] = { classes: [...(await predicted.data())] };
writeFileSync(fileURLToPath(new URL('tfjs.json', import.meta.url)), `${JSON.stringify(goldens)}\n`);
