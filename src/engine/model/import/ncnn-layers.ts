/**
 * What each ncnn layer computes, in ONNX operators (semantics from https://github.com/Tencent/ncnn/wiki/operators and
 * ncnn's `src/layer`). A layer, activation or parameter that is not listed here is refused by name: a network that
 * imports is a network whose every parameter was understood.
 */
import { LumiereError } from '../../errors.ts';
import { addFloats, addIntegers, addNode, type OnnxGraph } from './onnx-graph.ts';
import { malformed, type NcnnLayer } from './ncnn-param.ts';
import { addWarp, addWarpSource, type WarpSource } from './ncnn-warp.ts';
import type { NcnnWeights } from './ncnn-weights.ts';

/** What a layer is given: where to write, its inputs as tensor names, its weights, and its parameters read one by one. */
export interface LayerContext {
  readonly model: string;
  readonly graph: OnnxGraph;
  readonly layer: NcnnLayer;
  readonly inputs: readonly string[];
  readonly weights: NcnnWeights;
  /** Tensors that ncnn holds as vectors; here they are 1 x C x 1 x 1. */
  readonly vectors: Set<string>;
  /** Images made ready for warping so far, by name. */
  readonly warpSources: Map<string, WarpSource>;
  readonly number: (key: number, fallback: number) => number;
  readonly numbers: (key: number) => readonly number[];
}

type LayerWriter = (context: LayerContext) => void;

function unsupported({ model, layer }: LayerContext, detail: string): LumiereError {
  return new LumiereError('model.unsupported-layer', { model, layer: layer.name, type: layer.type, detail });
}

/** Refuses any value but the one that means nothing special. */
function demand(context: LayerContext, key: number, neutral: number): void {
  const value = context.number(key, neutral);
  if (value !== neutral) throw unsupported(context, `parameter ${key}=${value}`);
}

function output(context: LayerContext): string {
  const [name] = context.layer.outputs;
  if (name === undefined) throw malformed(context.model, `layer '${context.layer.name}' has no output`);
  return name;
}

function input(context: LayerContext, index = 0): string {
  const name = context.inputs[index];
  if (name === undefined) throw malformed(context.model, `layer '${context.layer.name}' lacks input ${index}`);
  return name;
}

/** Writes the operator, then its activation (parameters 9 and 10), into the layer's output. */
function writeActivated(context: LayerContext, write: (name?: string) => string): void {
  const { graph } = context;
  const kind = context.number(9, 0);
  const values = context.numbers(10);
  const last = output(context);
  const value = (index: number): number => {
    const found = values[index];
    if (found === undefined) throw malformed(context.model, `layer '${context.layer.name}' lacks an activation value`);
    return found;
  };
  const known: Readonly<Record<number, (source: string) => string>> = {
    1: (source) => addNode(graph, 'Relu', [source], {}, last),
    2: (source) => addNode(graph, 'LeakyRelu', [source], { alpha: { float: value(0) } }, last),
    3: (source) => {
      const limits = [addFloats(graph, 'low', [value(0)], []), addFloats(graph, 'high', [value(1)], [])];
      return addNode(graph, 'Clip', [source, ...limits], {}, last);
    },
    4: (source) => addNode(graph, 'Sigmoid', [source], {}, last),
  };
  if (kind === 0) {
    write(last);
    return;
  }
  const activate = known[kind];
  if (!activate) throw unsupported(context, `activation ${kind}`);
  activate(write());
}

interface Kernel {
  readonly filters: number;
  readonly size: readonly [height: number, width: number];
  readonly weights: Float32Array;
  readonly channels: number;
  readonly bias: readonly string[];
  readonly attributes: Readonly<Record<string, readonly number[]>>;
}

/** The parameters that Convolution and Deconvolution share, and the weights, [first, second, kh, kw] as stored. */
function readKernel(context: LayerContext): Kernel {
  const { number, weights, layer, graph } = context;
  const filters = number(0, 0);
  const width = number(1, 0);
  const height = number(11, width);
  const [dilationX, strideX, left] = [number(2, 1), number(3, 1), number(4, 0)];
  const [dilationY, strideY, top] = [number(12, dilationX), number(13, strideX), number(14, left)];
  const [right, bottom] = [number(15, left), number(16, top)];
  const hasBias = number(5, 0);
  const count = number(6, 0);
  const channels = count / (filters * width * height);
  if (!Number.isSafeInteger(channels) || channels < 1) {
    throw malformed(context.model, `layer '${layer.name}': ${count} weights do not fill ${filters} filters`);
  }
  if (left < 0 || top < 0 || right < 0 || bottom < 0) throw unsupported(context, 'automatic padding');
  const values = weights.flagged(layer.name, count);
  return {
    filters,
    size: [height, width],
    weights: values,
    channels,
    bias: hasBias ? [addFloats(graph, `${layer.name}.bias`, weights.bare(layer.name, filters))] : [],
    attributes: {
      kernel_shape: [height, width],
      strides: [strideY, strideX],
      dilations: [dilationY, dilationX],
      pads: [top, left, bottom, right],
    },
  };
}

