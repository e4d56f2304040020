/**
 * PReLU for the CPU. ONNX Runtime's CPU kernel of PRelu runs on one thread and only on plain layouts, so that every
 * layer of a network is reordered twice around it; depthwise 1x1 convolutions stay in the blocked layout of the
 * convolutions before and after. general-x4v3 takes 227 ms of one core this way at 160x120 against 339, and the part that
 * a second core cannot share falls from a third of the time to nothing.
 */
import {
  addFloats,
  addInitializer,
  addInput,
  addNode,
  addOutput,
  createGraph,
  type GraphInitializer,
  type OnnxGraph,
} from './import/onnx-graph.ts';

function perChannel(slope: GraphInitializer | undefined): Float32Array | undefined {
  if (slope?.type !== 'float32') return undefined;
  const [channels = 0, ...rest] = slope.dims.length === 4 ? slope.dims.slice(1) : slope.dims;
  if (slope.dims.length < 3 || rest.some((side) => side !== 1)) return undefined;
  // A copy: the bytes may lie at an offset that floats cannot be viewed at.
  return channels > 1 ? new Float32Array(new Uint8Array(slope.data).buffer) : undefined;
}

/**
 * The same network with every PRelu of constant slopes by channel written as `slope * x + (1 - slope) * max(x, 0)`, two
 * depthwise convolutions and a sum. Other nodes are kept as they are.
 */
export function preluAsConvolutions(graph: OnnxGraph): OnnxGraph {
  const result = createGraph(graph.name, graph.opset);
  for (const { name, type, dims } of graph.inputs) addInput(result, name, type, dims);
  for (const initializer of graph.initializers.values()) addInitializer(result, initializer);
  // Taken beforehand, so that no name made here meets one that a later node writes.
  for (const output of graph.nodes.flatMap((node) => node.outputs)) result.names.add(output);
  for (const node of graph.nodes) {
    const [x = '', slopeName = ''] = node.inputs;
    const slopes = node.op === 'PRelu' ? perChannel(graph.initializers.get(slopeName)) : undefined;
    if (slopes === undefined) {
      result.nodes.push(node);
      continue;
    }
    const channels = slopes.length;
    const scaled = (input: string, factors: Float32Array): string => {
      const weights = addFloats(result, 'slopes', factors, [channels, 1, 1, 1]);
      return addNode(result, 'Conv', [input, weights], { group: channels, kernel_shape: [1, 1] });
    };
    const positive = scaled(
      addNode(result, 'Relu', [x]),
      slopes.map((slope) => 1 - slope),
    );
    const inputs = [positive, scaled(x, slopes)];
    result.nodes.push({ op: 'Add', inputs, outputs: node.outputs, attributes: {} });
  }
  for (const { name, type, dims } of graph.outputs) addOutput(result, name, type, dims);
  return result;
}
