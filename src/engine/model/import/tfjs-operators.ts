/**
 * What each TensorFlow operator computes, in ONNX operators (https://www.tensorflow.org/api_docs/python/tf/raw_ops).
 * Tensors stay N x H x W x C as TensorFlow has them; convolutions and pools are wrapped in Transposes, which ONNX Runtime
 * cancels against each other. An operator or attribute that is not listed is refused by name.
 */
import { addFloats, addIntegers, addNode, type GraphAttributes, type OnnxGraph } from './onnx-graph.ts';
import { arrayOperators } from './tfjs-array-operators.ts';
import {
  floats,
  integers,
  plain,
  unsupported,
  type OperatorContext,
  type OperatorWriter,
} from './tfjs-operator-context.ts';

const toChannelsFirst = (graph: OnnxGraph, name: string): string =>
  addNode(graph, 'Transpose', [name], { perm: [0, 3, 1, 2] });
const toChannelsLast = (graph: OnnxGraph, name: string): string =>
  addNode(graph, 'Transpose', [name], { perm: [0, 2, 3, 1] });

/** Rows and columns of an attribute that has one value for each of N, H, W, C. */
function spatial(context: OperatorContext, key: string): readonly [number, number] {
  const [batch, height, width, channels] = context.attributes.numbers(key) ?? [1, 1, 1, 1];
  if (batch !== 1 || channels !== 1 || height === undefined || width === undefined) throw unsupported(context, key);
  return [height, width];
}

function padding(context: OperatorContext): GraphAttributes {
  const { attributes } = context;
  if (attributes.text('data_format', 'NHWC') !== 'NHWC') throw unsupported(context, 'data_format');
  const explicit = attributes.numbers('explicit_paddings') ?? [];
  const kind = attributes.text('padding', '');
  if (kind === 'SAME') return { auto_pad: 'SAME_UPPER' };
  if (kind === 'VALID') return { auto_pad: 'VALID' };
  if (kind !== 'EXPLICIT' || explicit.length !== 8) throw unsupported(context, `padding ${kind}`);
  return { pads: [explicit[2]!, explicit[4]!, explicit[3]!, explicit[5]!] };
}

/** Kernels are stored [h][w][in][out]; `order` says where each of the four goes, outermost first. */
export function permuteKernel(
  data: Float32Array,
  shape: readonly number[],
  order: readonly [number, number, number, number],
): Float32Array {
  const strides = [shape[1]! * shape[2]! * shape[3]!, shape[2]! * shape[3]!, shape[3]!, 1];
  const sizes = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const permuted = new Float32Array(data.length);
  let target = 0;
  for (let a = 0; a < sizes[0]!; a += 1) {
    for (let b = 0; b < sizes[1]!; b += 1) {
      for (let c = 0; c < sizes[2]!; c += 1) {
        for (let d = 0; d < sizes[3]!; d += 1) {
          permuted[target] = data[a * steps[0]! + b * steps[1]! + c * steps[2]! + d * steps[3]!]!;
          target += 1;
        }
      }
    }
  }
  return permuted;
}

const clipAtSix = (graph: OnnxGraph, name: string): string =>
  addNode(graph, 'Clip', [name, addFloats(graph, 'zero', [0], []), addFloats(graph, 'six', [6], [])]);

function convolution(context: OperatorContext): string {
  const { graph, node, attributes, tensor, inputCount } = context;
  const depthwise = node.op.includes('epthwise');
  const { shape, data } = floats(context, 1);
  const [height, width, channels, filters] = shape;
  if (height === undefined || width === undefined || channels === undefined || filters === undefined) {
    throw unsupported(context, `kernel of ${shape.length} dimensions`);
  }
  // Depthwise kernels hold [h][w][channel][multiplier]: the groups are the channels.
  const kernel = addFloats(
    graph,
    `${node.name}.weight`,
    permuteKernel(data, shape, depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1]),
    depthwise ? [channels * filters, 1, height, width] : [filters, channels, height, width],
  );
  const fused = attributes.texts('fused_ops');
  const [first, activation, ...others] = fused;
  if ((first !== undefined && first !== 'BiasAdd') || others.length > 0)
    throw unsupported(context, `fused ${fused.join()}`);
  const bias = first === undefined ? [] : [addFloats(graph, `${node.name}.bias`, floats(context, 2).data)];
  if (inputCount !== 2 + bias.length + (activation === 'Prelu' ? 1 : 0)) throw unsupported(context, 'number of inputs');
  const result = addNode(graph, 'Conv', [toChannelsFirst(graph, tensor(0)), kernel, ...bias], {
    kernel_shape: [height, width],
    strides: spatial(context, 'strides'),
    dilations: spatial(context, 'dilations'),
    group: depthwise ? channels : 1,
    ...padding(context),
  });
  const activated: Readonly<Record<string, () => string>> = {
    Relu: () => addNode(graph, 'Relu', [result]),
    Relu6: () => clipAtSix(graph, result),
    Prelu: () => {
      const slope = floats(context, 3);
      const count = slope.data.length;
      return addNode(graph, 'PRelu', [result, addFloats(graph, `${node.name}.slope`, slope.data, [count, 1, 1])]);
    },
  };
  if (activation === undefined) return toChannelsLast(graph, result);
  const activate = activated[activation];
  if (!activate) throw unsupported(context, `activation ${activation}`);
  return toChannelsLast(graph, activate());
}

