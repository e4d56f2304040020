/** What each layer of a Keras model is in ONNX: N x C x H x W between the layers, and flat N x C after `Flatten`. */
import { z } from 'zod';
import { LumiereError } from '../../errors.ts';
import { addFloats, addIntegers, addNode, type OnnxGraph } from './onnx-graph.ts';
import { permuteKernel } from './tfjs-operators.ts';

export interface Layer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface LayerContext {
  readonly model: string;
  readonly graph: OnnxGraph;
  readonly layer: Layer;
  readonly inputs: readonly string[];
  readonly weight: (name: string) => { readonly shape: readonly number[]; readonly data: Float32Array };
}

/** Settings of training, and those that say nothing about the result. */
const inert = new Set([
  'name',
  'trainable',
  'dtype',
  'batch_input_shape',
  'sparse',
  'ragged',
  'filters',
  'units',
  'use_bias',
  'momentum',
]);
const isInert = (key: string): boolean => inert.has(key) || /_(initializer|regularizer|constraint)$/.test(key);

export function unsupported({ model, layer }: LayerContext, detail: string): LumiereError {
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

const activations: Readonly<Record<string, string>> = {
  relu: 'Relu',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  softmax: 'Softmax',
};

function activate(context: LayerContext, name: string): string {
  const kind = context.layer.config['activation'];
  if (kind === 'linear') return name;
  const op = typeof kind === 'string' ? activations[kind] : undefined;
  // Softmax runs over the last axis, which is the classes only where nothing else is left.
  const isMisplaced = kind === 'softmax' && context.layer.class_name !== 'Dense';
  if (op === undefined || isMisplaced) throw unsupported(context, `activation ${String(kind)}`);
  return addNode(context.graph, op, [name]);
}

const pair = z.tuple([z.int().positive(), z.int().positive()]);

/** @param otherwise where the layer does not say. */
function readPair(
  context: LayerContext,
  key: string,
  otherwise?: readonly [number, number],
): readonly [number, number] {
  const read = pair.safeParse(context.layer.config[key] ?? otherwise);
  if (!read.success) throw unsupported(context, key);
  return read.data;
}

const paddingOf = ({ layer }: LayerContext): { readonly auto_pad: string } => ({
  auto_pad: layer.config['padding'] === 'same' ? 'SAME_UPPER' : 'VALID',
});

const biasOf = ({ graph, layer, weight }: LayerContext): readonly string[] =>
  layer.config['use_bias'] === false ? [] : [addFloats(graph, `${layer.name}.bias`, weight('bias').data)];

function convolution(context: LayerContext): string {
  const { graph, layer, inputs, weight } = context;
  const isDepthwise = layer.class_name === 'DepthwiseConv2D';
  demandSettings(context, {
    // Known from the weights.
    kernel_size: 'judged below',
    activation: 'judged below',
    strides: 'judged below',
    padding: ['same', 'valid'],
    data_format: ['channels_last'],
    dilation_rate: [[1, 1]],
    ...(isDepthwise ? { depth_multiplier: 'judged below' } : { groups: [1] }),
  });
  const { shape, data } = weight(isDepthwise ? 'depthwise_kernel' : 'kernel');
  const [height = 0, width = 0, channels = 0, filters = 0] = shape;
  const kernel = addFloats(
    graph,
    `${layer.name}.weight`,
    permuteKernel(data, shape, isDepthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]),
    isDepthwise ? [channels * filters, 1, height, width] : [filters, channels, height, width],
  );
  const attributes = {
    kernel_shape: [height, width],
    strides: readPair(context, 'strides', [1, 1]),
    group: isDepthwise ? channels : 1,
    ...paddingOf(context),
  };
  return activate(context, addNode(graph, 'Conv', [...inputs, kernel, ...biasOf(context)], attributes));
}

