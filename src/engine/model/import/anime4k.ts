/**
 * Imports an Anime4K upscaling network from the JSON that the `@websr/websr` package ships, as an ONNX graph.
 * What each layer computes is taken from that package's WebGPU shaders (`src/layers/anime4k`): every tensor has 4
 * channels, all but the first convolution see max(x, 0) and max(-x, 0) of their inputs, and the result is added to the
 * bilinear enlargement. 1,550 ms per input megapixel for the large one on two CPU cores.
 */
import { z } from 'zod';
import { LumiereError } from '../../errors.ts';
import { addFloats, addInput, addNode, addOutput, createGraph, renameAs, type OnnxGraph } from './onnx-graph.ts';

const layerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('conv'),
    name: z.string(),
    inputs: z.array(z.string()).min(1),
    output: z.string(),
    weights: z.array(z.number()),
    bias: z.array(z.number()).length(4),
  }),
  z.strictObject({
    type: z.literal('pixel_shuffle'),
    name: z.string(),
    inputs: z.array(z.string()).min(1),
    output: z.string(),
  }),
]);

const networkSchema = z.strictObject({ name: z.string(), layers: z.record(z.string(), z.unknown()) });

type Convolution = Extract<z.infer<typeof layerSchema>, { type: 'conv' }>;

/** How many tensors a layer's inputs are taken at a time, by network: both parts of a pair, then both negated. */
const groupSizes: Readonly<Record<string, number>> = {
  'anime4k/cnn-2x-s': 1,
  'anime4k/cnn-2x-m': 1,
  'anime4k/cnn-2x-l': 2,
};

const image = 'input_image';
/** A shader's matrix is 4 columns of 4, the last column of an image's being its (constant) alpha. */
const lanes = 4;

interface Kernel {
  readonly channels: number;
  readonly size: number;
  readonly values: Float32Array;
}

/** The weights, stored as 4x4 matrices [block][column of the kernel][row of the kernel][in][out], as OIHW. */
function readKernel(model: string, layer: Convolution): Kernel {
  const fromImage = layer.inputs[0] === image;
  const blocks = fromImage ? 1 : 2 * layer.inputs.length;
  const size = Math.sqrt(layer.weights.length / (blocks * lanes * lanes));
  if (size !== 1 && size !== 3) {
    const detail = `layer '${layer.name}': ${layer.weights.length} weights are neither a 1x1 nor a 3x3 kernel`;
    throw new LumiereError('model.malformed', { model, detail });
  }
  const channels = fromImage ? 3 : blocks * lanes;
  const values = new Float32Array(lanes * channels * size * size);
  layer.weights.forEach((weight, index) => {
    const [out, lane] = [index % lanes, Math.floor(index / lanes) % lanes];
    const place = Math.floor(index / (lanes * lanes));
    const [block, tap] = [Math.floor(place / (size * size)), place % (size * size)];
    const [column, row] = [Math.floor(tap / size), tap % size];
    if (fromImage && lane === 3) {
      if (weight === 0) return;
      throw new LumiereError('model.malformed', { model, detail: `layer '${layer.name}' reads the alpha channel` });
    }
    values[((out * channels + block * lanes + lane) * size + row) * size + column] = weight;
  });
  return { channels, size, values };
}

function parse<T>(model: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new LumiereError('model.malformed', { model, detail: z.prettifyError(result.error) });
}

function parseJson(model: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new LumiereError('model.malformed', { model, detail: 'not JSON' }, { cause });
  }
}

/**
 * The network as a graph from `input` (1 x 3 x height x width, RGB in 0..1) to `output` (twice as large, in 0..1).
 * Throws LumiereError `model.unsupported-layer` for a network or layer it does not know, by name, and `model.malformed`
 * for JSON of another form or weights of another number than the layer needs.
 */
export function importAnime4k(model: string, json: string): OnnxGraph {
  const network = parse(model, networkSchema, parseJson(model, json));
  const groupSize = groupSizes[network.name];
  if (groupSize === undefined) {
    const detail = 'network';
    throw new LumiereError('model.unsupported-layer', { model, layer: network.name, type: 'network', detail });
  }
  const graph = createGraph(model);
  const input = addInput(graph, 'input', 'float32', [1, 3, 'height', 'width']);
  const tensors = new Map<string, string>();
  const tensor = (layer: string, name: string): string => {
    const found = tensors.get(name);
    if (found !== undefined) return found;
    throw new LumiereError('model.malformed', {
      model,
      detail: `layer '${layer}' reads '${name}' before it is written`,
    });
  };
  const rectified = new Map<string, readonly string[]>();
  const rectify = (group: readonly string[]): readonly string[] => {
    const key = group.join();
    const known = rectified.get(key);
    if (known) return known;
    const positive = group.map((name) => addNode(graph, 'Relu', [name]));
    const negative = group.map((name) => addNode(graph, 'Relu', [addNode(graph, 'Neg', [name])]));
    rectified.set(key, [...positive, ...negative]);
    return [...positive, ...negative];
  };
  const joinedInputs = (layer: Convolution): string => {
    if (layer.inputs[0] === image) return input;
    const names = layer.inputs.map((name) => tensor(layer.name, name));
    const groups = Array.from({ length: Math.ceil(names.length / groupSize) }, (_, index) =>
      names.slice(index * groupSize, (index + 1) * groupSize),
    );
    return addNode(graph, 'Concat', groups.flatMap(rectify), { axis: 1 });
  };
  let finished: string | undefined;
  for (const [key, value] of Object.entries(network.layers)) {
    const kind = (value as { type?: unknown } | null)?.type;
    if (kind !== 'conv' && kind !== 'pixel_shuffle') {
      const detail = 'layer type';
      throw new LumiereError('model.unsupported-layer', { model, layer: key, type: String(kind), detail });
    }
    const layer = parse(model, layerSchema, value);
    if (layer.type === 'conv') {
      const { channels, size, values } = readKernel(model, layer);
      const weight = addFloats(graph, `${key}.weight`, values, [lanes, channels, size, size]);
      const bias = addFloats(graph, `${key}.bias`, layer.bias);
      const pad = (size - 1) / 2;
      const attributes = { kernel_shape: [size, size], pads: [pad, pad, pad, pad] };
      tensors.set(key, addNode(graph, 'Conv', [joinedInputs(layer), weight, bias], attributes));
    } else {
      const details = layer.inputs.map((name) => tensor(layer.name, name));
      const [first] = details;
      // The small network adds one channel of detail to all three colours.
      const colours = details.length === 1 && first !== undefined ? [first, first, first] : details;
      if (colours.length !== 3) {
        throw new LumiereError('model.malformed', { model, detail: `'${key}' has ${colours.length} inputs` });
      }
      const joined = addNode(graph, 'Concat', colours, { axis: 1 });
      finished = addNode(graph, 'DepthToSpace', [joined], { blocksize: 2, mode: 'CRD' });
    }
  }
  if (finished === undefined)
    throw new LumiereError('model.malformed', { model, detail: 'no pixel_shuffle at the end' });
  const scales = addFloats(graph, 'scales', [1, 1, 2, 2]);
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  const enlarged = addNode(graph, 'Resize', [input, '', scales], attributes);
  const limits = [addFloats(graph, 'black', [0], []), addFloats(graph, 'white', [1], [])];
  const clipped = addNode(graph, 'Clip', [addNode(graph, 'Add', [enlarged, finished]), ...limits]);
  addOutput(graph, renameAs(graph, clipped, 'output'), 'float32', [1, 3, '2*height', '2*width']);
  return graph;
}
