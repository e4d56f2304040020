/**
 * PReLU for the CPU. ONNX Runtime's CPU kernel of PRelu runs on one thread and only on plain layouts, so that every
 * layer of a network is reordered twice around it; depthwise 1x1 convolutions stay in the blocked layout of the
 * convolutions before and after. general-x4v3 takes 227 ms of one core this way at 160x120 against 339, and the part that
 * a second core cannot share falls from a third of the time to nothing.
 *
 * With slopes up to 1, `slope * x + max((1 - slope) * x, 0)` is the same, and both its convolutions take the operator after
 * them in (maximum and sum). Slopes above 1 are turned into others: a channel that is negated before and multiplied by
 * -slope after has the slope 1 / slope; the convolutions before and after take those factors into their weights.
 */
import {
  addFloats,
  addInitializer,
  addInput,
  addNode,
  createGraph,
  type GraphNode,
  type OnnxGraph,
  pruneGraph,
} from './import/onnx-graph.ts';

interface Float32Constant {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

function constant(graph: OnnxGraph, name: string | undefined): Float32Constant | undefined {
  const found = name === undefined ? undefined : graph.initializers.get(name);
  if (found?.type !== 'float32') return undefined;
  // A copy: the bytes may lie at an offset that floats cannot be viewed at, and others may share them.
  return { dims: found.dims, values: new Float32Array(new Uint8Array(found.data).buffer) };
}

/** Slopes by channel, of a PRelu whose slopes are constant. */
function slopesOf(graph: OnnxGraph, node: GraphNode): Float32Array | undefined {
  const slope = node.op === 'PRelu' ? constant(graph, node.inputs[1]) : undefined;
  if (slope === undefined) return undefined;
  const [channels = 0, ...rest] = slope.dims.length === 4 ? slope.dims.slice(1) : slope.dims;
  const byChannel = slope.dims.length >= 3 && rest.every((side) => side === 1) && channels > 1;
  return byChannel ? slope.values : undefined;
}

/** What reads and writes each tensor. */
interface Wiring {
  readonly writer: ReadonlyMap<string, GraphNode>;
  readonly readers: ReadonlyMap<string, readonly GraphNode[]>;
  readonly outputs: ReadonlySet<string>;
}

function wiringOf(graph: OnnxGraph): Wiring {
  const writer = new Map<string, GraphNode>();
  const readers = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) writer.set(output, node);
    for (const input of new Set(node.inputs)) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  return { writer, readers, outputs: new Set(graph.outputs.map(({ name }) => name)) };
}

/** Weights under new values, by the node that reads them and the place among its inputs. */
type NewWeights = Map<GraphNode, Map<number, Float32Constant>>;

function weightsOf(graph: OnnxGraph, changed: NewWeights, node: GraphNode, place: number): Float32Constant | undefined {
  return changed.get(node)?.get(place) ?? constant(graph, node.inputs[place]);
}

/** An ordinary convolution, whose channels can take a factor each. */
const isPlain = ({ op, attributes }: GraphNode): boolean => op === 'Conv' && (attributes['group'] ?? 1) === 1;

/** Makes all slopes of `node` at most 1, where its neighbours are convolutions. Returns the slopes that it then has. */
function tamed(
  graph: OnnxGraph,
  { writer, readers, outputs }: Wiring,
  node: GraphNode,
  slopes: Float32Array,
  changed: NewWeights,
): Float32Array {
  if (slopes.every((slope) => slope <= 1)) return slopes;
  const [x = ''] = node.inputs;
  const [y = ''] = node.outputs;
  const before = writer.get(x);
  const after = readers.get(y) ?? [];
  const between = readers.get(x)?.length === 1 && !outputs.has(x) && !outputs.has(y);
  if (
    !between ||
    before === undefined ||
    !isPlain(before) ||
    !after.every((next) => isPlain(next) && next.inputs[0] === y)
  ) {
    return slopes;
  }
  const written = [1, 2].flatMap((place) => (before.inputs[place] === undefined ? [] : [place]));
  const ours = [
    ...written.map((place) => ({ conv: before, place, weights: weightsOf(graph, changed, before, place) })),
    ...after.map((conv) => ({ conv, place: 1, weights: weightsOf(graph, changed, conv, 1) })),
  ];
  if (ours.some(({ weights }) => weights === undefined)) return slopes;
  for (const { conv, place, weights } of ours) {
    const { dims, values } = weights!;
    const isBefore = conv === before;
    const perOutput = values.length / dims[0]!;
    const perInput = isBefore ? perOutput : perOutput / dims[1]!;
    const factors = slopes.map((slope) => (slope <= 1 ? 1 : isBefore ? -1 : -slope));
    const scaled = values.map((value, index) => {
      const channel = isBefore ? Math.floor(index / perOutput) : Math.floor(index / perInput) % dims[1]!;
      return value * factors[channel]!;
    });
    const places = changed.get(conv) ?? new Map<number, Float32Constant>();
    changed.set(conv, places.set(place, { dims, values: scaled }));
  }
  return slopes.map((slope) => (slope <= 1 ? slope : 1 / slope));
}

/**
 * The same network with every PRelu of constant slopes by channel written as two depthwise convolutions, a maximum and a
 * sum. Other nodes are kept as they are, but for factors in the weights of the convolutions beside.
 */
export function preluAsConvolutions(graph: OnnxGraph): OnnxGraph {
  const wiring = wiringOf(graph);
  const changed: NewWeights = new Map();
  const found = new Map<GraphNode, Float32Array>();
  for (const node of graph.nodes) {
    const slopes = slopesOf(graph, node);
    if (slopes !== undefined) found.set(node, tamed(graph, wiring, node, slopes, changed));
  }

  const result = createGraph(graph.name, graph.opset);
  for (const { name, type, dims } of graph.inputs) addInput(result, name, type, dims);
  for (const initializer of graph.initializers.values()) addInitializer(result, initializer);
  // Taken beforehand, so that no name made here meets one that a later node writes.
  for (const output of graph.nodes.flatMap((node) => node.outputs)) result.names.add(output);
  for (const node of graph.nodes) {
    const slopes = found.get(node);
    if (slopes === undefined) {
      const places = changed.get(node);
      const inputs = node.inputs.map((name, place) => {
        const weights = places?.get(place);
        return weights === undefined ? name : addFloats(result, 'scaled', weights.values, weights.dims);
      });
      result.nodes.push({ ...node, inputs });
      continue;
    }
    const [x = ''] = node.inputs;
    const channels = slopes.length;
    const scaled = (input: string, factors: Float32Array): string => {
      const weights = addFloats(result, 'slopes', factors, [channels, 1, 1, 1]);
      return addNode(result, 'Conv', [input, weights], { group: channels, kernel_shape: [1, 1] });
    };
    const rest = slopes.map((slope) => 1 - slope);
    const positive = slopes.every((slope) => slope <= 1)
      ? addNode(result, 'Relu', [scaled(x, rest)])
      : scaled(addNode(result, 'Relu', [x]), rest);
    result.nodes.push({ op: 'Add', inputs: [positive, scaled(x, slopes)], outputs: node.outputs, attributes: {} });
  }
  // Without the weights that were replaced.
  return pruneGraph(result, graph.outputs);
}
