/** Ids of requests: UUID version 7 (RFC 9562, 5.7), which sort by the time they were made, as queue and log want them. */
import { randomBytes } from 'node:crypto';

/** `now` in milliseconds since 1970; `random` gives the 10 bytes that tell ids of one millisecond apart. */
export function newRequestId(now: number, random: () => Uint8Array = () => randomBytes(10)): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.set(random().subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
