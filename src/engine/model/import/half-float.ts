/** IEEE 754 half precision to single precision, for weights stored at half size. */

/** The value of the 16 bits of a half-precision float. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** `count` little-endian halves of `bytes`, from `offset`, as single precision. */
export function halvesToFloats(bytes: Uint8Array, offset: number, count: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new Float32Array(count);
  for (let index = 0; index < count; index += 1) floats[index] = halfToFloat(view.getUint16(offset + 2 * index, true));
  return floats;
}

/** `count` little-endian single-precision floats of `bytes`, from `offset`, wherever that lies in memory. */
export function readFloats(bytes: Uint8Array, offset: number, count: number): Float32Array {
  // Copied, since a float array must begin at a multiple of 4; not by `slice`, which on a Buffer does not copy.
  const aligned = new Uint8Array(4 * count);
  aligned.set(bytes.subarray(offset, offset + 4 * count));
  return new Float32Array(aligned.buffer);
}
