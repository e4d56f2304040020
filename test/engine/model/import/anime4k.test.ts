import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LumiereError } from '../../../../src/engine/errors.ts';
import { importAnime4k } from '../../../../src/engine/model/import/anime4k.ts';
import { installForTest } from '../../../models.ts';
import { fill, resize } from './reference-layers.ts';
import { noise, runGraph, type Values } from './run-graph.ts';

interface Convolution {
  readonly type: 'conv';
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly weights: readonly number[];
  readonly bias: readonly number[];
}
interface Shuffle {
  readonly type: 'pixel_shuffle';
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
}
interface Network {
  readonly name: string;
  readonly layers: Readonly<Record<string, Convolution | Shuffle>>;
}

/** Four lanes of a tensor at a place, 0 outside, as the shaders read them; an image's fourth lane is its alpha. */
const lanesAt = ({ dims, data }: Values, row: number, column: number): readonly number[] => {
  const [, channels = 0, height = 0, width = 0] = dims;
  const isInside = row >= 0 && row < height && column >= 0 && column < width;
  return [0, 1, 2, 3].map((lane) => (isInside && lane < channels ? data[(lane * height + row) * width + column]! : 0));
};

/**
 * The network as the package's shaders define it, read off them one by one: `pairs` says which tensors are rectified
 * together. Kernels run over columns first, then rows; matrices are stored column by column.
 */
function evaluate({ layers }: Network, image: Values, pairs: boolean): Values {
  const tensors = new Map<string, Values>([['input_image', image]]);
  const [, , height = 0, width = 0] = image.dims;
  let details: readonly Values[] = [];
  for (const [name, layer] of Object.entries(layers)) {
    const sources = layer.inputs.map((input) => tensors.get(input)!);
    if (layer.type === 'pixel_shuffle') {
      details = sources;
      continue;
    }
    const fromImage = layer.inputs[0] === 'input_image';
    const step = pairs ? 2 : 1;
    const blocks: { source: Values; sign: number }[] = [];
    for (let first = 0; first < sources.length; first += step) {
      const group = sources.slice(first, first + step);
      for (const sign of [1, -1]) for (const source of group) blocks.push({ source, sign });
    }
    const used = fromImage ? [{ source: image, sign: 0 }] : blocks;
    const taps = layer.weights.length / (16 * used.length);
    const values = fill(4, height, width, (lane, row, column) => {
      let sum = layer.bias[lane]!;
      used.forEach(({ source, sign }, block) => {
        for (let tap = 0; tap < taps; tap += 1) {
          const [dx, dy] = taps === 9 ? [Math.floor(tap / 3) - 1, (tap % 3) - 1] : [0, 0];
          lanesAt(source, row + dy, column + dx).forEach((value, from) => {
            const seen = sign === 0 ? value : Math.max(0, sign * value);
            sum += layer.weights[((block * taps + tap) * 4 + from) * 4 + lane]! * seen;
          });
        }
      });
      return sum;
    });
    tensors.set(name, values);
  }
  const base = resize(image, 2, 2, 'bilinear');
  return fill(3, 2 * height, 2 * width, (colour, row, column) => {
    const detail = details[details.length === 3 ? colour : 0]!;
    const lane = (column % 2) + 2 * (row % 2);
    const added = lanesAt(detail, Math.floor(row / 2), Math.floor(column / 2))[lane]!;
    return Math.max(0, Math.min(1, base.data[(colour * 2 * height + row) * 2 * width + column]! + added));
  });
}

function expectClose(actual: Values, expected: Values): void {
  expect(actual.dims).toEqual(expected.dims);
  const worst = Math.max(...Array.from(expected.data, (value, index) => Math.abs(value - actual.data[index]!)));
  expect(worst).toBeLessThan(2e-6);
}

const image: Values = { dims: [1, 3, 5, 7], data: Array.from(noise([1, 3, 5, 7]).data, (value) => (value + 1) / 2) };

/** Weights without structure; those of an image's alpha are 0. */
function convolution(name: string, inputs: readonly string[], size: 1 | 3, seed: number): Convolution {
  const blocks = inputs[0] === 'input_image' ? 1 : 2 * inputs.length;
  const values = Array.from(noise([blocks * size * size * 16], seed).data, (value) => value / 8);
  const weights = values.map((value, index) => (blocks === 1 && Math.floor(index / 4) % 4 === 3 ? 0 : value));
  return { type: 'conv', name, inputs, output: name, weights, bias: [0.01, -0.02, 0.03, 0.04] };
}

