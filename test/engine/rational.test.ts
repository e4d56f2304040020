import { describe, expect, it } from 'vitest';
import {
  add,
  compare,
  divide,
  formatRational,
  multiply,
  parseRational,
  rational,
  subtract,
} from '../../src/engine/rational.ts';

describe('rational', () => {
  it('reduces and keeps the sign in the numerator', () => {
    expect(rational(60_000, 1001)).toEqual({ num: 60_000, den: 1001 });
    expect(rational(350, -12)).toEqual({ num: -175, den: 6 });
    expect(rational(0, 7)).toEqual({ num: 0, den: 1 });
  });

  it('reads what ffprobe and people write, and nothing else', () => {
    expect(parseRational('30000/1001')).toEqual({ num: 30_000, den: 1001 });
    expect(parseRational('25')).toEqual({ num: 25, den: 1 });
    expect(parseRational('23.976')).toEqual({ num: 2997, den: 125 });
    expect(parseRational('-0.5')).toEqual({ num: -1, den: 2 });
    for (const text of ['', 'abc', '1/0', '1//2', '1e9', 'Infinity', '99999999999999999999']) {
      expect(parseRational(text), text).toBeUndefined();
    }
  });

  it('stays exact where floating point drifts: 100,000 frames of 1001/60000 s', () => {
    const step = rational(1001, 60_000);
    let time = rational(0);
    for (let i = 0; i < 100_000; i++) time = add(time, step);
    expect(time).toEqual(multiply(step, rational(100_000)));
    expect(time).toEqual(rational(100_100, 60));
  });

  it('subtracts, divides, compares and formats', () => {
    expect(subtract(rational(1, 3), rational(1, 2))).toEqual(rational(-1, 6));
    expect(divide(rational(60), rational(175, 6))).toEqual(rational(72, 35));
    expect(compare(rational(24_000, 1001), rational(24))).toBeLessThan(0);
    expect(compare(rational(2, 4), rational(1, 2))).toBe(0);
    expect(formatRational(rational(50, 2))).toBe('25');
    expect(formatRational(rational(175, 6))).toBe('175/6');
  });

  it('refuses a zero denominator and parts beyond safe integers', () => {
    expect(() => rational(1, 0)).toThrow(RangeError);
    expect(() => multiply(rational(Number.MAX_SAFE_INTEGER), rational(3, 1))).toThrow(RangeError);
  });
});
