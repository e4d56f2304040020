import { describe, expect, test } from 'vitest';
import { importNcnn } from '../../../../src/engine/model/import/ncnn.ts';
import { LumiereError } from '../../../../src/engine/errors.ts';
import { eighths, ncnnFile, type NcnnFile, type WeightPart } from './ncnn-file.ts';
import { convolve, deconvolve, fill, map, resize, shuffle, warp } from './reference-layers.ts';
import { noise, runGraph, type Values } from './run-graph.ts';

const free = (name: string, channels: number) =>
  ({ name, type: 'float32', dims: [1, channels, 'height', 'width'] }) as const;
const output = (name: string) => ({ name, type: 'float32', dims: [1, 'channels', 'rows', 'columns'] }) as const;

/** Imports a network whose inputs are called a, b, … and computes its tensor `out`. */
async function compute({ param, weights }: NcnnFile, feeds: Readonly<Record<string, Values>>): Promise<Values> {
  const inputs = Object.entries(feeds).map(([name, { dims }]) => free(name, dims[1]!));
  const graph = importNcnn({ model: 'net', param, weights, inputs, outputs: [output('out')] });
  const { out } = await runGraph(graph, feeds);
  return out!;
}

function expectClose(actual: Values, expected: Values): void {
  expect(actual.dims).toEqual(expected.dims);
  const worst = Math.max(...Array.from(expected.data, (value, index) => Math.abs(value - actual.data[index]!)));
  expect(worst).toBeLessThan(2e-6 * Math.max(1, ...Array.from(expected.data, Math.abs)));
}

const inputA = 'Input a 0 1 a';
const inputB = 'Input b 0 1 b';
const a = eighths(noise([1, 2, 5, 6]));
const b = eighths(noise([1, 2, 5, 6], 7));

const values = (dims: readonly number[], seed: number): readonly number[] =>
  Array.from(eighths(noise(dims, seed)).data);

