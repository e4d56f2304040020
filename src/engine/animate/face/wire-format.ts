/** As much of protobuf's wire format as the canonical face is written in. */

export interface WireField {
  readonly number: number;
  /** A number: of a varint or of a 32-bit float; 0 where the field holds bytes. */
  readonly value: number;
  /** What a length-delimited field holds. */
  readonly bytes?: Uint8Array;
}

/** The unsigned number at `at`, up to 53 bits, and where the next thing begins. Throws RangeError when the bytes end before it does. */
export function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let place = 0; place < 8; place += 1) {
    const byte = bytes[at + place];
    if (byte === undefined) throw new RangeError('ends within a number');
    value += (byte & 127) * 2 ** (7 * place);
    if (byte < 128) return { value, next: at + place + 1 };
  }
  throw new RangeError('a number too large');
}

/** The fields of a message in order. Throws RangeError for what is no message of this kind. */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at);
    const number = Math.floor(tag.value / 8);
    const wire = tag.value % 8;
    if (wire === 0) {
      const { value, next } = readVarint(bytes, tag.next);
      yield { number, value };
      at = next;
    } else if (wire === 2) {
      const { value: length, next } = readVarint(bytes, tag.next);
      if (next + length > bytes.length) throw new RangeError('a field longer than its message');
      yield { number, value: 0, bytes: bytes.subarray(next, next + length) };
      at = next + length;
    } else if (wire === 5) {
      yield { number, value: view.getFloat32(tag.next, true) };
      at = tag.next + 4;
    } else {
      throw new RangeError(`a field of kind ${wire}`);
    }
  }
}
