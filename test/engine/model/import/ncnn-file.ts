/** Writes little ncnn networks for the importer's tests. */
import type { Values } from './run-graph.ts';

export interface NcnnFile {
  readonly param: string;
  readonly weights: Uint8Array;
}

/** A part of the `.bin`: bare floats, or weights behind the flag that says how they are stored. */
export interface WeightPart {
  readonly storage: 'bare' | 'single' | 'half';
  readonly values: readonly number[];
}

const halfFlag = 0x01306b47;

/** The nearest half-precision float to a value that is normal in half precision. */
function toHalfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | fraction;
}

export function encodeWeights(parts: readonly WeightPart[]): Uint8Array {
  const pieces = parts.map(({ storage, values }) => {
    if (storage === 'half') {
      const piece = Buffer.alloc(4 + 4 * Math.ceil(values.length / 2));
      piece.writeUInt32LE(halfFlag);
      values.forEach((value, index) => piece.writeUInt16LE(toHalfBits(value), 4 + 2 * index));
      return piece;
    }
    const flag = Buffer.alloc(storage === 'single' ? 4 : 0);
    return Buffer.concat([flag, Buffer.from(Float32Array.from(values).buffer)]);
  });
  return Buffer.concat(pieces);
}

/** A network of the layer lines given; blobs are counted. */
export function ncnnFile(lines: readonly string[], parts: readonly WeightPart[] = []): NcnnFile {
  const blobs = lines.reduce((count, line) => count + Number(line.split(/\s+/)[3]), 0);
  return {
    param: ['7767517', `${lines.length} ${blobs}`, ...lines, ''].join('\n'),
    weights: encodeWeights(parts),
  };
}

/** Values that half precision holds exactly. */
export const eighths = ({ dims, data }: Values): Values => ({
  dims,
  data: Array.from(data, (value) => Math.round(value * 8) / 8),
});
