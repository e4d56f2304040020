/**
 * Imports a TensorFlow.js layers model (Keras' functional form) as an ONNX graph: the layers that super-resolution
 * networks such as @upscalerjs' RDN are made of. Pictures are N x H x W x C outside, N x C x H x W between the layers.
 */
import { z } from 'zod';
import { LumiereError } from '../../errors.ts';
import {
  addFloats,
  addInput,
  addNode,
  addOutput,
  createGraph,
  renameAs,
  type GraphValue,
  type OnnxGraph,
} from './onnx-graph.ts';
import { permuteKernel } from './tfjs-operators.ts';
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
  format: z.literal('layers-model'),
  modelTopology: z.looseObject({
    model_config: z.looseObject({
      config: z.looseObject({ layers: z.array(layerSchema), output_layers: z.array(referenceSchema).length(1) }),
    }),
  }),
  weightsManifest: manifestSchema,
});

type Layer = z.infer<typeof layerSchema>;

interface LayerContext {
  readonly model: string;
  readonly graph: OnnxGraph;
  readonly layer: Layer;
  readonly inputs: readonly string[];
  readonly weight: (name: string) => { readonly shape: readonly number[]; readonly data: Float32Array };
}

/** Settings of training, and those that say nothing about the result. */
const inert = new Set(['name', 'trainable', 'dtype', 'batch_input_shape', 'sparse', 'ragged', 'filters', 'use_bias']);
const isInert = (key: string): boolean => inert.has(key) || /_(initializer|regularizer|constraint)$/.test(key);

function unsupported({ model, layer }: LayerContext, detail: string): LumiereError {
  return new LumiereError('model.unsupported-layer', { model, layer: layer.name, type: layer.class_name, detail });
}

/** The values a setting may have, or that it is read and judged by whoever writes the layer. */
type Accepted = readonly unknown[] | 'judged below';

/** Refuses a layer with a setting that is not named in `known`, or that has a value not listed there. */
function demandSettings(context: LayerContext, known: Readonly<Record<string, Accepted>>): void {
  for (const [key, value] of Object.entries(context.layer.config)) {
    if (isInert(key)) continue;
    const accepted = known[key] ?? [];
    const isAccepted =
      accepted === 'judged below' || accepted.some((other) => JSON.stringify(other) === JSON.stringify(value));
    if (!isAccepted) throw unsupported(context, `${key}=${JSON.stringify(value)}`);
  }
}

const activations: Readonly<Record<string, string>> = { relu: 'Relu', tanh: 'Tanh', sigmoid: 'Sigmoid' };

function activate(context: LayerContext, name: string): string {
  const kind = context.layer.config['activation'];
  if (kind === 'linear') return name;
  const op = typeof kind === 'string' ? activations[kind] : undefined;
  if (op === undefined) throw unsupported(context, `activation ${String(kind)}`);
  return addNode(context.graph, op, [name]);
}

function convolution(context: LayerContext): string {
  const { graph, layer, inputs, weight } = context;
  demandSettings(context, {
    // Known from the weights.
    kernel_size: 'judged below',
    activation: 'judged below',
    strides: [[1, 1]],
    padding: ['same', 'valid'],
    data_format: ['channels_last'],
    dilation_rate: [[1, 1]],
    groups: [1],
  });
  const { shape, data } = weight('kernel');
  const [height = 0, width = 0, channels = 0, filters = 0] = shape;
  const kernel = addFloats(graph, `${layer.name}.weight`, permuteKernel(data, shape, [3, 2, 0, 1]), [
    filters,
    channels,
    height,
    width,
  ]);
  const bias = layer.config['use_bias'] === false ? [] : [addFloats(graph, `${layer.name}.bias`, weight('bias').data)];
  const attributes = {
    kernel_shape: [height, width],
    auto_pad: layer.config['padding'] === 'same' ? 'SAME_UPPER' : 'VALID',
  };
  return activate(context, addNode(graph, 'Conv', [...inputs, kernel, ...bias], attributes));
}

function upSampling(context: LayerContext): string {
  const { graph, inputs, layer } = context;
  demandSettings(context, { size: 'judged below', data_format: ['channels_last'], interpolation: ['nearest'] });
  const size = z.tuple([z.int().positive(), z.int().positive()]).safeParse(layer.config['size']);
  if (!size.success) throw unsupported(context, 'size');
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return addNode(graph, 'Resize', [...inputs, '', addFloats(graph, 'scales', [1, 1, ...size.data])], attributes);
}

const writers: Readonly<Record<string, (context: LayerContext) => string>> = {
  Conv2D: convolution,
  UpSampling2D: upSampling,
  Activation: (context) => {
    demandSettings(context, { activation: 'judged below' });
    return activate(context, context.inputs[0]!);
  },
  Concatenate: (context) => {
    // The last axis of four is the channels.
    demandSettings(context, { axis: [-1, 3] });
    return addNode(context.graph, 'Concat', context.inputs, { axis: 1 });
  },
  Add: (context) => {
    demandSettings(context, {});
    return addNode(context.graph, 'Sum', context.inputs);
  },
};

/** Names of the one input and output that a layers model is imported with. */
function onlyOne(model: string, values: readonly GraphValue[], what: string): GraphValue {
  const [value, ...others] = values;
  if (value && others.length === 0) return value;
  throw new LumiereError('model.malformed', { model, detail: `expected one ${what}` });
}

/**
 * The network as an ONNX graph; `inputs` holds its one input by the name of its InputLayer, `outputs` its one output
 * under any name, both N x H x W x C.
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
    const write = writers[layer.class_name];
    if (!write) throw unsupported(context, 'layer');
    if (sources.length === 0) throw unsupported(context, 'no input');
    tensors.set(layer.name, write(context));
  }
  const [left] = unused;
  if (left !== undefined) throw new LumiereError('model.malformed', { model, detail: `weight '${left}' is left over` });
  const output = onlyOne(model, outputs, 'output');
  const last = addNode(graph, 'Transpose', [tensorOf(ends[0]![0])], { perm: [0, 2, 3, 1] });
  addOutput(graph, renameAs(graph, last, output.name), output.type, output.dims);
  return graph;
}
