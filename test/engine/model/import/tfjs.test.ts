import { describe, expect, test } from 'vitest';
import { LumiereError } from '../../../../src/engine/errors.ts';
import { importTfjsLayers } from '../../../../src/engine/model/import/tfjs-layers.ts';
import { convolve, fill, map, resize, shuffle } from './reference-layers.ts';
import { noise, runGraph, type Values } from './run-graph.ts';
import {
  bytesOf,
  compute,
  expectClose,
  graphModel,
  importOperator,
  manifestOf,
  numbers,
  shardsOf,
  text,
  texts,
  type Attribute,
  type Stored,
} from './tfjs-model.ts';

/** TensorFlow keeps channels last, the definitions keep them first. */
const channelsLast = ({ dims, data }: Values): Values => {
  const [, channels = 1, height = 1, width = 1] = dims;
  const moved: number[] = [];
  for (let place = 0; place < height * width; place += 1) {
    for (let channel = 0; channel < channels; channel += 1) moved.push(data[channel * height * width + place]!);
  }
  return { dims: [1, height, width, channels], data: moved };
};

const picture = noise([1, 2, 6, 7]);
const window = { strides: numbers(1, 2, 1, 1), padding: text('VALID'), data_format: text('NHWC') };

/** [out][in][h][w] as the definitions have it, to TensorFlow's [h][w][in][out]. */
function toTensorFlow({ dims, data }: Values): Stored {
  const [filters = 1, channels = 1, height = 1, width = 1] = dims;
  const values: number[] = [];
  for (let j = 0; j < height; j += 1)
    for (let k = 0; k < width; k += 1)
      for (let channel = 0; channel < channels; channel += 1)
        for (let filter = 0; filter < filters; filter += 1)
          values.push(data[((filter * channels + channel) * height + j) * width + k]!);
  return { name: 'w', dims: [height, width, channels, filters], values };
}