describe('ncnn layers compute their definitions', () => {
  const window = { kernel: [3, 2], stride: [2, 1], dilation: [1, 2], pads: [2, 1, 0, 1] } as const;
  const shape = '0=3 1=2 11=3 2=2 12=1 3=1 13=2 4=1 14=2 16=0 5=1 6=36';
  const weights: Values = { dims: [3, 2, 3, 2], data: values([3, 2, 3, 2], 3) };
  const bias = values([3], 5);

  test.each(['single', 'half'] as const)('Convolution, weights in %s precision', async (storage) => {
    const parts: WeightPart[] = [
      { storage, values: Array.from(weights.data) },
      { storage: 'bare', values: bias },
    ];
    const file = ncnnFile([inputA, `Convolution conv 1 1 a out ${shape}`], parts);
    expectClose(await compute(file, { a }), convolve(a, 3, weights, bias, window));
  });

  test('half-precision weights of an odd number are padded', async () => {
    const kernel = values([3, 3], 2).slice(0, 9);
    const odd = { dims: [1, 1, 3, 3], data: kernel };
    const one = eighths(noise([1, 1, 5, 5]));
    const lines = [inputA, 'Convolution c 1 1 a x 0=1 1=3 6=9', 'Convolution d 1 1 x out 0=1 1=3 6=9'];
    const file = ncnnFile(lines, [
      { storage: 'half', values: kernel },
      { storage: 'half', values: kernel },
    ]);
    const plain = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as const;
    expectClose(await compute(file, { a: one }), convolve(convolve(one, 1, odd, [], plain), 1, odd, [], plain));
  });

  test.each([
    ['ReLU', '9=1', (x: number) => Math.max(0, x)],
    ['leaky ReLU', '9=2 -23310=1,0.2', (x: number) => (x < 0 ? 0.2 * x : x)],
    ['clip', '9=3 -23310=2,-0.25,0.5', (x: number) => Math.max(-0.25, Math.min(0.5, x))],
    ['sigmoid', '9=4', (x: number) => 1 / (1 + Math.exp(-x))],
  ] as const)('Convolution with %s', async (_, activation, formula) => {
    const parts: WeightPart[] = [
      { storage: 'single', values: Array.from(weights.data) },
      { storage: 'bare', values: bias },
    ];
    const file = ncnnFile([inputA, `Convolution conv 1 1 a out ${shape} ${activation}`], parts);
    expectClose(await compute(file, { a }), map(convolve(a, 3, weights, bias, window), formula));
  });

  test('Deconvolution', async () => {
    const kernel = { dims: [3, 2, 4, 4], data: values([3, 2, 4, 4], 9) };
    const parts: WeightPart[] = [
      { storage: 'half', values: kernel.data },
      { storage: 'bare', values: bias },
    ];
    const file = ncnnFile([inputA, 'Deconvolution up 1 1 a out 0=3 1=4 3=2 4=1 5=1 6=96'], parts);
    const cut = { kernel: [4, 4], stride: [2, 2], dilation: [1, 1], pads: [1, 1, 1, 1] } as const;
    expectClose(await compute(file, { a }), deconvolve(a, 3, kernel, bias, cut));
  });

  test('InnerProduct on a pooled vector, and Scale by it', async () => {
    const matrix = values([2, 2], 4);
    const offset = values([2], 6);
    const lines = [
      inputA,
      'Split copy 1 2 a p q',
      'Pooling pool 1 1 p mean 0=1 4=1',
      'InnerProduct dense 1 1 mean gate 0=2 1=1 2=4 9=4',
      'Scale scale 2 1 q gate out 0=-233',
    ];
    const file = ncnnFile(lines, [
      { storage: 'single', values: matrix },
      { storage: 'bare', values: offset },
    ]);
    const means = [0, 1].map(
      (c) =>
        Array.from(a.data)
          .slice(30 * c, 30 * (c + 1))
          .reduce((sum, x) => sum + x, 0) / 30,
    );
    const gates = [0, 1].map((o) => {
      const sum = matrix[2 * o]! * means[0]! + matrix[2 * o + 1]! * means[1]! + offset[o]!;
      return 1 / (1 + Math.exp(-sum));
    });
    expectClose(
      await compute(file, { a }),
      map(a, (x, c) => x * gates[c]!),
    );
  });

  test('the maximum of a channel, by Pooling', async () => {
    const file = ncnnFile([inputA, 'Pooling pool 1 1 a out 0=0 4=1']);
    const [first, second] = [0, 1].map((c) => Math.max(...Array.from(a.data).slice(30 * c, 30 * (c + 1))));
    expectClose(await compute(file, { a }), { dims: [1, 2, 1, 1], data: [first!, second!] });
  });

  test('PReLU', async () => {
    const file = ncnnFile([inputA, 'PReLU slope 1 1 a out 0=2'], [{ storage: 'bare', values: [0.25, -0.5] }]);
    expectClose(
      await compute(file, { a }),
      map(a, (x, c) => (x < 0 ? x * [0.25, -0.5][c]! : x)),
    );
  });

  test.each([
    ['ReLU r 1 1 a out', (x: number) => Math.max(0, x)],
    ['ReLU r 1 1 a out 0=0.1', (x: number) => (x < 0 ? 0.1 * x : x)],
    ['Sigmoid s 1 1 a out', (x: number) => 1 / (1 + Math.exp(-x))],
    ['BinaryOp o 1 1 a out 0=0 1=1 2=0.5', (x: number) => x + 0.5],
    ['BinaryOp o 1 1 a out 0=1 1=1 2=0.5', (x: number) => x - 0.5],
    ['BinaryOp o 1 1 a out 0=2 1=1 2=0.5', (x: number) => x * 0.5],
    ['BinaryOp o 1 1 a out 0=3 1=1 2=0.5', (x: number) => x / 0.5],
    ['BinaryOp o 1 1 a out 0=4 1=1 2=0.1', (x: number) => Math.max(x, 0.1)],
    ['BinaryOp o 1 1 a out 0=5 1=1 2=0.1', (x: number) => Math.min(x, 0.1)],
    ['BinaryOp o 1 1 a out 0=6 1=1 2=2', (x: number) => x ** 2],
    ['BinaryOp o 1 1 a out 0=7 1=1 2=1', (x: number) => 1 - x],
  ] as const)('%s', async (line, formula) => {
    expectClose(
      await compute(ncnnFile([inputA, line]), { a }),
      map(a, (x) => formula(x)),
    );
  });

  test('reversed division', async () => {
    const positive = map(a, (x) => x + 2);
    const file = ncnnFile([inputA, 'BinaryOp o 1 1 a out 0=8 1=1 2=3']);
    expectClose(
      await compute(file, { a: positive }),
      map(positive, (x) => 3 / x),
    );
  });

  test.each([
    ['BinaryOp o 2 1 a b out 0=0', (x: number, y: number) => x + y],
    ['BinaryOp o 2 1 a b out 0=1', (x: number, y: number) => x - y],
    ['BinaryOp o 2 1 a b out 0=2', (x: number, y: number) => x * y],
    ['BinaryOp o 2 1 a b out 0=7', (x: number, y: number) => y - x],
    ['Eltwise e 2 1 a b out 0=0', (x: number, y: number) => x * y],
    ['Eltwise e 2 1 a b out 0=1', (x: number, y: number) => x + y],
    ['Eltwise e 2 1 a b out 0=1 -23301=2,0.25,4.0', (x: number, y: number) => 0.25 * x + 4 * y],
    ['Eltwise e 2 1 a b out 0=2', (x: number, y: number) => Math.max(x, y)],
  ] as const)('%s', async (line, formula) => {
    const expected = Array.from(a.data, (x, index) => formula(x, b.data[index]!));
    expectClose(await compute(ncnnFile([inputA, inputB, line]), { a, b }), { dims: a.dims, data: expected });
  });

  test.each([
    ['channels', '', [...Array.from(a.data), ...Array.from(b.data)], [1, 4, 5, 6]],
    [
      'columns',
      ' 0=2',
      Array.from({ length: 10 }, (_, row) =>
        [a, b].flatMap(({ data }) => Array.from(data).slice(6 * row, 6 * row + 6)),
      ).flat(),
      [1, 2, 5, 12],
    ],
  ] as const)('Concat of %s', async (_, parameter, data, dims) => {
    const file = ncnnFile([inputA, inputB, `Concat c 2 1 a b out${parameter}`]);
    expectClose(await compute(file, { a, b }), { dims, data });
  });

  test('PixelShuffle, both ways of counting channels', async () => {
    const deep = noise([1, 8, 2, 3]);
    const file = (mode: string) => ncnnFile([inputA, `PixelShuffle s 1 1 a out 0=2${mode}`]);
    expectClose(await compute(file(''), { a: deep }), shuffle(deep, 2, true));
    expectClose(await compute(file(' 1=1'), { a: deep }), shuffle(deep, 2, false));
  });

  test.each([
    [1, 'nearest', 2, 3],
    [2, 'bilinear', 2, 4],
    [2, 'bilinear', 0.5, 0.5],
    [3, 'bicubic', 2, 2],
    [3, 'bicubic', 0.5, 0.5],
  ] as const)('Interp %i (%s) by %f x %f', async (kind, name, scaleY, scaleX) => {
    const even = noise([1, 2, 6, 8]);
    const file = ncnnFile([inputA, `Interp i 1 1 a out 0=${kind} 1=${scaleY} 2=${scaleX}`]);
    expectClose(await compute(file, { a: even }), resize(even, scaleY, scaleX, name));
  });

  test('Crop by starts and ends, from either side', async () => {
    const file = ncnnFile([inputA, 'Crop c 1 1 a out -23309=2,1,-4 -23310=2,-1,-233 -23311=2,1,-1']);
    expectClose(
      await compute(file, { a }),
      fill(2, 3, 4, (c, y, x) => a.data[(c * 5 + y + 1) * 6 + x + 2]!),
    );
  });

  test('Crop to the size of another blob', async () => {
    const small = noise([1, 1, 2, 3]);
    const file = ncnnFile([inputA, inputB, 'Crop c 2 1 a b out 0=2 1=1 2=1']);
    expectClose(
      await compute(file, { a, b: small }),
      fill(1, 2, 3, (_, y, x) => a.data[(5 + y + 1) * 6 + x + 2]!),
    );
  });

  test('rife.Warp, inside, between pixels and beyond every border', async () => {
    const image = noise([1, 3, 7, 9]);
    const flow = map(noise([1, 2, 7, 9], 11), (x) => 6 * x);
    const file = ncnnFile([inputA, inputB, 'rife.Warp w 2 1 a b out']);
    expectClose(await compute(file, { a: image, b: flow }), warp(image, flow));
  });
});

