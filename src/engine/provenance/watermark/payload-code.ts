/**
 * The payload as signs that survive being mostly wrong: 48 bits and a CRC-16 go through a convolutional code of constraint
 * length 11 and rate 1/6 (free distance 44), ended with zeros. Read back with the Viterbi algorithm (1967) from soft values.
 */

const memory = 10;
const states = 1 << memory;
/** The generators, as bits of the shift register. */
const generators = [0o3653, 0o2135, 0o3123, 0o3371, 0o3373, 0o2365] as const;
const rate = generators.length;
const payloadBits = 48;
const checkBits = 16;
const informationBits = payloadBits + checkBits;
const steps = informationBits + memory;

/** Signs that a payload becomes. */
export const codeLength = steps * rate;

export interface DecodedPayload {
  /** 12 hexadecimal digits. */
  readonly payload: string;
  /** False for certain when this is not what was written; true by chance once in 65,536. */
  readonly valid: boolean;
}

/** CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xffff) of bits, the first one highest. */
export function crc16(bits: Iterable<number>): number {
  let crc = 0xffff;
  for (const bit of bits) {
    const feedback = ((crc >> 15) & 1) ^ bit;
    crc = (crc << 1) & 0xffff;
    if (feedback === 1) crc ^= 0x1021;
  }
  return crc;
}

function parity(value: number): number {
  let folded = value;
  for (const shift of [8, 4, 2, 1]) folded ^= folded >> shift;
  return folded & 1;
}

/** For each content of the register, which of the six signs are negative. */
const negatives = Uint8Array.from({ length: states * 2 }, (_, register) =>
  generators.reduce((bits, generator, index) => bits | (parity(register & generator) << index), 0),
);

const bitsOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => (value >> (count - 1 - index)) & 1);

/** `codeLength` signs, 1 or -1, of a payload of 12 hexadecimal digits. */
export function encodePayload(payload: string): Int8Array {
  const bits = [...Buffer.from(payload, 'hex')].flatMap((byte) => bitsOf(byte, 8));
  if (bits.length !== payloadBits)
    throw new RangeError(`expected 12 hexadecimal digits but received ${payload.length}`);
  const information = [...bits, ...bitsOf(crc16(bits), checkBits)];
  const signs = new Int8Array(codeLength);
  let register = 0;
  for (let step = 0; step < steps; step++) {
    register = ((register << 1) | (information[step] ?? 0)) & (2 * states - 1);
    for (let index = 0; index < rate; index++) {
      signs[step * rate + index] = ((negatives[register]! >> index) & 1) === 1 ? -1 : 1;
    }
  }
  return signs;
}

/** The likeliest payload for `codeLength` soft values, positive where a sign is rather 1. Takes about 3 ms. */
export function decodePayload(soft: Float64Array): DecodedPayload {
  let metrics = new Float64Array(states).fill(-Infinity);
  let next = new Float64Array(states);
  metrics[0] = 0;
  /** Whether the older of the two states that lead to one had its highest bit set. */
  const cameFromUpper = new Uint8Array(steps * states);
  const branch = new Float64Array(1 << rate);
  for (let step = 0; step < steps; step++) {
    for (let signs = 0; signs < branch.length; signs++) {
      let sum = 0;
      for (let index = 0; index < rate; index++) {
        const value = soft[step * rate + index]!;
        sum += ((signs >> index) & 1) === 1 ? -value : value;
      }
      branch[signs] = sum;
    }
    const ended = step >= informationBits;
    for (let state = 0; state < states; state++) {
      if (ended && (state & 1) === 1) {
        next[state] = -Infinity;
        continue;
      }
      const lower = state >> 1;
      const upper = lower | (states >> 1);
      const fromLower = metrics[lower]! + branch[negatives[(lower << 1) | (state & 1)]!]!;
      const fromUpper = metrics[upper]! + branch[negatives[(upper << 1) | (state & 1)]!]!;
      next[state] = Math.max(fromLower, fromUpper);
      cameFromUpper[step * states + state] = fromUpper > fromLower ? 1 : 0;
    }
    [metrics, next] = [next, metrics];
  }
  const bits = new Uint8Array(steps);
  for (let step = steps - 1, state = 0; step >= 0; step--) {
    bits[step] = state & 1;
    state = (state >> 1) | (cameFromUpper[step * states + state] === 1 ? states >> 1 : 0);
  }
  const number = (from: number, to: number): number => bits.subarray(from, to).reduce((sum, bit) => sum * 2 + bit, 0);
  return {
    payload: number(0, payloadBits).toString(16).padStart(12, '0'),
    valid: crc16(bits.subarray(0, payloadBits)) === number(payloadBits, informationBits),
  };
}
