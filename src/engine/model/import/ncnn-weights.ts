/**
 * Reads ncnn's `.bin`: weights in the order of the layers, without names or lengths, so the only proof that a file and a
 * network belong together is that every byte is used and none is missing.
 */
import { malformed } from './ncnn-param.ts';
import { halvesToFloats, readFloats } from './half-float.ts';

const halfPrecisionFlag = 0x01306b47;

export interface NcnnWeights {
  /** `count` values behind a flag of 4 bytes that says how they are stored (half or single precision). */
  flagged(layer: string, count: number): Float32Array;
  /** `count` bare single-precision values. */
  bare(layer: string, count: number): Float32Array;
  /** Throws unless every byte has been read. */
  end(): void;
}

/** A reader over `bytes`. Each read throws LumiereError `model.malformed` when the file ends early or the flag is unknown. */
export function readNcnnWeights(model: string, bytes: Uint8Array): NcnnWeights {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  const advance = (layer: string, length: number): number => {
    const start = offset;
    if (!Number.isSafeInteger(length) || length < 0 || start + length > bytes.byteLength) {
      throw malformed(model, `the weights end inside layer '${layer}': ${bytes.byteLength} bytes are too few`);
    }
    offset += length;
    return start;
  };
  const bare = (layer: string, count: number): Float32Array => readFloats(bytes, advance(layer, 4 * count), count);
  return {
    bare,
    flagged(layer, count) {
      const flag = view.getUint32(advance(layer, 4), true);
      if (flag === 0) return bare(layer, count);
      if (flag !== halfPrecisionFlag) {
        throw malformed(model, `layer '${layer}' stores its weights in an unknown way (flag 0x${flag.toString(16)})`);
      }
      // Half-precision weights are padded to a multiple of 4 bytes.
      return halvesToFloats(bytes, advance(layer, 4 * Math.ceil(count / 2)), count);
    },
    end() {
      if (offset !== bytes.byteLength)
        throw malformed(model, `${bytes.byteLength - offset} bytes of weights are left over`);
    },
  };
}
