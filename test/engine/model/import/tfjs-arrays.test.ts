import { describe, expect, test } from 'vitest';
import { LumiereError } from '../../../../src/engine/errors.ts';
import { importTfjsGraph } from '../../../../src/engine/model/import/tfjs-graph.ts';
import { noise, runGraph, type Values } from './run-graph.ts';
import {
  bytesOf,
  compute,
  expectClose,
  graphModel,
  importOperator,
  manifestOf,
  shardsOf,
  type Attribute,
  type Stored,
} from './tfjs-model.ts';

const integers = (name: string, values: readonly number[], dims = [values.length]): Stored => ({
  name,
  dims,
  values,
  dtype: 'int32',
});

/** `dims[0] x dims[1] x …` values of a formula of their place. */
function fill(dims: readonly number[], formula: (...place: readonly number[]) => number): Values {
  const places = dims.reduce<readonly (readonly number[])[]>(
    (known, size) => known.flatMap((place) => Array.from({ length: size }, (_, index) => [...place, index])),
    [[]],
  );
  return { dims, data: places.map((place) => formula(...place)) };
}

/** Each place holds its own address, so that whatever lands elsewhere shows where it came from. */
const addressed = fill([4, 5, 6], (i, j, k) => 100 * i + 10 * j + k);
const address = (i: number, j: number, k: number): number => 100 * i + 10 * j + k;

interface Cut {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
  readonly begin_mask?: number;
  readonly end_mask?: number;
  readonly shrink_axis_mask?: number;
}

async function slice({ begin, end, strides, ...masks }: Cut, rank: number): Promise<Values | undefined> {
  const attributes: Record<string, Attribute> = { ellipsis_mask: { i: '0' }, new_axis_mask: { i: '0' } };
  for (const [key, bits] of Object.entries(masks)) attributes[key] = { i: String(bits) };
  const stored = [integers('begin', begin), integers('end', end), integers('strides', strides)];
  return compute('StridedSlice', attributes, stored, addressed, rank);
}