/** The gradient of a convolution: input 0 is the output's shape, 1 the kernel [h][w][out][in], 2 the data. */
function transposedConvolution(context: OperatorContext): string {
  const { graph, node, tensor } = context;
  const { shape, data } = floats(context, 1);
  const [height, width, filters, channels] = shape;
  if (height === undefined || width === undefined || channels === undefined || filters === undefined) {
    throw unsupported(context, `kernel of ${shape.length} dimensions`);
  }
  const strides = spatial(context, 'strides');
  const [dilationY, dilationX] = spatial(context, 'dilations');
  const isSame = padding(context)['auto_pad'] === 'SAME_UPPER';
  const surplus = [height - strides[0], width - strides[1]].map((size) => (isSame ? size : 0));
  if (dilationY !== 1 || dilationX !== 1 || surplus.some((size) => size < 0))
    throw unsupported(context, 'dilation or gap');
  const kernel = addFloats(graph, `${node.name}.weight`, permuteKernel(data, shape, [3, 2, 0, 1]), [
    channels,
    filters,
    height,
    width,
  ]);
  const before = surplus.map((size) => Math.floor(size / 2));
  const after = surplus.map((size) => Math.ceil(size / 2));
  const pads = [...before, ...after];
  const attributes = { kernel_shape: [height, width], strides, pads };
  return toChannelsLast(
    graph,
    addNode(graph, 'ConvTranspose', [toChannelsFirst(graph, tensor(2)), kernel], attributes),
  );
}

function pool(context: OperatorContext, op: string): string {
  const { graph, tensor } = context;
  const attributes = {
    kernel_shape: spatial(context, 'ksize'),
    strides: spatial(context, 'strides'),
    ...padding(context),
  };
  return toChannelsLast(graph, addNode(graph, op, [toChannelsFirst(graph, tensor(0))], attributes));
}

function pad(context: OperatorContext): string {
  const amounts = integers(context, 1);
  const before = amounts.filter((_, index) => index % 2 === 0);
  const after = amounts.filter((_, index) => index % 2 === 1);
  return addNode(context.graph, 'Pad', [context.tensor(0), addIntegers(context.graph, 'pads', [...before, ...after])]);
}

/** The size is constant; N and C are left alone. */
function resizeBilinear(context: OperatorContext): string {
  const { graph, attributes, tensor } = context;
  const corners = attributes.flag('align_corners');
  const centres = attributes.flag('half_pixel_centers');
  const data = toChannelsFirst(graph, tensor(0));
  const kept = addNode(graph, 'Shape', [data], { end: 2 });
  const size = addNode(graph, 'Concat', [kept, addIntegers(graph, 'size', integers(context, 1))], { axis: 0 });
  const mode = corners ? 'align_corners' : centres ? 'half_pixel' : 'asymmetric';
  const resized = addNode(graph, 'Resize', [data, '', '', size], {
    mode: 'linear',
    coordinate_transformation_mode: mode,
  });
  return toChannelsLast(graph, resized);
}

function depthToSpace(context: OperatorContext): string {
  const { graph, attributes, tensor } = context;
  if (attributes.text('data_format', 'NHWC') !== 'NHWC') throw unsupported(context, 'data_format');
  const shuffle = { blocksize: attributes.number('block_size', 1), mode: 'DCR' };
  return toChannelsLast(graph, addNode(graph, 'DepthToSpace', [toChannelsFirst(graph, tensor(0))], shuffle));
}

function matrixProduct(context: OperatorContext): string {
  const { graph, attributes, tensor, inputCount } = context;
  const [first, activation, ...others] = attributes.texts('fused_ops');
  const isKnown = (first ?? 'BiasAdd') === 'BiasAdd' && (activation ?? 'Relu') === 'Relu' && others.length === 0;
  if (!isKnown || inputCount !== (first === undefined ? 2 : 3)) throw unsupported(context, 'fused operators');
  const sides = Array.from({ length: inputCount }, (_, index) => tensor(index));
  const result = addNode(graph, 'Gemm', sides, {
    transA: Number(attributes.flag('transpose_a')),
    transB: Number(attributes.flag('transpose_b')),
  });
  return activation === undefined ? result : addNode(graph, 'Relu', [result]);
}

const writers: Readonly<Record<string, OperatorWriter>> = {
  ...arrayOperators,
  Conv2D: convolution,
  _FusedConv2D: convolution,
  DepthwiseConv2dNative: convolution,
  FusedDepthwiseConv2dNative: convolution,
  Conv2DBackpropInput: transposedConvolution,
  MaxPool: (context) => pool(context, 'MaxPool'),
  AvgPool: (context) => pool(context, 'AveragePool'),
  MatMul: matrixProduct,
  _FusedMatMul: matrixProduct,
  Pad: pad,
  ResizeBilinear: resizeBilinear,
  DepthToSpace: depthToSpace,
  Add: plain('Add'),
  AddV2: plain('Add'),
  BiasAdd: (context) => {
    if (context.attributes.text('data_format', 'NHWC') !== 'NHWC') throw unsupported(context, 'data_format');
    return plain('Add')(context);
  },
  AddN: plain('Sum'),
  Sub: plain('Sub'),
  Mul: plain('Mul'),
  Minimum: plain('Min'),
  Maximum: plain('Max'),
  Prelu: plain('PRelu'),
  Relu: plain('Relu'),
  Relu6: ({ graph, tensor }) => clipAtSix(graph, tensor(0)),
  Sigmoid: plain('Sigmoid'),
  Softmax: plain('Softmax', { axis: -1 }),
  Identity: plain('Identity'),
};

/**
 * Writes one operator and returns the name of its result. Throws LumiereError `model.unsupported-layer` for an operator
 * or attribute that it does not know, with the node's name and type.
 */
export function writeTfjsOperator(context: OperatorContext): string {
  const write = writers[context.node.op];
  if (!write) throw unsupported(context, 'operator');
  const result = write(context);
  context.attributes.end();
  return result;
}
