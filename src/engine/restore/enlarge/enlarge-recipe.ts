/** Builds the enlarging graph in the device's thread, in the form that suits the provider: reading and encoding it takes too long elsewhere. */
import { readFile } from 'node:fs/promises';

import { blendWeights } from '../../model/import/blend-weights.ts';
import { decodeModel, encodeModel } from '../../model/import/onnx-codec.ts';
import { preluAsConvolutions } from '../../model/prelu-as-convolutions.ts';
import type { BuildModel } from '../../model/session.ts';
import { buildEnlargeGraph, type EnlargeGraphOptions, type EnlargingNetwork } from './enlarge-graph.ts';

/** An enlarging network as it lies in the weights cache. */
export interface EnlargingModel extends Omit<EnlargingNetwork, 'graph'> {
  /** Of its `.onnx` file. */
  readonly path: string;
}

export interface EnlargeRecipe extends Omit<EnlargeGraphOptions, 'network' | 'faithful'> {
  readonly network: EnlargingModel;
  readonly faithful?: EnlargingModel;
  /** Its weights are mixed into those of `network`, which keeps the part `denoising`, 0..1. */
  readonly twin?: { readonly model: EnlargingModel; readonly denoising: number };
}

async function load({ path, ...rest }: EnlargingModel): Promise<EnlargingNetwork> {
  return { ...rest, graph: decodeModel(await readFile(path), rest.id) };
}

async function blended(network: EnlargingNetwork, twin: EnlargeRecipe['twin']): Promise<EnlargingNetwork> {
  if (twin === undefined) return network;
  const { graph } = await load(twin.model);
  return { ...network, graph: blendWeights(graph, network.graph, twin.denoising) };
}

export const buildModel: BuildModel = async (options, provider) => {
  const { network, faithful, twin, ...rest } = options as EnlargeRecipe;
  const graph = buildEnlargeGraph({
    ...rest,
    network: await blended(await load(network), twin),
    ...(faithful && { faithful: await load(faithful) }),
  });
  return encodeModel(provider === 'cpu' ? preluAsConvolutions(graph) : graph);
};