describe('tfjs array operators compute their definitions', () => {
  test.each<[string, Cut, Values]>([
    [
      'from begin to before end',
      { begin: [1, 2, 0], end: [3, 3, 6], strides: [1, 1, 2] },
      fill([2, 1, 3], (i, j, k) => address(1 + i, 2 + j, 2 * k)),
    ],
    [
      'with begin and end left open, and fewer axes than there are',
      { begin: [3, 3], end: [3, 3], strides: [1, 1], begin_mask: 1, end_mask: 2 },
      fill([3, 2, 6], (i, j, k) => address(i, 3 + j, k)),
    ],
    [
      'counted from the end',
      { begin: [-2, 0, 0], end: [4, -1, -3], strides: [1, 1, 1] },
      fill([2, 4, 3], (i, j, k) => address(2 + i, j, k)),
    ],
    [
      'backwards, open on both sides and on one',
      { begin: [0, 3, 4], end: [0, 0, 1], strides: [-1, -2, -1], begin_mask: 1, end_mask: 3 },
      fill([4, 2, 3], (i, j, k) => address(3 - i, 3 - 2 * j, 4 - k)),
    ],
    [
      'with axes taken away: the second, and the last element of the third',
      { begin: [0, 2, -1], end: [4, 3, 0], strides: [1, 1, 1], begin_mask: 2, shrink_axis_mask: 6 },
      fill([4], (i) => address(i, 2, 5)),
    ],
  ])('StridedSlice %s', async (_, cut, expected) => {
    expectClose(await slice(cut, expected.dims.length), expected);
  });

  test.each([
    ['Max', 1, (cells: readonly number[]) => Math.max(...cells)],
    ['Min', 1, (cells: readonly number[]) => Math.min(...cells)],
    ['Prod', -1, (cells: readonly number[]) => cells.reduce((product, x) => product * x, 1)],
    ['Sum', 2, (cells: readonly number[]) => cells.reduce((sum, x) => sum + x, 0)],
    ['Mean', 0, (cells: readonly number[]) => cells.reduce((sum, x) => sum + x, 0) / cells.length],
  ] as const)('%s over one axis, kept and not', async (op, axis, reduce) => {
    const x = noise([2, 3, 4], 9);
    const along = (axis + 3) % 3;
    const kept = x.dims.map((size, index) => (index === along ? 1 : size));
    const expected = fill(kept, (...place) =>
      reduce(
        Array.from({ length: x.dims[along]! }, (_, index) => {
          const [i, j, k] = place.with(along, index) as [number, number, number];
          return x.data[(i * 3 + j) * 4 + k]!;
        }),
      ),
    );
    const axes = [integers('axes', [axis], [])];
    expectClose(await compute(op, { keep_dims: { b: true } }, axes, x), expected);
    const dropped = { dims: kept.filter((_, index) => index !== along), data: expected.data };
    expectClose(await compute(op, { keep_dims: { b: false } }, axes, x, 2), dropped);
  });

  test('Transpose', async () => {
    const turned = await compute('Transpose', {}, [integers('perm', [2, 0, 1])], addressed);
    expectClose(
      turned,
      fill([6, 4, 5], (k, i, j) => address(i, j, k)),
    );
  });

  test('GatherV2 along the axis named', async () => {
    const stored = [integers('indices', [4, 0, 4]), integers('axis', [1], [])];
    const gathered = await compute('GatherV2', { batch_dims: { i: '0' } }, stored, addressed);
    expectClose(
      gathered,
      fill([4, 3, 6], (i, j, k) => address(i, [4, 0, 4][j]!, k)),
    );
  });

  test('GatherNd takes rows by their places, and the last row for a place past the end', async () => {
    const places = [
      [3, 0],
      [0, 4],
      [1, 5],
      [9, 2],
    ];
    const gathered = await compute('GatherNd', {}, [integers('places', places.flat(), [2, 2, 2])], addressed);
    const clamped = [
      [3, 0],
      [0, 4],
      [1, 4],
      [3, 2],
    ];
    expectClose(
      gathered,
      fill([2, 2, 6], (a, b, k) => address(clamped[2 * a + b]![0]!, clamped[2 * a + b]![1]!, k)),
    );
  });

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('BatchMatMulV2 with adj_x %s and adj_y %s, its batches broadcast', async (adjX, adjY) => {
    const x = noise([3, 2, ...(adjX ? [4, 5] : [5, 4])], 11);
    const y = noise([2, ...(adjY ? [6, 4] : [4, 6])], 12);
    const matrix: Stored = { name: 'm', dims: y.dims, values: Array.from(y.data) };
    const left = (a: number, b: number, i: number, n: number) =>
      x.data[(2 * a + b) * 20 + (adjX ? n * 5 + i : i * 4 + n)]!;
    const right = (b: number, n: number, k: number) => y.data[b * 24 + (adjY ? k * 4 + n : n * 6 + k)]!;
    const expected = fill([3, 2, 5, 6], (a, b, i, k) =>
      [0, 1, 2, 3].reduce((sum, n) => sum + left(a, b, i, n) * right(b, n, k), 0),
    );
    const attributes = { adj_x: { b: adjX }, adj_y: { b: adjY } };
    expectClose(await compute('BatchMatMulV2', attributes, [matrix], x), expected);
  });

  test.each([
    ['Floor', (x: number) => Math.floor(x)],
    ['Square', (x: number) => x * x],
  ] as const)('%s', async (op, formula) => {
    const x: Values = { dims: [5], data: [-2.5, -1, 0, 0.75, 3] };
    expectClose(await compute(op, {}, [], x), { dims: [5], data: Array.from(x.data, formula) });
  });

  test('Rsqrt', async () => {
    expectClose(await compute('Rsqrt', {}, [], { dims: [3], data: [0.25, 1, 16] }), { dims: [3], data: [2, 1, 0.25] });
  });

  test('Cast to integers cuts fractions off, and back gives floats', async () => {
    const node = [
      { name: 'whole', op: 'Cast', input: ['x'], attr: { SrcT: { type: 'DT_FLOAT' }, DstT: { type: 'DT_INT32' } } },
      { name: 'sum', op: 'AddV2', input: ['whole', 'one'], attr: {} },
      { name: 'y', op: 'Cast', input: ['sum'], attr: { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } } },
      { name: 'one', op: 'Const' },
      { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' } } },
    ];
    const stored = [integers('one', [1])];
    const graph = importTfjsGraph({
      model: 'net',
      json: JSON.stringify({ format: 'graph-model', modelTopology: { node }, weightsManifest: manifestOf(stored) }),
      shards: shardsOf(stored),
      inputs: [{ name: 'x', type: 'float32', dims: [4] }],
      outputs: [{ name: 'y', type: 'float32', dims: [4] }],
    });
    const { y } = await runGraph(graph, { x: { dims: [4], data: [-1.75, -0.5, 0.5, 2.25] } });
    expect(y!.data).toEqual([0, 1, 1, 3]);
  });
});

describe('tfjs array operators that are not understood', () => {
  const three = [integers('a', [0]), integers('b', [1]), integers('c', [1])];
  const floats: Stored = { name: 'a', dims: [1], values: [0] };

  test.each<[string, string, Readonly<Record<string, Attribute>>, readonly Stored[], string]>([
    ['an ellipsis', 'StridedSlice', { ellipsis_mask: { i: '1' } }, three, 'ellipsis_mask'],
    ['a new axis', 'StridedSlice', { new_axis_mask: { i: '2' } }, three, 'new_axis_mask'],
    ['batches of a gathering', 'GatherV2', { batch_dims: { i: '1' } }, three.slice(0, 2), 'batch_dims'],
    ['axes that are floats', 'Sum', {}, [floats], 'a shape or axis that is not integers'],
    ['a reduction over no axes', 'Max', {}, [integers('a', [])], 'no axes'],
    ['another type', 'Cast', { SrcT: { type: 'DT_FLOAT' }, DstT: { type: 'DT_HALF' } }, [], 'DT_FLOAT to DT_HALF'],
    [
      'rounding of its own',
      'Cast',
      { SrcT: { type: 'DT_FLOAT' }, DstT: { type: 'DT_INT32' }, Truncate: { b: true } },
      [],
      'Truncate',
    ],
  ])('%s is refused by name', (_, op, attributes, stored, detail) => {
    const json = graphModel(op, attributes, stored);
    let refusal: unknown;
    try {
      importOperator(json, [4, 5, 6], new Map([['weights.bin', Buffer.concat(stored.map(bytesOf))]]));
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(LumiereError);
    expect(refusal).toMatchObject({ code: 'model.unsupported-layer', params: { layer: 'y', type: op, detail } });
  });
});
