/** The code by what is known of it on paper: its check sum, its generators, its linearity, its distance. */
import { expect, it } from 'vitest';

import {
  codeLength,
  crc16,
  decodePayload,
  encodePayload,
} from '../../../../src/engine/provenance/watermark/payload-code.ts';

const bitsOf = (bytes: Uint8Array): number[] =>
  [...bytes].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> (7 - i)) & 1));

/** A generator of numbers from 0 to 1 (Park and Miller, 1988). */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

const product = (...codes: Int8Array[]): number[] =>
  Array.from({ length: codeLength }, (_, i) => codes.reduce((sign, code) => sign * code[i]!, 1));

it('has the check value of CRC-16/CCITT-FALSE', () => {
  expect(crc16(bitsOf(Buffer.from('123456789')))).toBe(0x29b1);
});

it('answers a single bit with its generators, the newest bit lowest', () => {
  const answer = product(encodePayload('800000000000'), encodePayload('000000000000'));
  for (const [index, generator] of [0o3653, 0o2135, 0o3123, 0o3371, 0o3373, 0o2365].entries()) {
    const signs = Array.from({ length: 11 }, (_, step) => answer[step * 6 + index]);
    expect(signs).toEqual(Array.from({ length: 11 }, (_, step) => (((generator >> step) & 1) === 1 ? -1 : 1)));
  }
});

it('is linear: the sum of three payloads has the product of their signs', () => {
  const [a, b, c] = ['0123456789ab', 'fedcba987654', '5a5a00ff1234'].map((hex) => BigInt(`0x${hex}`)) as [
    bigint,
    bigint,
    bigint,
  ];
  const hex = (value: bigint): string => value.toString(16).padStart(12, '0');
  expect([...encodePayload(hex(a ^ b ^ c))]).toEqual(product(...[a, b, c].map((value) => encodePayload(hex(value)))));
});

it('keeps payloads that differ in one bit at least 44 signs apart', () => {
  const zero = encodePayload('000000000000');
  for (let bit = 0n; bit < 48n; bit++) {
    const other = encodePayload((1n << bit).toString(16).padStart(12, '0'));
    expect(other.reduce((sum, sign, i) => sum + (sign === zero[i] ? 0 : 1), 0)).toBeGreaterThanOrEqual(44);
  }
});

it.each([1, 2, 3, 4])('is read back where noise is twice as strong as the signs (%i)', (seed) => {
  const next = random(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
  const soft = Float64Array.from(encodePayload('a1b2c3d4e5f6'), (sign) => sign + 1.4 * normal());
  expect(decodePayload(soft)).toEqual({ payload: 'a1b2c3d4e5f6', valid: true });
});

it('says that noise alone is no payload', () => {
  const next = random(5);
  const valid = Array.from({ length: 40 }, () =>
    decodePayload(Float64Array.from({ length: codeLength }, () => next() - 0.5)),
  );
  expect(valid.filter((decoded) => decoded.valid)).toEqual([]);
});

it('takes nothing but 12 hexadecimal digits', () => {
  expect(() => encodePayload('a1b2')).toThrow(RangeError);
});
