import { describe, expect, test } from 'vitest';
import { blendWeights } from '../../../../src/engine/model/import/blend-weights.ts';
import { halfToFloat } from '../../../../src/engine/model/import/half-float.ts';
import { decodeModel, encodeModel } from '../../../../src/engine/model/import/onnx-codec.ts';
import {
  addFloats,
  addInitializer,
  addInput,
  addIntegers,
  addNode,
  addOutput,
  appendGraph,
  createGraph,
  pruneGraph,
  renameAs,
  type OnnxGraph,
} from '../../../../src/engine/model/import/onnx-graph.ts';
import { noise, runGraph } from './run-graph.ts';

const dims = [1, 'length'] as const;

/** x -> factor * x + offset */
function affine(factor: number, offset: number): OnnxGraph {
  const graph = createGraph('affine');
  const x = addInput(graph, 'x', 'float32', dims);
  const scaled = addNode(graph, 'Mul', [x, addFloats(graph, 'factor', [factor])], {}, 'scaled');
  addNode(graph, 'Add', [scaled, addFloats(graph, 'offset', [offset])], {}, 'y');
  addOutput(graph, 'y', 'float32', dims);
  return graph;
}

const input = noise([1, 5]);
const expected = (formula: (x: number) => number) => Array.from(input.data, (x) => Math.fround(formula(x)));

describe('joining graphs', () => {
  test('the same network spliced in twice computes its composition', async () => {
    const graph = createGraph('outer');
    const x = addInput(graph, 'x', 'float32', dims);
    const first = appendGraph(graph, affine(2, 1), { x });
    const second = appendGraph(graph, affine(2, 1), { x: first['y']! });
    addOutput(graph, renameAs(graph, second['y']!, 'y'), 'float32', dims);
    const { y } = await runGraph(graph, { x: input });
    const values = expected((value) => 4 * value + 3);
    values.forEach((value, index) => {
      expect(y!.data[index]).toBeCloseTo(value, 5);
    });
  });

  test('bytes in, bytes out, around a network on floats', async () => {
    const graph = createGraph('bytes');
    const x = addInput(graph, 'x', 'float32', dims);
    const bytes = addNode(graph, 'Cast', [x], { to: 2 });
    const { y } = appendGraph(graph, affine(3, 0), { x: addNode(graph, 'Cast', [bytes], { to: 1 }) });
    const limits = [addFloats(graph, 'low', [0], []), addFloats(graph, 'high', [255], [])];
    addOutput(graph, addNode(graph, 'Clip', [y!, ...limits], {}, 'out'), 'float32', dims);
    const { out } = await runGraph(graph, { x: { dims: [1, 3], data: [1.9, 80.2, 200] } });
    expect(out!.data).toEqual([3, 240, 255]);
  });

  test.each([
    ['an input left unbound', {}, /'x' of 'affine' is not bound/],
    ['a binding that is no input', { x: 'x', z: 'x' }, /'z' is not an input/],
    ['a tensor that does not exist', { x: 'nothing' }, /'nothing' is read before it is written/],
  ])('%s is refused', (_, bindings, message) => {
    const graph = createGraph('outer');
    addInput(graph, 'x', 'float32', dims);
    expect(() => appendGraph(graph, affine(1, 1), bindings as Record<string, string>)).toThrow(message);
  });

  test('another operator set is refused', () => {
    const graph = createGraph('outer', 13);
    addInput(graph, 'x', 'float32', dims);
    expect(() => appendGraph(graph, affine(1, 1), { x: 'x' })).toThrow(/expected opset 13/);
  });
});