function convolution(context: LayerContext): void {
  const { graph, layer } = context;
  for (const key of [8, 18, 19]) demand(context, key, 0);
  const { filters, channels, size, weights, bias, attributes } = readKernel(context);
  const kernel = addFloats(graph, `${layer.name}.weight`, weights, [filters, channels, ...size]);
  writeActivated(context, (name) => addNode(graph, 'Conv', [input(context), kernel, ...bias], attributes, name));
}

function deconvolution(context: LayerContext): void {
  const { graph, layer } = context;
  for (const key of [18, 19, 20, 21]) demand(context, key, 0);
  const { filters, channels, size, weights, bias, attributes } = readKernel(context);
  const area = size[0] * size[1];
  // Stored [out, in, kh, kw]; ConvTranspose wants [in, out, kh, kw].
  const swapped = new Float32Array(weights.length);
  for (let out = 0; out < filters; out += 1) {
    for (let from = 0; from < channels; from += 1) {
      const start = (out * channels + from) * area;
      swapped.set(weights.subarray(start, start + area), (from * filters + out) * area);
    }
  }
  const kernel = addFloats(graph, `${layer.name}.weight`, swapped, [channels, filters, ...size]);
  writeActivated(context, (name) =>
    addNode(graph, 'ConvTranspose', [input(context), kernel, ...bias], attributes, name),
  );
}

/** Matrix times vector: a 1x1 convolution of the vector held as 1 x C x 1 x 1. */
function innerProduct(context: LayerContext): void {
  const { graph, layer, weights, number, vectors } = context;
  demand(context, 8, 0);
  if (!vectors.has(input(context))) throw unsupported(context, 'input that is not a vector');
  const [filters, hasBias, count] = [number(0, 0), number(1, 0), number(2, 0)];
  const values = weights.flagged(layer.name, count);
  const kernel = addFloats(graph, `${layer.name}.weight`, values, [filters, count / filters, 1, 1]);
  const bias = hasBias ? [addFloats(graph, `${layer.name}.bias`, weights.bare(layer.name, filters))] : [];
  writeActivated(context, (name) => addNode(graph, 'Conv', [input(context), kernel, ...bias], {}, name));
  vectors.add(output(context));
}

function pooling(context: LayerContext): void {
  const kind = context.number(0, 0);
  if (context.number(4, 0) !== 1) throw unsupported(context, 'pooling over windows');
  const op = ['GlobalMaxPool', 'GlobalAveragePool'][kind];
  if (op === undefined) throw unsupported(context, `pooling ${kind}`);
  addNode(context.graph, op, [input(context)], {}, output(context));
  context.vectors.add(output(context));
}

/** Only the form with two inputs: each channel times its element of a vector. */
function scale(context: LayerContext): void {
  demand(context, 1, 0);
  const size = context.number(0, 0);
  if (size !== -233 || context.inputs.length !== 2) throw unsupported(context, 'scale stored in the weights');
  if (!context.vectors.has(input(context, 1))) throw unsupported(context, 'scale that is not a vector');
  addNode(context.graph, 'Mul', [input(context), input(context, 1)], {}, output(context));
}

function prelu(context: LayerContext): void {
  const { graph, layer, weights, number } = context;
  const count = number(0, 0);
  const slope = addFloats(graph, `${layer.name}.slope`, weights.bare(layer.name, count), [count, 1, 1]);
  addNode(graph, 'PRelu', [input(context), slope], {}, output(context));
}

function relu(context: LayerContext): void {
  const slope = context.number(0, 0);
  const attributes = slope === 0 ? {} : { alpha: { float: slope } };
  addNode(context.graph, slope === 0 ? 'Relu' : 'LeakyRelu', [input(context)], attributes, output(context));
}

function pixelShuffle(context: LayerContext): void {
  const mode = context.number(1, 0) === 0 ? 'CRD' : 'DCR';
  addNode(context.graph, 'DepthToSpace', [input(context)], { blocksize: context.number(0, 1), mode }, output(context));
}

/** ncnn counts axes without the batch; from the end they are the same in both. */
const batchAxis = (axis: number): number => (axis < 0 ? axis : axis + 1);

function concat(context: LayerContext): void {
  const axis = batchAxis(context.number(0, 0));
  addNode(context.graph, 'Concat', context.inputs, { axis }, output(context));
}

/** Nearest takes floor(x / scale); bilinear and bicubic (a = -0.75) sample pixel centres and clamp at the border. */
function interp(context: LayerContext): void {
  const { graph, number } = context;
  const [kind, height, width] = [number(0, 0), number(1, 1), number(2, 1)];
  for (const key of [3, 4, 5, 6]) demand(context, key, 0);
  const centred = { coordinate_transformation_mode: 'half_pixel' };
  const known: Readonly<Record<number, Readonly<Record<string, string>>>> = {
    1: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    2: { mode: 'linear', ...centred },
    3: { mode: 'cubic', ...centred },
  };
  const attributes = known[kind];
  if (!attributes) throw unsupported(context, `interpolation ${kind}`);
  const scales = addFloats(graph, 'scales', [1, 1, height, width]);
  addNode(graph, 'Resize', [input(context), '', scales], attributes, output(context));
}