const shuffle = (inputs: readonly string[]): Shuffle => ({
  type: 'pixel_shuffle',
  name: 'end',
  inputs,
  output: 'canvas',
});

const small: Network = {
  name: 'anime4k/cnn-2x-s',
  layers: {
    a: convolution('a', ['input_image'], 3, 1),
    b: convolution('b', ['a'], 3, 2),
    end: shuffle(['b']),
  },
};

const large: Network = {
  name: 'anime4k/cnn-2x-l',
  layers: {
    a: convolution('a', ['input_image'], 3, 1),
    a1: convolution('a1', ['input_image'], 3, 2),
    b: convolution('b', ['a', 'a1'], 3, 3),
    b1: convolution('b1', ['a', 'a1'], 3, 4),
    r: convolution('r', ['a', 'a1', 'b', 'b1'], 1, 5),
    g: convolution('g', ['a', 'a1', 'b', 'b1'], 1, 6),
    h: convolution('h', ['a', 'a1', 'b', 'b1'], 1, 7),
    end: shuffle(['r', 'g', 'h']),
  },
};

describe('Anime4K networks compute what their shaders do', () => {
  test.each([
    ['small, tensors taken one by one', small, false],
    ['large, tensors taken in pairs', large, true],
  ] as const)('%s', async (_, network, pairs) => {
    const { output } = await runGraph(importAnime4k('net', JSON.stringify(network)), { input: image });
    expectClose(output!, evaluate(network, image, pairs));
  });

  test('the real large network', async () => {
    const { files, network } = await installForTest('anime4k-l');
    const parsed = JSON.parse(readFileSync(files['cnn-2x-l-an.json']!, 'utf8')) as Network;
    const { output } = await runGraph(network!, { input: image });
    expectClose(output!, evaluate(parsed, image, true));
  });
});

describe('Anime4K files that are not understood', () => {
  const errorOf = (network: unknown): LumiereError => {
    try {
      importAnime4k('net', typeof network === 'string' ? network : JSON.stringify(network));
    } catch (error) {
      if (error instanceof LumiereError) return error;
      throw error;
    }
    throw new Error('imported without complaint');
  };
  const first = small.layers['a'] as Convolution;
  const withLayer = (key: string, change: object) => ({
    ...small,
    layers: { ...small.layers, [key]: { ...small.layers[key], ...change } },
  });

  test('an unknown network is refused by name', () => {
    const { code, params } = errorOf({ ...small, name: 'anime4k/cnn-4x-xl' });
    expect({ code, layer: params['layer'] }).toEqual({ code: 'model.unsupported-layer', layer: 'anime4k/cnn-4x-xl' });
  });

  test('an unknown layer is refused by name', () => {
    const { code, params } = errorOf(withLayer('b', { type: 'attention' }));
    expect(code).toBe('model.unsupported-layer');
    expect(params).toMatchObject({ layer: 'b', type: 'attention' });
  });

  test.each([
    ['one weight left over', withLayer('a', { weights: [...first.weights, 0] }), '145 weights are neither'],
    ['one weight missing', withLayer('a', { weights: first.weights.slice(1) }), '143 weights are neither'],
    ['a bias of another length', withLayer('a', { bias: [0, 0, 0] }), 'bias'],
    ['an unknown setting', withLayer('a', { stride: 2 }), 'stride'],
    ['a weight that is no number', withLayer('a', { weights: first.weights.map(String) }), 'expected number'],
    ['a layer read before it is written', withLayer('b', { inputs: ['c'] }), "reads 'c' before it is written"],
    ['no end', { ...small, layers: { a: first } }, 'no pixel_shuffle'],
    ['a reading of alpha', withLayer('a', { weights: first.weights.map(() => 1) }), 'reads the alpha channel'],
    ['no JSON', 'twelve', 'not JSON'],
  ])('%s is refused', (_, network, detail) => {
    const { code, params } = errorOf(network);
    expect(code).toBe('model.malformed');
    expect(String(params['detail'])).toContain(detail);
  });
});