function dense(context: LayerContext): string {
  const { graph, layer, inputs, weight } = context;
  demandSettings(context, { activation: 'judged below' });
  const { shape, data } = weight('kernel');
  const kernel = addFloats(graph, `${layer.name}.weight`, data, shape);
  return activate(context, addNode(graph, 'Gemm', [...inputs, kernel, ...biasOf(context)]));
}

function batchNormalization(context: LayerContext): string {
  const { graph, layer, inputs, weight } = context;
  demandSettings(context, { axis: [-1, 3], epsilon: 'judged below', center: [true], scale: [true] });
  const epsilon = z.number().positive().safeParse(layer.config['epsilon']);
  if (!epsilon.success) throw unsupported(context, 'epsilon');
  const statistics = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((part) =>
    addFloats(graph, `${layer.name}.${part}`, weight(part).data),
  );
  return addNode(graph, 'BatchNormalization', [...inputs, ...statistics], { epsilon: { float: epsilon.data } });
}

function zeroPadding(context: LayerContext): string {
  const { graph, layer, inputs } = context;
  demandSettings(context, { padding: 'judged below', data_format: ['channels_last'] });
  const size = z.int().nonnegative();
  const sides = z.tuple([size, size]);
  const padding = z.tuple([sides, sides]).safeParse(layer.config['padding']);
  if (!padding.success) throw unsupported(context, 'padding');
  const [[top, bottom], [left, right]] = padding.data;
  return addNode(graph, 'Pad', [...inputs, addIntegers(graph, 'pads', [0, 0, top, left, 0, 0, bottom, right])]);
}

function rectifier(context: LayerContext): string {
  const { graph, layer, inputs } = context;
  demandSettings(context, { max_value: 'judged below', negative_slope: [0], threshold: [0] });
  const most = z
    .number()
    .positive()
    .nullable()
    .safeParse(layer.config['max_value'] ?? null);
  if (!most.success) throw unsupported(context, 'max_value');
  if (most.data === null) return addNode(graph, 'Relu', inputs);
  return addNode(graph, 'Clip', [
    ...inputs,
    addFloats(graph, 'least', [0], []),
    addFloats(graph, 'most', [most.data], []),
  ]);
}

function averagePooling(context: LayerContext): string {
  demandSettings(context, {
    pool_size: 'judged below',
    strides: 'judged below',
    // Padded, the mean would be taken over what is not there.
    padding: ['valid'],
    data_format: ['channels_last'],
  });
  const attributes = { kernel_shape: readPair(context, 'pool_size'), strides: readPair(context, 'strides') };
  return addNode(context.graph, 'AveragePool', context.inputs, attributes);
}

function flatten(context: LayerContext): string {
  const { graph, inputs } = context;
  demandSettings(context, { data_format: ['channels_last'] });
  return addNode(graph, 'Flatten', [addNode(graph, 'Transpose', inputs, { perm: [0, 2, 3, 1] })]);
}

function upSampling(context: LayerContext): string {
  const { graph, inputs, layer } = context;
  demandSettings(context, { size: 'judged below', data_format: ['channels_last'], interpolation: ['nearest'] });
  const size = z.tuple([z.int().positive(), z.int().positive()]).safeParse(layer.config['size']);
  if (!size.success) throw unsupported(context, 'size');
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return addNode(graph, 'Resize', [...inputs, '', addFloats(graph, 'scales', [1, 1, ...size.data])], attributes);
}

/** By the layer's class; each adds what computes it and gives the tensor's name. */
export const layerWriters: Readonly<Record<string, (context: LayerContext) => string>> = {
  Conv2D: convolution,
  DepthwiseConv2D: convolution,
  Dense: dense,
  BatchNormalization: batchNormalization,
  ZeroPadding2D: zeroPadding,
  ReLU: rectifier,
  AveragePooling2D: averagePooling,
  Flatten: flatten,
  // Of training alone.
  Dropout: (context) => {
    demandSettings(context, { rate: 'judged below', noise_shape: [null], seed: 'judged below' });
    return context.inputs[0]!;
  },
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
