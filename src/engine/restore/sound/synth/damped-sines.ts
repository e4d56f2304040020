/**
 * Struck things: a pool of decaying sines, each with its pitch, length, glide and place. A drop, a hoof, a bell and a
 * click are a few of these at once (modal synthesis: Adrien, 1991; bubbles: van den Doel, Physically based models for
 * liquid sounds, 2005).
 */
import { quantum, sampleRate, type Stereo } from './block.ts';
import { panGains } from './envelope.ts';

export interface Strike {
  /** Samples from the start of this quantum. */
  readonly offset: number;
  readonly hz: number;
  /** Seconds until 60 dB down. */
  readonly decay: number;
  readonly gain: number;
  /** -1 left .. 1 right. */
  readonly pan: number;
  /** Relative change of pitch a second: bubbles rise. */
  readonly glide?: number;
}

export interface DampedSines {
  strike(strike: Strike): void;
  /** Adds one quantum of everything that still sounds. */
  add(out: Stereo): void;
}

/** At most `capacity` sound at once; one too many is left out, which nobody hears among so many. */
export function dampedSines(capacity: number): DampedSines {
  // Per sine: the phasor (re, im), its rotation a sample (c, s, decay included), the rotation's own, gains, and the wait.
  const stride = 9;
  const state = new Float64Array(capacity * stride);
  let active = 0;
  return {
    strike({ offset, hz, decay, gain, pan, glide = 0 }) {
      if (active === capacity || hz >= sampleRate * 0.45) return;
      const w = (2 * Math.PI * hz) / sampleRate;
      const r = 10 ** (-3 / (decay * sampleRate));
      const turn = (w * glide) / sampleRate;
      const [left, right] = panGains(pan);
      const at = active++ * stride;
      state.set(
        [1, 0, r * Math.cos(w), r * Math.sin(w), Math.cos(turn), Math.sin(turn), gain * left, gain * right, offset],
        at,
      );
    },
    add({ left, right }) {
      let kept = 0;
      for (let n = 0; n < active; n++) {
        const at = n * stride;
        let re = state[at]!;
        let im = state[at + 1]!;
        let c = state[at + 2]!;
        let s = state[at + 3]!;
        const [tc, ts] = [state[at + 4]!, state[at + 5]!];
        const [gl, gr] = [state[at + 6]!, state[at + 7]!];
        const wait = state[at + 8]!;
        for (let i = Math.min(quantum, wait); i < quantum; i++) {
          left[i]! += im * gl;
          right[i]! += im * gr;
          const nextRe = re * c - im * s;
          im = re * s + im * c;
          re = nextRe;
          if (ts !== 0) {
            const nextC = c * tc - s * ts;
            s = c * ts + s * tc;
            c = nextC;
          }
        }
        if (re * re + im * im < 1e-8) continue;
        const to = kept++ * stride;
        if (to !== at) state.copyWithin(to, at, at + stride);
        state[to] = re;
        state[to + 1] = im;
        state[to + 2] = c;
        state[to + 3] = s;
        state[to + 8] = Math.max(0, wait - quantum);
      }
      active = kept;
    },
  };
}