const sliceToEnd = 2 ** 31 - 1;
const unset = -233;

/** With a second input: a window of its size at offsets 0 (x), 1 (y), 2 (channel). Else starts and ends by axis. */
function crop(context: LayerContext): void {
  const { graph, number, numbers } = context;
  const integers = (values: readonly number[]): string => addIntegers(graph, 'crop', values);
  if (context.inputs.length === 2) {
    const offsets = integers([number(2, 0), number(1, 0), number(0, 0)]);
    const size = addNode(graph, 'Shape', [input(context, 1)], { start: 1 });
    const ends = addNode(graph, 'Add', [offsets, size]);
    addNode(graph, 'Slice', [input(context), offsets, ends, integers([1, 2, 3])], {}, output(context));
    return;
  }
  const [starts, ends, axes] = [numbers(9), numbers(10), numbers(11)];
  if (starts.length === 0 || starts.length !== ends.length || starts.length !== axes.length) {
    throw unsupported(context, 'crop without starts, ends and axes');
  }
  const from = integers(starts.map((start) => (start === unset ? 0 : start)));
  const to = integers(ends.map((end) => (end === unset || end === 0 ? sliceToEnd : end)));
  addNode(graph, 'Slice', [input(context), from, to, integers(axes.map(batchAxis))], {}, output(context));
}

function binaryOp(context: LayerContext): void {
  const { graph, number } = context;
  const operators = ['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow', 'Sub', 'Div'];
  const kind = number(0, 0);
  const op = operators[kind];
  if (op === undefined) throw unsupported(context, `operation ${kind}`);
  const hasScalar = number(1, 0) !== 0;
  const scalar = number(2, 0);
  const right = hasScalar ? addFloats(graph, 'scalar', [scalar], []) : input(context, 1);
  const operands = [input(context), right];
  // 7 and 8 are subtraction and division the other way round.
  addNode(graph, op, kind >= 7 ? operands.toReversed() : operands, {}, output(context));
}

function eltwise(context: LayerContext): void {
  const { graph, number, numbers, inputs } = context;
  const kind = number(0, 0);
  const coefficients = numbers(1);
  const op = ['Mul', 'Add', 'Max'][kind];
  if (op === undefined) throw unsupported(context, `operation ${kind}`);
  if (coefficients.length > 0 && (kind !== 1 || coefficients.length !== inputs.length)) {
    throw unsupported(context, `${coefficients.length} coefficients`);
  }
  const weighted = inputs.map((name, index) => {
    const coefficient = coefficients[index] ?? 1;
    return coefficient === 1 ? name : addNode(graph, 'Mul', [name, addFloats(graph, 'coefficient', [coefficient], [])]);
  });
  const [first, ...others] = weighted;
  if (first === undefined || others.length === 0) throw unsupported(context, 'fewer than two inputs');
  others.reduce((sum, name, index) => {
    return addNode(graph, op, [sum, name], {}, index === others.length - 1 ? output(context) : undefined);
  }, first);
}

function warp(context: LayerContext): void {
  const { graph, warpSources } = context;
  const image = input(context);
  const source = warpSources.get(image) ?? addWarpSource(graph, image);
  warpSources.set(image, source);
  addWarp(graph, source, input(context, 1), output(context));
}

const writers: Readonly<Record<string, LayerWriter>> = {
  Convolution: convolution,
  Deconvolution: deconvolution,
  InnerProduct: innerProduct,
  Pooling: pooling,
  Scale: scale,
  PReLU: prelu,
  ReLU: relu,
  Sigmoid: (context) => {
    addNode(context.graph, 'Sigmoid', [input(context)], {}, output(context));
  },
  PixelShuffle: pixelShuffle,
  Concat: concat,
  Interp: interp,
  Crop: crop,
  BinaryOp: binaryOp,
  Eltwise: eltwise,
  'rife.Warp': warp,
};

/**
 * Writes one layer into the graph. Throws LumiereError `model.unsupported-layer` (with the layer's name, type and what
 * is not known about it) or `model.malformed`.
 */
export function writeNcnnLayer(context: Omit<LayerContext, 'number' | 'numbers'>): void {
  const { model, layer } = context;
  const read = new Set<number>();
  const param = (key: number): number | readonly number[] | undefined => {
    read.add(key);
    return layer.params.get(key);
  };
  const full: LayerContext = {
    ...context,
    number: (key, fallback) => {
      const value = param(key) ?? fallback;
      if (typeof value === 'number') return value;
      throw malformed(model, `layer '${layer.name}': parameter ${key} is an array`);
    },
    numbers: (key) => {
      const value = param(key) ?? [];
      if (typeof value !== 'number') return value;
      throw malformed(model, `layer '${layer.name}': parameter ${key} is not an array`);
    },
  };
  const write = writers[layer.type];
  if (!write) throw unsupported(full, 'layer type');
  write(full);
  const unread = [...layer.params].find(([key]) => !read.has(key));
  if (unread) throw unsupported(full, `parameter ${unread[0]}=${unread[1].toString()}`);
}
