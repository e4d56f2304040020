/**
 * Reads the weights of a TensorFlow.js model: shards joined end to end, described by the manifest in `model.json`
 * (tfjs-core `io/io_utils.ts`, `decodeWeights`). Half-precision and quantised weights become float32.
 */
import { z } from 'zod';
import { LumiereError } from '../../errors.ts';
import { halvesToFloats, readFloats } from './half-float.ts';

const quantizationSchema = z.looseObject({
  dtype: z.enum(['float16', 'uint8', 'uint16']),
  min: z.number().optional(),
  scale: z.number().optional(),
});

export const manifestSchema = z.array(
  z.strictObject({
    paths: z.array(z.string()),
    weights: z.array(
      z.strictObject({
        name: z.string(),
        shape: z.array(z.int().nonnegative()),
        dtype: z.enum(['float32', 'int32', 'bool']),
        quantization: quantizationSchema.optional(),
      }),
    ),
  }),
);

type WeightEntry = z.infer<typeof manifestSchema>[number]['weights'][number];

/** A constant of the network. Integers and booleans are plain numbers: they are shapes, axes and flags. */
export type TfjsConstant =
  | { readonly shape: readonly number[]; readonly type: 'float32'; readonly data: Float32Array }
  | { readonly shape: readonly number[]; readonly type: 'int32' | 'bool'; readonly data: readonly number[] };

function storedBytes(entry: WeightEntry): number {
  const stored = entry.quantization?.dtype ?? entry.dtype;
  return { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1 }[stored];
}

function decode(model: string, entry: WeightEntry, bytes: Uint8Array, offset: number, count: number): TfjsConstant {
  const { dtype, shape, quantization } = entry;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype !== 'float32') {
    if (quantization)
      throw new LumiereError('model.malformed', { model, detail: `'${entry.name}' is quantised ${dtype}` });
    const read = (index: number): number =>
      dtype === 'int32' ? view.getInt32(offset + 4 * index, true) : view.getUint8(offset + index);
    return { shape, type: dtype, data: Array.from({ length: count }, (_, index) => read(index)) };
  }
  if (!quantization) return { shape, type: dtype, data: readFloats(bytes, offset, count) };
  if (quantization.dtype === 'float16') return { shape, type: dtype, data: halvesToFloats(bytes, offset, count) };
  const { scale, min } = quantization;
  if (scale === undefined || min === undefined) {
    throw new LumiereError('model.malformed', { model, detail: `'${entry.name}' is quantised without scale or min` });
  }
  const data = new Float32Array(count);
  for (let index = 0; index < count; index += 1) {
    const step = quantization.dtype === 'uint8' ? bytes[offset + index]! : view.getUint16(offset + 2 * index, true);
    data[index] = step * scale + min;
  }
  return { shape, type: dtype, data };
}

/**
 * The constants by name. `shards` are the files' bytes by the path that the manifest gives them.
 * Throws LumiereError `model.malformed` for a shard that is missing, bytes that are missing or left over, a name that
 * stands twice.
 */
export function readTfjsWeights(
  model: string,
  manifest: z.infer<typeof manifestSchema>,
  shards: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, TfjsConstant> {
  const constants = new Map<string, TfjsConstant>();
  for (const { paths, weights } of manifest) {
    const parts = paths.map((path) => {
      const shard = shards.get(path);
      if (!shard) throw new LumiereError('model.malformed', { model, detail: `weights file '${path}' is missing` });
      return shard;
    });
    const bytes = Buffer.concat(parts);
    let offset = 0;
    for (const entry of weights) {
      const count = entry.shape.reduce((product, size) => product * size, 1);
      const end = offset + count * storedBytes(entry);
      if (end > bytes.byteLength) {
        throw new LumiereError('model.malformed', { model, detail: `the weights end inside '${entry.name}'` });
      }
      if (constants.has(entry.name)) {
        throw new LumiereError('model.malformed', { model, detail: `'${entry.name}' is stored twice` });
      }
      constants.set(entry.name, decode(model, entry, bytes, offset, count));
      offset = end;
    }
    if (offset !== bytes.byteLength) {
      const detail = `${bytes.byteLength - offset} bytes of weights are left over`;
      throw new LumiereError('model.malformed', { model, detail });
    }
  }
  return constants;
}
