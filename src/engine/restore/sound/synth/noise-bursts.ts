/** Puffs, scuffs and splashes: a pool of short bursts of noise, each through a band of its own, with its attack, decay and place. */
import { quantum, sampleRate, type Stereo } from './block.ts';
import { panGains } from './envelope.ts';
import type { Random } from './noise.ts';

export interface Burst {
  /** Samples from the start of this quantum. */
  readonly offset: number;
  /** Centre of its band, at the start and (reached exponentially, with the decay) at the end. */
  readonly hz: number;
  readonly endHz?: number;
  readonly q: number;
  /** Seconds to the peak. */
  readonly attack: number;
  /** Seconds from the peak until 60 dB down. */
  readonly decay: number;
  readonly gain: number;
  readonly pan: number;
}

export interface NoiseBursts {
  burst(burst: Burst): void;
  /** Adds one quantum of everything that still sounds. */
  add(out: Stereo): void;
}

interface Live extends Burst {
  readonly left: number;
  readonly right: number;
  readonly fade: number;
  wait: number;
  age: number;
  level: number;
  ic1: number;
  ic2: number;
}

/** At most `capacity` sound at once; one too many is left out. */
export function noiseBursts(random: Random, capacity: number): NoiseBursts {
  let live: Live[] = [];
  return {
    burst(burst) {
      if (live.length >= capacity) return;
      const [left, right] = panGains(burst.pan);
      live.push({
        ...burst,
        // A narrow band passes less of the noise: make bursts of one gain equally strong whatever their band.
        left: burst.gain * left * Math.sqrt((burst.q * 4000) / burst.hz),
        right: burst.gain * right * Math.sqrt((burst.q * 4000) / burst.hz),
        fade: 10 ** (-3 / (burst.decay * sampleRate)),
        wait: burst.offset,
        age: 0,
        level: 1,
        ic1: 0,
        ic2: 0,
      });
    },
    add(out) {
      for (const one of live) addBurst(one, random, out);
      live = live.filter((one) => one.level > 1e-4);
    },
  };
}

function addBurst(one: Live, random: Random, { left, right }: Stereo): void {
  const from = Math.min(quantum, one.wait);
  one.wait -= from;
  const rise = one.attack * sampleRate;
  const end = one.endHz ?? one.hz;
  const hz = Math.min(sampleRate * 0.45, end + (one.hz - end) * one.level);
  const g = Math.tan((Math.PI * hz) / sampleRate);
  const k = 1 / one.q;
  const a1 = 1 / (1 + g * (g + k));
  const a2 = g * a1;
  const a3 = g * a2;
  let { ic1, ic2, level, age } = one;
  for (let i = from; i < quantum; i++) {
    const v3 = 2 * random() - 1 - ic2;
    const v1 = a1 * ic1 + a2 * v3;
    const v2 = ic2 + a2 * ic1 + a3 * v3;
    ic1 = 2 * v1 - ic1;
    ic2 = 2 * v2 - ic2;
    const amplitude = age < rise ? 0.5 - 0.5 * Math.cos((Math.PI * age) / rise) : (level *= one.fade);
    age++;
    const y = k * v1 * amplitude;
    left[i]! += y * one.left;
    right[i]! += y * one.right;
  }
  Object.assign(one, { ic1, ic2, level, age });
}
