/**
 * Exact fractions for frame rates and presentation times.
 *
 * A rate of 30000/1001 or 175/6 has no finite decimal form; every frame count and time stamp in the engine is computed
 * from these, so that a ten-minute clip ends on the frame it should.
 */

/** A reduced fraction with a positive denominator; both parts are safe integers. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function reduce(num: bigint, den: bigint): Rational {
  if (den === 0n) throw new RangeError('expected a non-zero denominator but received 0');
  if (den < 0n) [num, den] = [-num, -den];
  const divisor = greatestCommonDivisor(num < 0n ? -num : num, den);
  const result = { num: Number(num / divisor), den: Number(den / divisor) };
  if (!Number.isSafeInteger(result.num) || !Number.isSafeInteger(result.den)) {
    throw new RangeError(`fraction ${num}/${den} does not fit in safe integers`);
  }
  return result;
}

/** `num/den`, reduced. Throws a RangeError for a zero denominator or parts that are not safe integers. */
export function rational(num: number, den = 1): Rational {
  return reduce(BigInt(num), BigInt(den));
}

/** Reads `"30000/1001"`, `"25"` or a decimal such as `"23.976"` (kept as 23976/1000). Undefined when it is none of these. */
export function parseRational(text: string): Rational | undefined {
  const match = /^(-?\d+)(?:[/:](\d+)|\.(\d{1,9}))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, whole = '0', den, decimals] = match;
  try {
    if (decimals !== undefined) return reduce(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
    return reduce(BigInt(whole), BigInt(den ?? '1'));
  } catch {
    return undefined;
  }
}

export function add(a: Rational, b: Rational): Rational {
  return reduce(BigInt(a.num) * BigInt(b.den) + BigInt(b.num) * BigInt(a.den), BigInt(a.den) * BigInt(b.den));
}

export function subtract(a: Rational, b: Rational): Rational {
  return reduce(BigInt(a.num) * BigInt(b.den) - BigInt(b.num) * BigInt(a.den), BigInt(a.den) * BigInt(b.den));
}

export function multiply(a: Rational, b: Rational): Rational {
  return reduce(BigInt(a.num) * BigInt(b.num), BigInt(a.den) * BigInt(b.den));
}

export function divide(a: Rational, b: Rational): Rational {
  return reduce(BigInt(a.num) * BigInt(b.den), BigInt(a.den) * BigInt(b.num));
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = BigInt(a.num) * BigInt(b.den) - BigInt(b.num) * BigInt(a.den);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function toNumber(value: Rational): number {
  return value.num / value.den;
}

/** `"30000/1001"`, or `"25"` when the denominator is 1: the form ffmpeg takes. */
export function formatRational(value: Rational): string {
  return value.den === 1 ? `${value.num}` : `${value.num}/${value.den}`;
}
