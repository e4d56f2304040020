/** Graph models of one operator, as a converter would have written them, and what they compute once they are imported. */
import { expect } from 'vitest';
import { importTfjsGraph } from '../../../../src/engine/model/import/tfjs-graph.ts';
import { runGraph, type Values } from './run-graph.ts';

export type Attribute = Readonly<Record<string, unknown>>;
export interface Stored {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: 'float32' | 'int32';
  readonly quantization?: Attribute;
  readonly bytes?: Uint8Array;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const text = (value: string): Attribute => ({ s: base64(value) });
export const numbers = (...values: readonly number[]): Attribute => ({ list: { i: values.map(String) } });
export const texts = (...values: readonly string[]): Attribute => ({ list: { s: values.map(base64) } });

export const bytesOf = ({ values, dtype = 'float32', bytes }: Stored): Uint8Array =>
  bytes ?? new Uint8Array((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer);

export const manifestOf = (stored: readonly Stored[]) => [
  {
    paths: ['weights.bin'],
    weights: stored.map(({ name, dims, dtype = 'float32', quantization }) => ({
      name,
      shape: dims,
      dtype,
      ...(quantization ? { quantization } : {}),
    })),
  },
];

/** A graph model with the input `x` and one operator `y` on it. */
export function graphModel(op: string, attr: Attribute, stored: readonly Stored[], inputs?: readonly string[]) {
  const node = [
    { name: 'y', op, input: inputs ?? ['x', ...stored.map(({ name }) => name)], attr },
    ...stored.map(({ name }) => ({ name, op: 'Const' })),
    { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' } } },
  ];
  return JSON.stringify({ format: 'graph-model', modelTopology: { node }, weightsManifest: manifestOf(stored) });
}

export const shardsOf = (stored: readonly Stored[]): ReadonlyMap<string, Uint8Array> =>
  new Map([['weights.bin', Buffer.concat(stored.map(bytesOf))]]);

export function importOperator(
  json: string,
  dims: readonly number[],
  shards: ReadonlyMap<string, Uint8Array>,
  rank = dims.length,
) {
  return importTfjsGraph({
    model: 'net',
    json,
    shards,
    inputs: [{ name: 'x', type: 'float32', dims }],
    outputs: [{ name: 'y', type: 'float32', dims: Array.from({ length: rank }, (_, axis) => `size${axis}`) }],
  });
}

export function expectClose(actual: Values | undefined, expected: Values): void {
  expect(actual!.dims).toEqual(expected.dims);
  const worst = Math.max(...Array.from(expected.data, (value, index) => Math.abs(value - actual!.data[index]!)));
  expect(worst).toBeLessThan(3e-6 * Math.max(1, ...Array.from(expected.data, Math.abs)));
}

export async function compute(
  op: string,
  attr: Attribute,
  stored: readonly Stored[],
  x: Values,
  rank?: number,
): Promise<Values | undefined> {
  const { y } = await runGraph(importOperator(graphModel(op, attr, stored), x.dims, shardsOf(stored), rank), { x });
  return y;
}
