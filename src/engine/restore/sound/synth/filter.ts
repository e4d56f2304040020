/**
 * Filters that work in place on a quantum: biquads for fixed tone (Robert Bristow-Johnson's Audio EQ Cookbook) and a
 * state-variable filter for tone that moves, which stays stable while its frequency is swept.
 */
import { sampleRate } from './block.ts';

/** Changes a buffer in place, continuing where the last call ended. */
export type Filter = (buffer: Float32Array) => void;

const butterworth = Math.SQRT1_2;

function biquad(b0: number, b1: number, b2: number, a0: number, a1: number, a2: number): Filter {
  const z = new Float64Array(2);
  const [n0, n1, n2, d1, d2] = [b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0];
  // Transposed direct form II: two states, the best behaved in floating point.
  return (buffer) => {
    let [z1, z2] = [z[0]!, z[1]!];
    for (let i = 0; i < buffer.length; i++) {
      const x = buffer[i]!;
      const y = n0 * x + z1;
      z1 = n1 * x - d1 * y + z2;
      z2 = n2 * x - d2 * y;
      buffer[i] = y;
    }
    z[0] = z1;
    z[1] = z2;
  };
}

function angle(hz: number, q: number): { cos: number; alpha: number } {
  const w = (2 * Math.PI * hz) / sampleRate;
  return { cos: Math.cos(w), alpha: Math.sin(w) / (2 * q) };
}

/** 12 dB an octave above `hz`. */
export function lowpass(hz: number, q = butterworth): Filter {
  const { cos, alpha } = angle(hz, q);
  return biquad((1 - cos) / 2, 1 - cos, (1 - cos) / 2, 1 + alpha, -2 * cos, 1 - alpha);
}

/** 12 dB an octave below `hz`. */
export function highpass(hz: number, q = butterworth): Filter {
  const { cos, alpha } = angle(hz, q);
  return biquad((1 + cos) / 2, -1 - cos, (1 + cos) / 2, 1 + alpha, -2 * cos, 1 - alpha);
}

/** 0 dB at `hz`, 6 dB an octave away from it. */
export function bandpass(hz: number, q: number): Filter {
  const { cos, alpha } = angle(hz, q);
  return biquad(alpha, 0, -alpha, 1 + alpha, -2 * cos, 1 - alpha);
}

/** `db` more (or less) around `hz`. */
export function peaking(hz: number, q: number, db: number): Filter {
  const { cos, alpha } = angle(hz, q);
  const a = 10 ** (db / 40);
  return biquad(1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a);
}

export function chain(...filters: readonly Filter[]): Filter {
  return (buffer) => {
    for (const filter of filters) filter(buffer);
  };
}

/** Which output of a state-variable filter is kept. */
export type Band = 'low' | 'band' | 'high';

/** A filter whose frequency (Hz) and Q may change with every quantum. The band output is 0 dB at its centre. */
export type SweptFilter = (buffer: Float32Array, hz: number, q: number) => void;

/** Topology-preserving state-variable filter (Zavalishin, The Art of VA Filter Design; Simper, 2013). */
export function sweptFilter(band: Band): SweptFilter {
  const s = new Float64Array(2);
  return (buffer, hz, q) => {
    const g = Math.tan((Math.PI * Math.min(hz, sampleRate * 0.45)) / sampleRate);
    const k = 1 / q;
    const a1 = 1 / (1 + g * (g + k));
    const a2 = g * a1;
    const a3 = g * a2;
    let [ic1, ic2] = [s[0]!, s[1]!];
    for (let i = 0; i < buffer.length; i++) {
      const v0 = buffer[i]!;
      const v3 = v0 - ic2;
      const v1 = a1 * ic1 + a2 * v3;
      const v2 = ic2 + a2 * ic1 + a3 * v3;
      ic1 = 2 * v1 - ic1;
      ic2 = 2 * v2 - ic2;
      buffer[i] = band === 'low' ? v2 : band === 'band' ? k * v1 : v0 - k * v1 - v2;
    }
    s[0] = ic1;
    s[1] = ic2;
  };
}
