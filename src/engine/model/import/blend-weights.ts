/**
 * Deep network interpolation (Wang et al., CVPR 2019): between two networks of one structure, trained for different
 * ends, a weighted mean of their weights gives what lies between. Real-ESRGAN's denoising strength is made this way.
 */
import { addInitializer, createGraph, type GraphInitializer, type OnnxGraph } from './onnx-graph.ts';

/** The shape of a graph with its tensors numbered instead of named, so that names do not matter. */
function structure(graph: OnnxGraph): string {
  const numbers = new Map<string, number>([['', -1]]);
  const number = (name: string): number => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  };
  const inputs = graph.inputs.map(({ name, type, dims }) => [number(name), type, dims]);
  const constants = [...graph.initializers.values()].map(({ name, type, dims }) => [number(name), type, dims]);
  const nodes = graph.nodes.map(({ op, inputs: reads, outputs, attributes }) => {
    return [op, reads.map(number), outputs.map(number), attributes];
  });
  return JSON.stringify([graph.opset, inputs, constants, nodes, graph.outputs.map(({ name }) => number(name))]);
}

function asFloats({ data }: GraphInitializer): Float32Array {
  const aligned = new Uint8Array(data.byteLength);
  aligned.set(data);
  return new Float32Array(aligned.buffer);
}

/**
 * A network with the weights of `first` times 1 - `share` plus those of `second` times `share`; names are those of
 * `first`. `share` is 0..1. Throws a RangeError for a share outside, or networks of different structure.
 */
export function blendWeights(first: OnnxGraph, second: OnnxGraph, share: number): OnnxGraph {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`expected a share of 0 to 1 but received ${share}`);
  if (structure(first) !== structure(second)) {
    throw new RangeError(`'${first.name}' and '${second.name}' are not of one structure`);
  }
  const blended = createGraph(first.name, first.opset);
  blended.inputs.push(...first.inputs);
  blended.nodes.push(...first.nodes);
  blended.outputs.push(...first.outputs);
  const others = [...second.initializers.values()];
  [...first.initializers.values()].forEach((initializer, index) => {
    const other = others[index]!;
    if (initializer.type !== 'float32') {
      addInitializer(blended, initializer);
      return;
    }
    const theirs = asFloats(other);
    const mean = asFloats(initializer).map((value, place) => (1 - share) * value + share * theirs[place]!);
    addInitializer(blended, { ...initializer, data: new Uint8Array(mean.buffer) });
  });
  for (const name of first.names) blended.names.add(name);
  return blended;
}
