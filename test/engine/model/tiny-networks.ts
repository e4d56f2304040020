/** Networks of a few nodes, built in place, for tests of what runs them. */
import { encodeModel } from '../../../src/engine/model/import/onnx-codec.ts';
import { addFloats, addInput, addNode, addOutput, createGraph } from '../../../src/engine/model/import/onnx-graph.ts';
import type { ModelSource, Tensor } from '../../../src/engine/model/session.ts';

/** `y = factor * x`, elementwise, for `x` of any length. */
export function scaling(factor: number): ModelSource {
  const graph = createGraph(`times-${factor}`);
  const x = addInput(graph, 'x', 'float32', ['n']);
  addNode(graph, 'Mul', [x, addFloats(graph, 'factor', [factor])], {}, 'y');
  addOutput(graph, 'y', 'float32', ['n']);
  return { id: graph.name, model: encodeModel(graph) };
}

/**
 * `layers` 3x3 convolutions of 8 channels over one plane, each the identity: `y` is `x`, at a cost that grows with the
 * size of the plane. `x` and `y` are `[1, 1, h, w]`.
 */
export function slowIdentity(layers = 12): ModelSource {
  const channels = 8;
  const graph = createGraph(`identity-${layers}`);
  const kernel = (outputs: number, inputs: number): string => {
    const weights = new Float32Array(outputs * inputs * 9);
    for (let channel = 0; channel < outputs; channel += 1) {
      weights[(channel * inputs + Math.min(channel, inputs - 1)) * 9 + 4] = 1;
    }
    return addFloats(graph, 'kernel', weights, [outputs, inputs, 3, 3]);
  };
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  let plane = addInput(graph, 'x', 'float32', [1, 1, 'h', 'w']);
  plane = addNode(graph, 'Conv', [plane, kernel(channels, 1)], attributes);
  for (let layer = 0; layer < layers; layer += 1) {
    plane = addNode(graph, 'Conv', [plane, kernel(channels, channels)], attributes);
  }
  addNode(graph, 'Conv', [plane, kernel(1, channels)], attributes, 'y');
  addOutput(graph, 'y', 'float32', [1, 1, 'h', 'w']);
  return { id: graph.name, model: encodeModel(graph) };
}

/** Two convolutions of three channels with `op` between them; `x` and `y` are `[1, 3, h, w]`. */
export function sandwich(op: string): ModelSource {
  const graph = createGraph(`sandwich-${op}`);
  const x = addInput(graph, 'x', 'float32', [1, 3, 'h', 'w']);
  const convolve = (plane: string, ...output: [] | [string]): string => {
    const kernel = addFloats(graph, 'kernel', new Float32Array(81).fill(0.1), [3, 3, 3, 3]);
    return addNode(graph, 'Conv', [plane, kernel], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, ...output);
  };
  convolve(addNode(graph, op, [convolve(x)]), 'y');
  addOutput(graph, 'y', 'float32', [1, 3, 'h', 'w']);
  return { id: graph.name, model: encodeModel(graph) };
}

export function row(values: readonly number[]): Tensor {
  return { type: 'float32', dims: [values.length], data: Float32Array.from(values) };
}

export function plane(width: number, height: number, value = (index: number): number => (index % 251) / 251) {
  const data = Float32Array.from({ length: width * height }, (_, index) => value(index));
  return { type: 'float32', dims: [1, 1, height, width], data } satisfies Tensor;
}
