/** Tones: a sine whose pitch may glide, and the pulse train of a voice's larynx. Phase runs on from quantum to quantum. */
import { sampleRate } from './block.ts';

/** Adds `gain * sin` to `out`, its pitch gliding in a straight line from `fromHz` to `toHz`, its gain likewise. */
export type Oscillator = (out: Float32Array, fromHz: number, toHz: number, fromGain: number, toGain: number) => void;

export function sine(startPhase = 0): Oscillator {
  const phase = new Float64Array([startPhase]);
  return (out, fromHz, toHz, fromGain, toGain) => {
    let p = phase[0]!;
    const n = out.length;
    for (let i = 0; i < n; i++) {
      const along = i / n;
      p += (fromHz + (toHz - fromHz) * along) / sampleRate;
      out[i]! += Math.sin(2 * Math.PI * p) * (fromGain + (toGain - fromGain) * along);
    }
    phase[0] = p - Math.floor(p);
  };
}

/**
 * Overwrites `out` with the flow through a larynx at the given pitch: Rosenberg's pulse (1971, type C: opens over 40 %
 * of the period as a half cosine, closes over 16 % as a quarter), less its mean. Falls about 12 dB an octave.
 */
export function glottalPulses(): (out: Float32Array, fromHz: number, toHz: number) => void {
  const opens = 0.4;
  const closes = 0.16;
  const mean = opens / 2 + (closes * 2) / Math.PI;
  const phase = new Float64Array(1);
  return (out, fromHz, toHz) => {
    let p = phase[0]!;
    const n = out.length;
    for (let i = 0; i < n; i++) {
      p += (fromHz + ((toHz - fromHz) * i) / n) / sampleRate;
      if (p >= 1) p -= 1;
      const flow =
        p < opens
          ? 0.5 - 0.5 * Math.cos((Math.PI * p) / opens)
          : p < opens + closes
            ? Math.cos((Math.PI * (p - opens)) / (2 * closes))
            : 0;
      out[i] = flow - mean;
    }
    phase[0] = p;
  };
}