describe('tfjs operators compute their definitions', () => {
  const kernel = noise([3, 2, 3, 2], 3);
  const bias: Stored = { name: 'b', dims: [3], values: [0.5, -0.25, 1] };
  const shape = { kernel: [3, 2], stride: [2, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as const;
  const plain = convolve(picture, 3, kernel, [], shape);

  test('Conv2D', async () => {
    expectClose(await compute('Conv2D', window, [toTensorFlow(kernel)], channelsLast(picture)), channelsLast(plain));
  });

  test('Conv2D with padding SAME puts the odd row and column after', async () => {
    const padded = { ...shape, pads: [0, 0, 1, 1] } as const;
    const attributes = { ...window, padding: text('SAME') };
    const expected = channelsLast(convolve(picture, 3, kernel, [], padded));
    expectClose(await compute('Conv2D', attributes, [toTensorFlow(kernel)], channelsLast(picture)), expected);
  });

  test('Conv2D with explicit padding and dilation', async () => {
    const wide = { kernel: [3, 2], stride: [1, 1], dilation: [2, 3], pads: [1, 2, 0, 3] } as const;
    const attributes = {
      strides: numbers(1, 1, 1, 1),
      dilations: numbers(1, 2, 3, 1),
      padding: text('EXPLICIT'),
      explicit_paddings: numbers(0, 0, 1, 0, 2, 3, 0, 0),
    };
    const expected = channelsLast(convolve(picture, 3, kernel, [], wide));
    expectClose(await compute('Conv2D', attributes, [toTensorFlow(kernel)], channelsLast(picture)), expected);
  });

  test.each([
    ['BiasAdd', [], [], (x: number) => x],
    ['Relu', ['Relu'], [], (x: number) => Math.max(0, x)],
    ['Relu6', ['Relu6'], [], (x: number) => Math.min(6, Math.max(0, x))],
    [
      'Prelu',
      ['Prelu'],
      [{ name: 's', dims: [1, 1, 3], values: [0.5, 0.25, -1] }],
      (x: number, c: number) => (x < 0 ? x * [0.5, 0.25, -1][c]! : x),
    ],
  ] as const)('_FusedConv2D with %s', async (_, activation, more, formula) => {
    const attributes = { ...window, fused_ops: texts('BiasAdd', ...activation), num_args: { i: '1' } };
    const biased = map(plain, (x, c) => formula(x + bias.values[c]!, c));
    const stored = [toTensorFlow(kernel), bias, ...more];
    expectClose(await compute('_FusedConv2D', attributes, stored, channelsLast(picture)), channelsLast(biased));
  });

  test('DepthwiseConv2dNative: every channel its own kernels', async () => {
    const weights = noise([2, 2, 3, 2], 5);
    const [height, width, channels, multiplier] = [3, 2, 2, 2];
    const data: number[] = [];
    // The same as a full convolution whose kernels are 0 for the other channels.
    for (let o = 0; o < 4; o += 1)
      for (let i = 0; i < channels; i += 1)
        for (let j = 0; j < height; j += 1)
          for (let k = 0; k < width; k += 1)
            data.push(
              i === Math.floor(o / multiplier)
                ? weights.data[((j * width + k) * channels + i) * multiplier + (o % multiplier)]!
                : 0,
            );
    const full = { dims: [4, 2, 3, 2], data };
    const stored: Stored[] = [{ name: 'w', dims: [3, 2, 2, 2], values: Array.from(weights.data) }];
    const square = { ...window, strides: numbers(1, 2, 2, 1) };
    const expected = convolve(picture, 4, full, [], { ...shape, stride: [2, 2] });
    expectClose(await compute('DepthwiseConv2dNative', square, stored, channelsLast(picture)), channelsLast(expected));
  });

  test('Conv2DBackpropInput with padding SAME doubles the size', async () => {
    const weights = noise([3, 3, 2, 2], 6);
    const stored: Stored[] = [
      { name: 'size', dims: [4], dtype: 'int32', values: [1, 12, 14, 2] },
      { name: 'w', dims: [3, 3, 2, 2], values: Array.from(weights.data) },
    ];
    const attributes = { strides: numbers(1, 2, 2, 1), padding: text('SAME'), data_format: text('NHWC') };
    const json = graphModel('Conv2DBackpropInput', attributes, stored, ['size', 'w', 'x']);
    const x = channelsLast(picture);
    const { y } = await runGraph(importOperator(json, x.dims, shardsOf(stored)), { x });
    // By definition the gradient: each output collects what the forward convolution would have read from it.
    const expected = fill(2, 12, 14, (out, row, column) => {
      let sum = 0;
      for (let channel = 0; channel < 2; channel += 1)
        for (let i = 0; i < 6; i += 1)
          for (let k = 0; k < 7; k += 1) {
            const [j, l] = [row - 2 * i, column - 2 * k];
            if (j < 0 || j > 2 || l < 0 || l > 2) continue;
            sum += picture.data[(channel * 6 + i) * 7 + k]! * weights.data[((j * 3 + l) * 2 + out) * 2 + channel]!;
          }
      return sum;
    });
    expectClose(y, channelsLast(expected));
  });

  test.each([
    ['MaxPool', (cells: readonly number[]) => Math.max(...cells)],
    ['AvgPool', (cells: readonly number[]) => cells.reduce((sum, x) => sum + x, 0) / cells.length],
  ] as const)('%s', async (op, reduce) => {
    const attributes = { ksize: numbers(1, 2, 3, 1), strides: numbers(1, 2, 2, 1), padding: text('VALID') };
    const expected = fill(2, 3, 3, (channel, row, column) => {
      const cells = [0, 1].flatMap((j) =>
        [0, 1, 2].map((k) => picture.data[(channel * 6 + 2 * row + j) * 7 + 2 * column + k]!),
      );
      return reduce(cells);
    });
    expectClose(await compute(op, attributes, [], channelsLast(picture)), channelsLast(expected));
  });

  test.each([
    ['half_pixel_centers', resize(picture, 2, 2, 'bilinear')],
    [
      'align_corners',
      fill(2, 12, 14, (channel, row, column) => {
        const [y, x] = [(row * 5) / 11, (column * 6) / 13];
        const [top, left] = [Math.min(4, Math.floor(y)), Math.min(5, Math.floor(x))];
        const cell = (j: number, k: number) => picture.data[(channel * 6 + top + j) * 7 + left + k]!;
        const upper = cell(0, 0) * (1 - x + left) + cell(0, 1) * (x - left);
        const lower = cell(1, 0) * (1 - x + left) + cell(1, 1) * (x - left);
        return upper * (1 - y + top) + lower * (y - top);
      }),
    ],
  ] as const)('ResizeBilinear with %s', async (key, expected) => {
    const stored: Stored[] = [{ name: 'size', dims: [2], dtype: 'int32', values: [12, 14] }];
    expectClose(
      await compute('ResizeBilinear', { [key]: { b: true } }, stored, channelsLast(picture)),
      channelsLast(expected),
    );
  });

  test('DepthToSpace', async () => {
    const deep = noise([1, 8, 2, 3]);
    const expected = channelsLast(shuffle(deep, 2, false));
    expectClose(await compute('DepthToSpace', { block_size: { i: '2' } }, [], channelsLast(deep)), expected);
  });

  test('Pad, Mean, Reshape, ConcatV2', async () => {
    const x = channelsLast(picture);
    const integers = (name: string, values: readonly number[], dims = [values.length]): Stored => ({
      name,
      dims,
      values,
      dtype: 'int32',
    });
    const padded = await compute('Pad', {}, [integers('p', [0, 0, 1, 0, 0, 2, 0, 1], [4, 2])], x);
    const inside = (c: number, row: number, column: number) =>
      c < 2 && row > 0 && column < 7 ? picture.data[(c * 6 + row - 1) * 7 + column]! : 0;
    expectClose(padded, channelsLast(fill(3, 7, 9, inside)));
    const means = await compute('Mean', { keep_dims: { b: false } }, [integers('axes', [1, 2])], x, 2);
    const half = Array.from(picture.data);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expectClose(means, { dims: [1, 2], data: [mean(half.slice(0, 42)), mean(half.slice(42))] });
    expectClose(await compute('Reshape', {}, [integers('shape', [1, -1])], x, 2), { dims: [1, 84], data: x.data });
    const json = graphModel('ConcatV2', {}, [integers('axis', [3], [])], ['x', 'x', 'axis']);
    const { y } = await runGraph(importOperator(json, x.dims, shardsOf([integers('axis', [3], [])])), { x });
    expectClose(y, channelsLast({ dims: [1, 4, 6, 7], data: [...half, ...half] }));
  });

  test('_FusedMatMul with bias and ReLU, and MatMul transposed', async () => {
    const row: Values = { dims: [1, 3], data: [1, -2, 0.5] };
    const matrix: Stored = { name: 'm', dims: [3, 2], values: [1, 2, 3, 4, 5, 6] };
    const stored = [matrix, { name: 'b', dims: [2], values: [3, 7] }];
    const fused = { fused_ops: texts('BiasAdd', 'Relu') };
    expectClose(await compute('_FusedMatMul', fused, stored, row), { dims: [1, 2], data: [0.5, 4] });
    const turned = { ...matrix, dims: [2, 3] };
    const transposed = { transpose_b: { b: true } };
    expectClose(await compute('MatMul', transposed, [turned], row), { dims: [1, 2], data: [-1.5, -3] });
  });

  const other: Stored = { name: 'o', dims: [2], values: [0.5, -0.25] };
  test.each([
    ['Add', [other], (x: number, c: number) => x + other.values[c]!],
    ['AddV2', [other], (x: number, c: number) => x + other.values[c]!],
    ['BiasAdd', [other], (x: number, c: number) => x + other.values[c]!],
    ['AddN', [other], (x: number, c: number) => x + other.values[c]!],
    ['Sub', [other], (x: number, c: number) => x - other.values[c]!],
    ['Mul', [other], (x: number, c: number) => x * other.values[c]!],
    ['Minimum', [other], (x: number, c: number) => Math.min(x, other.values[c]!)],
    ['Maximum', [other], (x: number, c: number) => Math.max(x, other.values[c]!)],
    ['Prelu', [other], (x: number, c: number) => (x < 0 ? x * other.values[c]! : x)],
    ['Relu', [], (x: number) => Math.max(0, x)],
    ['Relu6', [], (x: number) => Math.min(6, Math.max(0, x))],
    ['Sigmoid', [], (x: number) => 1 / (1 + Math.exp(-x))],
    ['Identity', [], (x: number) => x],
  ] as const)('%s', async (op, stored, formula) => {
    const large = map(picture, (x) => 8 * x);
    expectClose(await compute(op, {}, stored, channelsLast(large)), channelsLast(map(large, formula)));
  });

  test('Softmax over the channels', async () => {
    const x = channelsLast(picture);
    const y = await compute('Softmax', {}, [], x);
    const [first, second] = [Math.exp(x.data[0]!), Math.exp(x.data[1]!)];
    expect(y!.data[0]).toBeCloseTo(first / (first + second), 6);
  });
});

describe('tfjs weights', () => {
  const one = { dims: [1, 1], data: [1] };
  const sum = (stored: Stored) => compute('Mul', {}, [stored], one);

  test.each([
    ['half precision', { dtype: 'float16' }, Buffer.from([0x00, 0x3c, 0x00, 0xc0]), [1, -2]],
    ['8 bits', { dtype: 'uint8', scale: 0.5, min: -1 }, Buffer.from([0, 255]), [-1, 126.5]],
    ['16 bits', { dtype: 'uint16', scale: 0.25, min: 2 }, Buffer.from([4, 0, 0, 1]), [3, 66]],
  ])('stored in %s', async (_, quantization, bytes, values) => {
    const y = await sum({ name: 'w', dims: [1, 2], values: [], quantization, bytes });
    expect(y!.data).toEqual(values);
  });
});

describe('tfjs models that are not understood', () => {
  const stored: Stored[] = [{ name: 'w', dims: [1, 1, 2, 1], values: [1, 2] }];
  const good = graphModel('Conv2D', window, stored);
  const importWith = (json: string, bytes: Uint8Array = bytesOf(stored[0]!)) =>
    importOperator(json, [1, 6, 7, 2], new Map([['weights.bin', bytes]]));

  const errorOf = (action: () => unknown): LumiereError => {
    try {
      action();
    } catch (error) {
      if (error instanceof LumiereError) return error;
      throw error;
    }
    throw new Error('imported without complaint');
  };

  test.each([
    ['an operator', good.replace('"Conv2D"', '"Erf"'), 'operator'],
    ['an attribute', graphModel('Conv2D', { ...window, twist: { b: true } }, stored), 'attribute twist'],
    ['another layout', graphModel('Conv2D', { ...window, data_format: text('NCHW') }, stored), 'data_format'],
    ['another padding', graphModel('Conv2D', { ...window, padding: text('ODD') }, stored), 'padding ODD'],
    ['a stride over channels', graphModel('Conv2D', { ...window, strides: numbers(1, 1, 1, 2) }, stored), 'strides'],
    ['a fused operator', graphModel('Conv2D', { ...window, fused_ops: texts('Elu') }, stored), 'fused Elu'],
    [
      'a fused activation',
      graphModel('Conv2D', { ...window, fused_ops: texts('BiasAdd', 'Elu') }, stored, ['x', 'w', 'w']),
      'activation Elu',
    ],
  ])('%s is refused by name', (_, json, detail) => {
    const { code, params } = errorOf(() => importWith(json));
    expect(code).toBe('model.unsupported-layer');
    expect(params).toMatchObject({ model: 'net', layer: 'y', detail });
  });

  test.each([
    ['a byte left over', Buffer.concat([bytesOf(stored[0]!), Buffer.alloc(1)]), '1 bytes of weights are left over'],
    ['a byte missing', bytesOf(stored[0]!).subarray(1), "the weights end inside 'w'"],
  ])('%s is refused', (_, bytes, detail) => {
    const { code, params } = errorOf(() => importWith(good, bytes));
    expect({ code, detail: params['detail'] }).toEqual({ code: 'model.malformed', detail });
  });

  test.each([
    ['no JSON', 'twelve', 'not JSON'],
    ['another format', good.replace('graph-model', 'layers-model'), 'graph-model'],
    ['a node that is not there', good.replace('["x","w"]', '["z","w"]'), "the network has no node 'z'"],
    ['a node that reads itself', good.replace('["x","w"]', '["y","w"]'), "'y' reads itself"],
    ['a second output', good.replace('["x","w"]', '["x:1","w"]'), 'not the first output'],
    ['a weights file that is not there', good.replace('weights.bin', 'other.bin'), "'other.bin' is missing"],
  ])('%s is refused', (_, json, detail) => {
    const { code, params } = errorOf(() => importWith(json));
    expect(code).toBe('model.malformed');
    expect(params['detail']).toContain(detail);
  });

  const layer = (config: Attribute, bytes = bytesOf({ name: 'c/kernel', dims: [], values: [2] })) => {
    const layers = [
      { class_name: 'InputLayer', name: 'x', config: { name: 'x' }, inbound_nodes: [] },
      { class_name: 'Conv2D', name: 'c', config: { name: 'c', ...config }, inbound_nodes: [[['x', 0, 0, {}]]] },
    ];
    const weightsManifest = manifestOf([{ name: 'c/kernel', dims: [1, 1, 1, 1], values: [] }]);
    const json = JSON.stringify({
      format: 'layers-model',
      modelTopology: { model_config: { config: { layers, output_layers: [['c', 0, 0]] } } },
      weightsManifest,
    });
    return importTfjsLayers({
      model: 'net',
      json,
      shards: new Map([['weights.bin', bytes]]),
      inputs: [{ name: 'x', type: 'float32', dims: [1, 'height', 'width', 1] }],
      outputs: [{ name: 'y', type: 'float32', dims: [1, 'height', 'width', 1] }],
    });
  };

  test('a layers model refuses settings and activations by name', async () => {
    const settings = { padding: 'valid', activation: 'relu', use_bias: false };
    const { y } = await runGraph(layer(settings), { x: { dims: [1, 1, 2, 1], data: [3, -1] } });
    expect(y!.data).toEqual([6, 0]);
    expect(errorOf(() => layer({ ...settings, padding: 'causal' })).params['detail']).toBe('padding="causal"');
    expect(errorOf(() => layer({ ...settings, twist: 1 })).params['detail']).toBe('twist=1');
    expect(errorOf(() => layer({ ...settings, activation: 'gelu' })).params['detail']).toBe('activation gelu');
    expect(errorOf(() => layer({ ...settings, use_bias: true })).params['detail']).toBe("weight 'c/bias' is missing");
  });
});
