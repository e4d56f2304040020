/** Runs a graph on ONNX Runtime's CPU provider: what the importers write is judged by what it computes. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../../../src/engine/model/import/onnx-codec.ts';
import type { OnnxGraph } from '../../../../src/engine/model/import/onnx-graph.ts';

export interface Values {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Feeds float32 tensors by name and returns every output, as numbers. */
export async function runGraph(
  graph: OnnxGraph | string,
  feeds: Readonly<Record<string, Values>>,
  wanted?: readonly string[],
): Promise<Readonly<Record<string, Values>>> {
  const model = typeof graph === 'string' ? graph : Buffer.from(encodeModel(graph));
  const session = await (typeof model === 'string' ? InferenceSession.create(model) : InferenceSession.create(model));
  try {
    const tensors = Object.entries(feeds).map(
      ([name, { dims, data }]) => [name, new Tensor('float32', Float32Array.from(data), dims)] as const,
    );
    const results = await session.run(Object.fromEntries(tensors), wanted ?? session.outputNames);
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data: Array.from(data as Float32Array) }]),
    );
  } finally {
    await session.release();
  }
}

/** Values without structure, the same each time: multiplicative hashing of the index, in -1..1. */
export function noise(dims: readonly number[], seed = 1): Values {
  const count = dims.reduce((product, size) => product * size, 1);
  const data = Array.from({ length: count }, (_, index) => {
    const hashed = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b);
    return (((Math.imul(hashed ^ (hashed >>> 15), 0x2c1b3c6d) >>> 0) % 20_001) - 10_000) / 10_000;
  });
  return { dims, data };
}
