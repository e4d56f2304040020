/**
 * Imports a TensorFlow.js layers model (Keras' functional form) as an ONNX graph: super-resolution networks such as
 * @upscalerjs' RDN, classifiers such as MobileNet. Pictures are N x H x W x C outside, N x C x H x W between the layers.
 */
import { z } from 'zod';
import { LumiereError } from '../../errors.ts';
import { addInput, addNode, addOutput, createGraph, renameAs, type GraphValue, type OnnxGraph } from './onnx-graph.ts';
import { type LayerContext, layerWriters, unsupported } from './tfjs-layer-writers.ts';
import { parseTfjsModel, type TfjsSource } from './tfjs-graph.ts';
import { manifestSchema, readTfjsWeights } from './tfjs-weights.ts';

/** A reference to a tensor: layer, node, output, options. Layers here are used once and have one output. */
const referenceSchema = z.tuple([z.string(), z.literal(0), z.literal(0)]).rest(z.unknown());

const layerSchema = z.looseObject({
  class_name: z.string(),
  name: z.string(),
  config: z.record(z.string(), z.unknown()),
  inbound_nodes: z.array(z.array(referenceSchema)).max(1),
});

const modelSchema = z.looseObject({
  // Left out by early versions of the converter.
  format: z.literal('layers-model').optional(),
  modelTopology: z.looseObject({
    model_config: z.looseObject({
      config: z.looseObject({ layers: z.array(layerSchema), output_layers: z.array(referenceSchema).length(1) }),
    }),
  }),
  weightsManifest: manifestSchema,
});

/** Names of the one input and output that a layers model is imported with. */
function onlyOne(model: string, values: readonly GraphValue[], what: string): GraphValue {
  const [value, ...others] = values;
  if (value && others.length === 0) return value;
  throw new LumiereError('model.malformed', { model, detail: `expected one ${what}` });
}

/**
 * The network as an ONNX graph; `inputs` holds its one input by the name of its InputLayer, `outputs` its one output
 * under any name, N x H x W x C, or N x C where the network ends flat.
 * Throws LumiereError `model.unsupported-layer` for a layer, activation or setting it does not know, by name;
 * `model.malformed` for a file that breaks its format, weights left over, missing or not used by any layer.
 */
export function importTfjsLayers({ model, json, shards, inputs, outputs }: TfjsSource): OnnxGraph {
  const { modelTopology, weightsManifest } = parseTfjsModel(model, modelSchema, json);
  const { layers, output_layers: ends } = modelTopology.model_config.config;
  const constants = readTfjsWeights(model, weightsManifest, shards);
  const unused = new Set(constants.keys());
  const graph = createGraph(model);
  const tensors = new Map<string, string>();
  const tensorOf = (name: string): string => {
    const found = tensors.get(name);
    if (found !== undefined) return found;
    throw new LumiereError('model.malformed', { model, detail: `layer '${name}' is read before it is written` });
  };
  for (const layer of layers) {
    if (layer.class_name === 'InputLayer') {
      const { name, type, dims } = onlyOne(model, inputs, 'input');
      if (name !== layer.name) throw new LumiereError('model.malformed', { model, detail: `no input '${name}'` });
      const input = addInput(graph, name, type, dims);
      tensors.set(name, addNode(graph, 'Transpose', [input], { perm: [0, 3, 1, 2] }));
      continue;
    }
    const sources = (layer.inbound_nodes[0] ?? []).map(([name]) => tensorOf(name));
    const context: LayerContext = {
      model,
      graph,
      layer,
      inputs: sources,
      weight: (part) => {
        const name = `${layer.name}/${part}`;
        const constant = constants.get(name);
        unused.delete(name);
        if (constant?.data instanceof Float32Array) return { shape: constant.shape, data: constant.data };
        throw new LumiereError('model.malformed', { model, detail: `weight '${name}' is missing` });
      },
    };
    const write = layerWriters[layer.class_name];
    if (!write) throw unsupported(context, 'layer');
    if (sources.length === 0) throw unsupported(context, 'no input');
    tensors.set(layer.name, write(context));
  }
  const [left] = unused;
  if (left !== undefined) throw new LumiereError('model.malformed', { model, detail: `weight '${left}' is left over` });
  const output = onlyOne(model, outputs, 'output');
  const end = tensorOf(ends[0]![0]);
  const isPicture = output.dims.length === 4;
  const last = isPicture ? addNode(graph, 'Transpose', [end], { perm: [0, 2, 3, 1] }) : end;
  addOutput(graph, renameAs(graph, last, output.name), output.type, output.dims);
  return graph;
}
