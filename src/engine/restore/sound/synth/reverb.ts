/**
 * A place for a sound to be in: a few early reflections and a feedback delay network of eight lines with damping
 * (Jot and Chaigne, 1991; Householder feedback). Adds the wet sound only.
 */
import { sampleRate, type Stereo } from './block.ts';

export interface Place {
  /** Seconds until the tail is 60 dB down. */
  readonly seconds: number;
  /** Metres to the nearest walls, roughly: sets when reflections come. */
  readonly metres: number;
  /** Hz above which the tail dies sooner. */
  readonly dampingHz: number;
}

/** Adds `gain` times the reverberation of `dry` to `out`; the two must be different buffers. */
export type Reverb = (dry: Stereo, out: Stereo, gain: number) => void;

const lengths = [1.0, 1.287, 1.477, 1.747, 1.991, 2.24, 2.538, 2.816];

export function reverb({ seconds, metres, dampingHz }: Place): Reverb {
  const base = (metres * 2 * sampleRate) / 343;
  const delays = lengths.map((length) => Math.max(48, Math.round(base * length)) | 1);
  const lines = delays.map((length) => new Float32Array(length));
  const gains = delays.map((length) => 10 ** ((-3 * length) / (seconds * sampleRate)));
  const damp = Math.exp((-2 * Math.PI * dampingHz) / sampleRate);
  const heads = new Int32Array(8);
  const lows = new Float64Array(8);
  const taps = new Float64Array(8);
  return (dry, out, gain) => {
    for (let i = 0; i < dry.left.length; i++) {
      let sum = 0;
      for (let n = 0; n < 8; n++) {
        const line = lines[n]!;
        const low = lines[n]![heads[n]!]! * (1 - damp) + lows[n]! * damp;
        lows[n] = low;
        taps[n] = low * gains[n]!;
        sum += taps[n]!;
        // The sample just read is the oldest; the new one takes its place below.
        line[heads[n]!] = n % 2 === 0 ? dry.left[i]! : dry.right[i]!;
      }
      for (let n = 0; n < 8; n++) {
        lines[n]![heads[n]!]! += taps[n]! - sum / 4;
        heads[n] = heads[n]! + 1 === delays[n] ? 0 : heads[n]! + 1;
      }
      out.left[i]! += gain * (taps[0]! - taps[2]! + taps[4]! + taps[5]! * 0.6 - taps[7]! * 0.6);
      out.right[i]! += gain * (taps[1]! - taps[3]! + taps[6]! + taps[4]! * 0.6 - taps[0]! * 0.6);
    }
  };
}
