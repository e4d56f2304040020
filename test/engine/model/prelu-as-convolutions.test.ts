import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from '../../../src/engine/model/import/onnx-codec.ts';
import {
  addFloats,
  addInput,
  addNode,
  addOutput,
  createGraph,
  type OnnxGraph,
} from '../../../src/engine/model/import/onnx-graph.ts';
import { preluAsConvolutions } from '../../../src/engine/model/prelu-as-convolutions.ts';
import { createSessionPool } from '../../../src/engine/model/session-pool.ts';
import { installForTest } from '../../models.ts';

const pool = createSessionPool();
afterAll(() => pool.close());

async function run(graph: OnnxGraph, data: Float32Array, dims: readonly number[]): Promise<Float32Array> {
  const session = await pool.open({ id: graph.name, model: encodeModel(graph) });
  const { y } = await session.run({ x: { type: 'float32', dims, data } });
  await session.close();
  return y!.data as Float32Array;
}

const ops = (graph: OnnxGraph): string[] => graph.nodes.map(({ op }) => op);

describe('PReLU as convolutions', () => {
  it('computes the same, for slopes of any sign and above 1', async () => {
    const slopes = [-1.45, 0, 0.25, 1, 1.9];
    const graph = createGraph('prelu');
    const x = addInput(graph, 'x', 'float32', [1, 5, 'h', 'w']);
    addNode(graph, 'PRelu', [x, addFloats(graph, 'slopes', slopes, [5, 1, 1])], {}, 'y');
    addOutput(graph, 'y', 'float32', [1, 5, 'h', 'w']);
    const rewritten = preluAsConvolutions(graph);
    expect(ops(rewritten)).toEqual(['Relu', 'Conv', 'Conv', 'Add']);

    const data = Float32Array.from({ length: 5 * 6 * 7 }, (_, index) => Math.sin(index) * 3);
    const result = await run(rewritten, data, [1, 5, 6, 7]);
    data.forEach((value, index) => {
      expect(result[index]).toBeCloseTo(value > 0 ? value : slopes[Math.floor(index / 42)]! * value, 5);
    });
  });

  it('computes the same between convolutions, which take slopes above 1 into their weights', async () => {
    const numbers = (count: number, seed: number): number[] =>
      Array.from({ length: count }, (_, index) => Math.sin(seed + 1.7 * index));
    const graph = createGraph('between');
    const x = addInput(graph, 'x', 'float32', [1, 3, 'h', 'w']);
    const conv = (input: string, from: number, to: number, seed: number): string => {
      const weights = addFloats(graph, 'weights', numbers(to * from * 9, seed), [to, from, 3, 3]);
      return addNode(graph, 'Conv', [input, weights, addFloats(graph, 'bias', numbers(to, seed + 5))], {
        kernel_shape: [3, 3],
        pads: [1, 1, 1, 1],
      });
    };
    const prelu = (input: string, slopes: readonly number[]): string =>
      addNode(graph, 'PRelu', [input, addFloats(graph, 'slopes', slopes, [slopes.length, 1, 1])]);
    const first = prelu(conv(x, 3, 4, 1), [0.2, 1.5, -0.7, 3]);
    const second = prelu(conv(first, 4, 5, 2), [2, 0.1, 1, -1.2, 1.1]);
    addNode(graph, 'Identity', [conv(second, 5, 2, 3)], {}, 'y');
    addOutput(graph, 'y', 'float32', [1, 2, 'h', 'w']);
    const rewritten = preluAsConvolutions(graph);
    expect(ops(rewritten)).toEqual([
      ...['Conv', 'Conv', 'Relu', 'Conv', 'Add'],
      ...['Conv', 'Conv', 'Relu', 'Conv', 'Add'],
      ...['Conv', 'Identity'],
    ]);

    const data = Float32Array.from(numbers(3 * 8 * 9, 11));
    const expected = await run(graph, data, [1, 3, 8, 9]);
    const result = await run(rewritten, data, [1, 3, 8, 9]);
    expect(result.length).toBe(expected.length);
    expected.forEach((value, index) => {
      expect(result[index]).toBeCloseTo(value, 4);
    });
  });

  it('takes names that no later tensor has', () => {
    const graph = createGraph('names');
    const x = addInput(graph, 'x', 'float32', [1, 2, 'h', 'w']);
    const first = addNode(graph, 'PRelu', [x, addFloats(graph, 's', [0.5, 2], [2, 1, 1])], {}, 'relu');
    addNode(graph, 'Neg', [addNode(graph, 'Abs', [first], {}, 'conv')], {}, 'y');
    addOutput(graph, 'y', 'float32', [1, 2, 'h', 'w']);
    const written = preluAsConvolutions(graph).nodes.flatMap(({ outputs }) => outputs);
    expect(new Set(written).size).toBe(written.length);
    expect(written).toContain('relu');
  });

  it('leaves no PRelu in general-x4v3', async () => {
    const { network } = await installForTest('general-x4v3');
    const graph = decodeModel(await readFile(network!));
    expect(ops(graph).filter((op) => op === 'PRelu')).toHaveLength(33);
    expect(ops(preluAsConvolutions(graph))).not.toContain('PRelu');
  });
});
