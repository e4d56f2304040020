/** How loud speech is from moment to moment, where it pauses, and where it is stressed: what the size of the mouth follows. */
import { featureStep, firstFeature, heardRate } from './cepstrum.ts';

export interface Loudness {
  /** Seconds from one value to the next; the first stands at time 0. */
  readonly step: number;
  /** 0 in silence to 1 at the loudest usual syllables. */
  readonly level: Float32Array;
  /** Where nothing is said, in seconds from and to. */
  readonly pauses: readonly (readonly [number, number])[];
  /** The strongest syllables in order of time; `strength` 0 to 1. */
  readonly stresses: readonly { readonly time: number; readonly strength: number }[];
  /** Where sound sets in anew: the beats of music. */
  readonly onsets: readonly { readonly time: number; readonly strength: number }[];
}

/** Values on the grid of the feature vectors, so that both can be asked for the same moment. */
const loudnessStep = featureStep;
const window = 0.03;
/** Decibels under the loud syllables at which a mouth is as good as closed. */
const range = 32;
/** Decibels that a voice rises and falls by at the very least; a hum or a noise that is always there does not. */
const leastRange = 8;
const shortestPause = 0.16;
const stressSpacing = 0.75;
const onsetSpacing = 0.22;
/** Values measured before others get their turn on this thread. */
const valuesAtOnce = 500;

/** Level 0 throughout for a sound that is as loud all the time: nobody speaks. @param sound mono samples at `heardRate`. */
export async function measureLoudness(sound: Float32Array): Promise<Loudness> {
  const decibels = await decibelsOf(sound);
  const sorted = Float32Array.from(decibels).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? -100;
  const loud = at(0.95);
  const noise = at(0.08);
  const speaks = loud - noise >= leastRange;
  // What stands less than 8 dB above the noise counts as silence, but for a voice over loud music.
  const quiet = Math.max(loud - range, Math.min(noise + 8, loud - 12));
  const sharp = decibels.map((value) => (speaks ? Math.min(1.1, Math.max(0, (value - quiet) / (loud - quiet))) : 0));
  const level = blurred(sharp, 0.025);
  return {
    step: loudnessStep,
    level,
    pauses: pausesOf(level),
    stresses: peaksOf(blurred(level, 0.06), stressSpacing, 0.35),
    onsets: speaks ? onsetsOf(decibels) : [],
  };
}

/** The level at `time` seconds, between the values. */
export function levelAt({ step, level }: Loudness, time: number): number {
  const place = Math.min(level.length - 1, Math.max(0, time / step));
  const index = Math.floor(place);
  const next = level[Math.min(level.length - 1, index + 1)] ?? 0;
  return (level[index] ?? 0) + (next - (level[index] ?? 0)) * (place - index);
}

async function decibelsOf(sound: Float32Array): Promise<Float32Array> {
  const half = Math.round((window * heardRate) / 2);
  const count = Math.max(1, Math.floor(sound.length / heardRate / loudnessStep) + 1);
  const decibels = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    const middle = Math.round(k * loudnessStep * heardRate);
    const [from, to] = [Math.max(0, middle - half), Math.min(sound.length, middle + half)];
    let sum = 1e-12;
    for (let i = from; i < to; i++) sum += sound[i]! * sound[i]!;
    decibels[k] = 10 * Math.log10(sum / Math.max(1, to - from));
    if (k % valuesAtOnce === 0) await new Promise(setImmediate);
  }
  return decibels;
}

function pausesOf(level: Float32Array): [number, number][] {
  const pauses: [number, number][] = [];
  let from: number | undefined;
  for (let i = 0; i <= level.length; i++) {
    const isQuiet = i < level.length && level[i]! < 0.08;
    if (isQuiet) from ??= i;
    else if (from !== undefined) {
      if ((i - from) * loudnessStep >= shortestPause) pauses.push([from * loudnessStep, i * loudnessStep]);
      from = undefined;
    }
  }
  return pauses;
}

/** Blurred by a Gaussian of `sigma` seconds. */
export function blurred(values: Float32Array, sigma: number, step = loudnessStep): Float32Array {
  const reach = Math.ceil((3 * sigma) / step);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * (((i - reach) * step) / sigma) ** 2));
  return values.map((_, i) => {
    let [sum, total] = [0, 0];
    for (let k = -reach; k <= reach; k++) {
      const value = values[i + k];
      if (value === undefined) continue;
      sum += weights[k + reach]! * value;
      total += weights[k + reach]!;
    }
    return sum / total;
  });
}

/** The highest places, none nearer to a higher one than `spacing` seconds. */
function peaksOf(values: Float32Array, spacing: number, least: number): { time: number; strength: number }[] {
  const places = [...values.keys()]
    .filter((i) => values[i]! >= least && values[i]! >= (values[i - 1] ?? 0) && values[i]! > (values[i + 1] ?? 0))
    .sort((a, b) => values[b]! - values[a]!);
  const kept: number[] = [];
  for (const place of places)
    if (kept.every((other) => Math.abs(other - place) * loudnessStep >= spacing)) kept.push(place);
  return kept.sort((a, b) => a - b).map((i) => ({ time: i * loudnessStep, strength: Math.min(1, values[i]!) }));
}

/** Sudden rises: the level against that of a tenth of a second before. */
function onsetsOf(decibels: Float32Array): { time: number; strength: number }[] {
  const smooth = blurred(decibels, 0.02);
  const back = Math.round(0.08 / loudnessStep);
  const rise = smooth.map((value, i) => Math.max(0, value - Math.max(-60, smooth[Math.max(0, i - back)]!)) / 12);
  return peaksOf(rise, onsetSpacing, 0.2);
}

/** The value of the feature grid at which `time` lies. */
export const featureIndex = (time: number): number => (time - firstFeature) / featureStep;
