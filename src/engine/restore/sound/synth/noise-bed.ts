/** Steady noise on both channels, each its own, so that it surrounds instead of sitting in the middle. */
import { quantum, type Stereo } from './block.ts';
import { addRamped } from './envelope.ts';
import type { Filter } from './filter.ts';
import { type Random, randomStream, type Source } from './noise.ts';

/** Adds the noise to `out`, its gain ramped from where it last was. */
export type NoiseBed = (out: Stereo, gain: number) => void;

/** `source` and `tone` are called once for each channel; `name` keeps its randomness apart from other beds'. */
export function noiseBed(seed: number, name: string, source: (random: Random) => Source, tone: () => Filter): NoiseBed {
  const channels = (['left', 'right'] as const).map((side) => ({
    side,
    fill: source(randomStream(seed, `${name} ${side}`)),
    filter: tone(),
  }));
  const buffer = new Float32Array(quantum);
  let last: number | undefined;
  return (out, gain) => {
    for (const { side, fill, filter } of channels) {
      fill(buffer);
      filter(buffer);
      addRamped(out[side], buffer, last ?? gain, gain);
    }
    last = gain;
  };
}
