/**
 * Plain definitions of the layers, written for reading: one picture, C x H x W, every output value from its formula.
 * What the importers write is compared with these.
 */
import type { Values } from './run-graph.ts';

/** A value at (channel, row, column); 0 outside. */
const at = ({ dims, data }: Values, channel: number, row: number, column: number): number => {
  const [, , height, width] = dims as readonly [number, number, number, number];
  const isInside = row >= 0 && row < height && column >= 0 && column < width;
  return isInside ? data[(channel * height + row) * width + column]! : 0;
};

/** A picture whose every value is given by a formula of its place. */
export function fill(
  channels: number,
  height: number,
  width: number,
  formula: (channel: number, row: number, column: number) => number,
): Values {
  const data: number[] = [];
  for (let channel = 0; channel < channels; channel += 1) {
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) data.push(formula(channel, row, column));
    }
  }
  return { dims: [1, channels, height, width], data };
}

export const map = (values: Values, formula: (value: number, channel: number) => number): Values => {
  const area = values.dims[2]! * values.dims[3]!;
  const data = Array.from(values.data, (value, index) => formula(value, Math.floor(index / area)));
  return { dims: values.dims, data };
};

export interface Window {
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [vertical: number, horizontal: number];
  readonly dilation: readonly [vertical: number, horizontal: number];
  /** Rows and columns added: top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/** out(o, y, x) = bias(o) + sum over i, j, k of weight(o, i, j, k) * in(i, y*stride - pad + j*dilation, …). */
export function convolve(
  input: Values,
  filters: number,
  weights: Values,
  bias: readonly number[],
  window: Window,
): Values {
  const [, channels, height, width] = input.dims as readonly [number, number, number, number];
  const { kernel, stride, dilation, pads } = window;
  const rows = Math.floor((height + pads[0] + pads[2] - dilation[0] * (kernel[0] - 1) - 1) / stride[0]) + 1;
  const columns = Math.floor((width + pads[1] + pads[3] - dilation[1] * (kernel[1] - 1) - 1) / stride[1]) + 1;
  return fill(filters, rows, columns, (filter, row, column) => {
    let sum = bias[filter] ?? 0;
    for (let channel = 0; channel < channels; channel += 1) {
      for (let j = 0; j < kernel[0]; j += 1) {
        for (let k = 0; k < kernel[1]; k += 1) {
          const weight = weights.data[((filter * channels + channel) * kernel[0] + j) * kernel[1] + k]!;
          const y = row * stride[0] - pads[0] + j * dilation[0];
          sum += weight * at(input, channel, y, column * stride[1] - pads[1] + k * dilation[1]);
        }
      }
    }
    return sum;
  });
}

/** Each input value laid down as a copy of the kernel, `stride` apart, then `pads` cut off. Weights are [out, in, h, w]. */
export function deconvolve(
  input: Values,
  filters: number,
  weights: Values,
  bias: readonly number[],
  window: Window,
): Values {
  const [, channels, height, width] = input.dims as readonly [number, number, number, number];
  const { kernel, stride, pads } = window;
  const [rows, columns] = [(height - 1) * stride[0] + kernel[0], (width - 1) * stride[1] + kernel[1]];
  return fill(filters, rows - pads[0] - pads[2], columns - pads[1] - pads[3], (filter, row, column) => {
    let sum = bias[filter] ?? 0;
    for (let channel = 0; channel < channels; channel += 1) {
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          const [j, k] = [row + pads[0] - y * stride[0], column + pads[1] - x * stride[1]];
          if (j < 0 || j >= kernel[0] || k < 0 || k >= kernel[1]) continue;
          sum +=
            at(input, channel, y, x) * weights.data[((filter * channels + channel) * kernel[0] + j) * kernel[1] + k]!;
        }
      }
    }
    return sum;
  });
}

const clamp = (value: number, last: number): number => Math.max(0, Math.min(last, value));

/** Keys' cubic with a = -0.75. */
function cubic(distance: number): number {
  const [a, d] = [-0.75, Math.abs(distance)];
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
}

const kernels = {
  bilinear: { reach: 1, weight: (distance: number): number => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: { reach: 2, weight: cubic },
};

/** Enlarges or reduces by sampling between pixel centres, the border repeated outwards. */
export function resize(
  input: Values,
  scaleY: number,
  scaleX: number,
  kind: 'nearest' | 'bilinear' | 'bicubic',
): Values {
  const [, channels, height, width] = input.dims as readonly [number, number, number, number];
  const [rows, columns] = [Math.floor(height * scaleY), Math.floor(width * scaleX)];
  return fill(channels, rows, columns, (channel, row, column) => {
    if (kind === 'nearest') return at(input, channel, Math.floor(row / scaleY), Math.floor(column / scaleX));
    const { reach, weight } = kernels[kind];
    const [y, x] = [(row + 0.5) / scaleY - 0.5, (column + 0.5) / scaleX - 0.5];
    let sum = 0;
    for (let j = Math.floor(y) - reach + 1; j <= Math.floor(y) + reach; j += 1) {
      for (let k = Math.floor(x) - reach + 1; k <= Math.floor(x) + reach; k += 1) {
        sum += weight(y - j) * weight(x - k) * at(input, channel, clamp(j, height - 1), clamp(k, width - 1));
      }
    }
    return sum;
  });
}

/** out(x, y) = image(x + flow_x, y + flow_y), bilinear, clamped at the border. */
export function warp(image: Values, flow: Values): Values {
  const [, channels, height, width] = image.dims as readonly [number, number, number, number];
  return fill(channels, height, width, (channel, row, column) => {
    const x = clamp(column + at(flow, 0, row, column), width - 1);
    const y = clamp(row + at(flow, 1, row, column), height - 1);
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, bottom] = [clamp(left + 1, width - 1), clamp(top + 1, height - 1)];
    const [share, rest] = [x - left, y - top];
    const upper = at(image, channel, top, left) * (1 - share) + at(image, channel, top, right) * share;
    const lower = at(image, channel, bottom, left) * (1 - share) + at(image, channel, bottom, right) * share;
    return upper * (1 - rest) + lower * rest;
  });
}

/** Channels to space: `depthFirst` keeps a colour's samples together (as PyTorch does), else the colours (TensorFlow). */
export function shuffle(input: Values, block: number, depthFirst: boolean): Values {
  const [, channels, height, width] = input.dims as readonly [number, number, number, number];
  const colours = channels / block ** 2;
  return fill(colours, height * block, width * block, (colour, row, column) => {
    const phase = (row % block) * block + (column % block);
    const channel = depthFirst ? colour * block ** 2 + phase : phase * colours + colour;
    return at(input, channel, Math.floor(row / block), Math.floor(column / block));
  });
}