describe('ncnn networks', () => {
  const lines = [
    inputA,
    'Split s 1 3 a a0 a1 a2',
    'Convolution used 1 1 a0 x 0=2 1=1 6=4',
    'Convolution unused 1 1 a1 y 0=2 1=1 6=4',
    'BinaryOp sum 2 1 x a2 z',
    'Split t 1 2 z z0 z1',
    'ReLU end 1 1 z0 out',
  ];
  const weights: WeightPart[] = [
    { storage: 'single', values: [1, 0, 0, 1] },
    { storage: 'single', values: [5, 5, 5, 5] },
  ];
  const file = ncnnFile(lines, weights);
  const importWith = (names: readonly string[], change: Partial<NcnnFile> = {}) =>
    importNcnn({ model: 'net', ...file, ...change, inputs: [free('a', 2)], outputs: names.map(output) });

  test('any tensor can be asked for, under its own name or that of a copy', async () => {
    const { z, z1, out } = await runGraph(importWith(['z', 'z1', 'out']), { a });
    const doubled = map(a, (x) => 2 * x);
    expectClose(z!, doubled);
    expectClose(z1!, doubled);
    expectClose(
      out!,
      map(doubled, (x) => Math.max(0, x)),
    );
  });

  test('what no output needs is left out', () => {
    const { nodes, initializers } = importWith(['out']);
    expect(nodes.map(({ op }) => op)).toEqual(['Conv', 'Add', 'Relu']);
    expect(initializers.size).toBe(1);
  });

  test('windows line ends are read', () => {
    const { nodes } = importWith(['out'], { param: file.param.replaceAll('\n', '\r\n') });
    expect(nodes).toHaveLength(3);
  });

  const errorOf = (change: Partial<NcnnFile>, names: readonly string[] = ['out']): LumiereError => {
    try {
      importWith(names, change);
    } catch (error) {
      if (error instanceof LumiereError) return error;
      throw error;
    }
    throw new Error('imported without complaint');
  };

  test.each([
    ['one byte left over', Buffer.concat([file.weights, Buffer.alloc(1)]), '1 bytes of weights are left over'],
    ['a whole layer left over', Buffer.concat([file.weights, file.weights]), '40 bytes of weights are left over'],
    ['one byte missing', file.weights.subarray(0, -1), "the weights end inside layer 'unused': 39 bytes are too few"],
    ['no byte at all', new Uint8Array(), "the weights end inside layer 'used': 0 bytes are too few"],
    [
      'another flag',
      Buffer.concat([Buffer.from([0x4b, 0x38, 0x0d, 0]), file.weights.subarray(4)]),
      "layer 'used' stores its weights in an unknown way (flag 0xd384b)",
    ],
  ])('weights with %s are refused', (_, bytes, detail) => {
    const { code, params } = errorOf({ weights: bytes });
    expect({ code, params }).toEqual({ code: 'model.malformed', params: { model: 'net', detail } });
  });

  test.each([
    ['another magic number', (text: string) => text.replace('7767517', '7767518'), 'magic number'],
    ['a wrong count of layers', (text: string) => text.replace('\n7 ', '\n8 '), '8 layers and 10 blobs are announced'],
    ['a wrong count of blobs', (text: string) => text.replace(' 10\n', ' 11\n'), 'are announced, 7 and 10 found'],
    ['a blob never written', (text: string) => text.replace('1 1 z0', '1 1 zz'), "reads 'zz' before it is written"],
    ['a blob written twice', (text: string) => text.replace('1 1 a1 y', '1 1 a1 x'), "blob 'x' is written twice"],
    [
      'a line cut short',
      (text: string) => text.replace('BinaryOp sum 2 1 x a2 z', 'BinaryOp sum 2 1 x'),
      'is not a layer',
    ],
    ['no number for a value', (text: string) => text.replace('1=1 6=4', '1=1 6=four'), "'four' is no number"],
    ['an array of another length', (text: string) => text.replace('6=4', '6=4 -23310=2,1'), 'wrong number of values'],
    ['too few weights for its filters', (text: string) => text.replace('0=2 1=1 6=4', '0=3 1=1 6=4'), 'do not fill'],
  ])('a description with %s is refused', (_, spoil, detail) => {
    const { code, params } = errorOf({ param: spoil(file.param) });
    expect(code).toBe('model.malformed');
    expect(params['detail']).toContain(detail);
  });

  test.each([
    ['a layer type', 'ReLU end 1 1 z0 out', 'HardSwish end 1 1 z0 out', 'HardSwish', 'layer type'],
    ['a parameter', 'ReLU end 1 1 z0 out', 'ReLU end 1 1 z0 out 1=3', 'ReLU', 'parameter 1=3'],
    ['an activation', 'x 0=2 1=1 6=4', 'x 0=2 1=1 6=4 9=5', 'Convolution', 'activation 5'],
    ['8-bit weights', 'x 0=2 1=1 6=4', 'x 0=2 1=1 6=4 8=1', 'Convolution', 'parameter 8=1'],
    ['automatic padding', 'x 0=2 1=1 6=4', 'x 0=2 1=1 6=4 4=-233', 'Convolution', 'automatic padding'],
    ['an operation', 'BinaryOp sum 2 1 x a2 z', 'BinaryOp sum 2 1 x a2 z 0=9', 'BinaryOp', 'operation 9'],
    ['a pool with a window', 'ReLU end 1 1 z0 out', 'Pooling end 1 1 z0 out 0=1', 'Pooling', 'pooling over windows'],
    [
      'a matrix on a picture',
      'ReLU end 1 1 z0 out',
      'InnerProduct end 1 1 z0 out 0=1 2=4',
      'InnerProduct',
      'not a vector',
    ],
    ['aligned corners', 'ReLU end 1 1 z0 out', 'Interp end 1 1 z0 out 0=2 1=2 2=2 6=1', 'Interp', 'parameter 6=1'],
  ])('%s that is not known is refused by name', (_, line, other, type, detail) => {
    const { code, params } = errorOf({ param: file.param.replace(line, other) });
    expect(code).toBe('model.unsupported-layer');
    expect(params).toMatchObject({ model: 'net', type });
    expect(params['layer']).toMatch(/^(end|used|sum)$/);
    expect(params['detail']).toContain(detail);
  });

  test('inputs and outputs that the network does not have are refused', () => {
    expect(errorOf({}, ['nowhere']).params['detail']).toBe("the network has no tensor 'nowhere'");
    const described = (inputs: readonly ReturnType<typeof free>[]) => () =>
      importNcnn({ model: 'net', ...file, inputs, outputs: [output('out')] });
    expect(described([])).toThrow("has an input 'a' that is not described");
    expect(described([free('a', 2), free('b', 2)])).toThrow("has no input 'b'");
  });
});
