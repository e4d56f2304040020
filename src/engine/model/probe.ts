/**
 * A tiny network whose answer is known in closed form, to find out whether an execution provider computes at all. It has
 * the operators our networks stand on (Conv, LeakyRelu, DepthToSpace, Resize, Gather, Sigmoid), so that a provider which
 * lacks one is found here rather than in the middle of a film.
 */
import { encodeModel } from './import/onnx-codec.ts';
import { addFloats, addInput, addIntegers, addNode, addOutput, createGraph } from './import/onnx-graph.ts';
import type { ModelSource, Tensor, Tensors } from './session.ts';

/** Large enough that a plane is no "tiny" tensor to the placement check, small enough for a software GPU. */
const side = 48;
const slope = 0.5;

export interface Probe {
  readonly source: ModelSource;
  readonly feeds: Tensors;
  readonly output: string;
  readonly expected: Float32Array;
}

/**
 * In: one plane. A 3x3 box sum and three scaled copies of it (Conv), negative values halved (LeakyRelu), the four laid out
 * as a picture twice as large (DepthToSpace), enlarged again by two (Resize, nearest), its rows reversed (Gather), and
 * squashed (Sigmoid).
 */
function probeModel(): Uint8Array {
  const graph = createGraph('probe');
  const plane = addInput(graph, 'plane', 'float32', [1, 1, side, side]);
  const kernels = [1, -1, 0.25, -0.25].flatMap((scale) => new Array<number>(9).fill(scale));
  const sums = addNode(graph, 'Conv', [plane, addFloats(graph, 'kernels', kernels, [4, 1, 3, 3])], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
  });
  const leaky = addNode(graph, 'LeakyRelu', [sums], { alpha: { float: slope } });
  const shuffled = addNode(graph, 'DepthToSpace', [leaky], { blocksize: 2, mode: 'CRD' });
  const scales = addFloats(graph, 'scales', [1, 1, 2, 2]);
  const resized = addNode(graph, 'Resize', [shuffled, '', scales], {
    mode: 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  });
  const reversed = Array.from({ length: 4 * side }, (_, row) => 4 * side - 1 - row);
  const flipped = addNode(graph, 'Gather', [resized, addIntegers(graph, 'rows', reversed)], { axis: 2 });
  addNode(graph, 'Sigmoid', [flipped], {}, 'answer');
  addOutput(graph, 'answer', 'float32', [1, 1, 4 * side, 4 * side]);
  return encodeModel(graph);
}

function expectedAnswer(plane: Float32Array): Float32Array {
  const at = (x: number, y: number): number => (x < 0 || y < 0 || x >= side || y >= side ? 0 : plane[y * side + x]!);
  const answer = new Float32Array(16 * side * side);
  for (let row = 0; row < 4 * side; row += 1) {
    for (let column = 0; column < 4 * side; column += 1) {
      const [x, y] = [Math.floor(column / 2), Math.floor((4 * side - 1 - row) / 2)];
      const [cx, cy] = [Math.floor(x / 2), Math.floor(y / 2)];
      let sum = 0;
      for (const dy of [-1, 0, 1]) for (const dx of [-1, 0, 1]) sum += at(cx + dx, cy + dy);
      const scaled = sum * [1, -1, 0.25, -0.25][(y % 2) * 2 + (x % 2)]!;
      answer[row * 4 * side + column] = 1 / (1 + Math.exp(-(scaled < 0 ? slope * scaled : scaled)));
    }
  }
  return answer;
}

/** The probe with its input and the answer that a working provider gives within {@link probeTolerance}. */
export function makeProbe(): Probe {
  const plane = Float32Array.from({ length: side * side }, (_, index) => ((index * 37) % 101) / 101 - 0.5);
  return {
    source: { id: 'probe', model: probeModel() },
    feeds: { plane: { type: 'float32', dims: [1, 1, side, side], data: plane } },
    output: 'answer',
    expected: expectedAnswer(plane),
  };
}

/** Half precision, which some providers compute in, is good to about 1/1000 here; a wrong kernel is off by far more. */
export const probeTolerance = 0.01;

/** What is wrong with a provider's answer, or undefined when it is right. */
export function faultOfAnswer(probe: Probe, answer: Tensor | undefined): string | undefined {
  if (answer?.data.length !== probe.expected.length) return 'it gave an answer of the wrong size';
  let worst = 0;
  for (const [index, value] of probe.expected.entries()) {
    const error = Math.abs(value - answer.data[index]!);
    // Not a number compares false with everything.
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
  }
  return worst <= probeTolerance ? undefined : `it computed wrongly (off by ${worst.toPrecision(2)})`;
}