describe('building graphs', () => {
  test('names are written once and read after they are written', () => {
    const graph = affine(1, 1);
    expect(() => addNode(graph, 'Relu', ['x'], {}, 'y')).toThrow(/'y' is empty or already written/);
    expect(() => addNode(graph, 'Relu', ['later'])).toThrow(/'later' is read before it is written/);
  });

  test('a constant has as many bytes as its shape says', () => {
    const graph = createGraph('short');
    const data = new Uint8Array(7);
    expect(() => addInitializer(graph, { name: 'c', type: 'float32', dims: [2], data })).toThrow(/expected 8 bytes/);
  });

  test('pruning keeps what the output needs and every input', async () => {
    const graph = affine(2, 1);
    addInput(graph, 'unused', 'float32', dims);
    const pruned = pruneGraph(graph, [{ name: 'scaled', type: 'float32', dims }]);
    expect(pruned.nodes.map(({ op }) => op)).toEqual(['Mul']);
    expect([...pruned.initializers.keys()]).toEqual(['#factor']);
    expect(pruned.inputs.map(({ name }) => name)).toEqual(['x', 'unused']);
    const { scaled } = await runGraph(pruned, { x: input, unused: input });
    expect(scaled!.data).toEqual(expected((x) => 2 * x));
  });
});

describe('model files', () => {
  test('what is written is read back', () => {
    const graph = createGraph('all');
    addInput(graph, 'x', 'uint8', ['n', 4]);
    addIntegers(graph, 'big', [2 ** 40, -1]);
    const attributes = { axis: -2, perm: [1, 0], mode: 'linear', alpha: { float: 0.5 }, scales: { floats: [1, 2.5] } };
    addNode(graph, 'Anything', ['x', '', '#big'], attributes, 'y');
    addOutput(graph, 'y', 'float32', [1, 'rows']);
    expect(decodeModel(encodeModel(graph))).toEqual(graph);
  });

  test('the same graph gives the same bytes', () => {
    expect(encodeModel(affine(2, 1))).toEqual(encodeModel(affine(2, 1)));
  });

  test('a fraction without its mark is refused', () => {
    const graph = affine(1, 1);
    addNode(graph, 'LeakyRelu', ['y'], { alpha: 0.2 });
    expect(() => encodeModel(graph)).toThrow(/'alpha' holds floats/);
  });

  test.each([
    ['cut short', encodeModel(affine(2, 1)).subarray(0, 40)],
    ['of other bytes', new TextEncoder().encode('no model at all')],
  ])('a file %s is refused', (_, bytes) => {
    expect(() => decodeModel(bytes, 'net')).toThrow(/model.malformed \(model=net/);
  });
});

describe('weights between two networks', () => {
  test.each([0, 0.25, 1])('share %f', async (share) => {
    const { y } = await runGraph(blendWeights(affine(2, 1), affine(4, -1), share), { x: input });
    const values = expected((x) => (2 + 2 * share) * x + 1 - 2 * share);
    values.forEach((value, index) => {
      expect(y!.data[index]).toBeCloseTo(value, 6);
    });
  });

  test('names may differ, structure may not', () => {
    const renamed = createGraph('renamed');
    const x = addInput(renamed, 'in', 'float32', dims);
    const scaled = addNode(renamed, 'Mul', [x, addFloats(renamed, 'a', [6])]);
    addOutput(renamed, addNode(renamed, 'Add', [scaled, addFloats(renamed, 'b', [0])]), 'float32', dims);
    expect(blendWeights(affine(2, 2), renamed, 0.5).outputs[0]!.name).toBe('y');
    addNode(renamed, 'Relu', ['in']);
    expect(() => blendWeights(affine(2, 2), renamed, 0.5)).toThrow(/not of one structure/);
    expect(() => blendWeights(affine(2, 2), affine(1, 1), 1.5)).toThrow(/share of 0 to 1/);
  });
});

test('half precision, the ends of its range and its special values', () => {
  const pairs: readonly (readonly [number, number])[] = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ];
  for (const [bits, value] of pairs) expect(halfToFloat(bits)).toBe(value);
  expect(Object.is(halfToFloat(0x8000), -0)).toBe(true);
});
