/**
 * Sound as the viseme prototypes know it: mel-frequency cepstral coefficients (Davis and Mermelstein 1980), 12 of them every
 * 16 ms, liftered. The front end, its crude low-pass and all, is the one the prototypes were made with (HeadAudio 0.1.0):
 * another one would move every feature.
 */
import { featureCount } from './viseme-model.ts';

/** Samples a second that go in; those of the voices that the prototypes were made from. */
export const heardRate = 24_000;
const rate = 16_000;
const blockLength = 512;
/** Samples from one feature vector to the next. */
const hop = 256;
/** Seconds from one feature vector to the next, and to the middle of the first. */
export const featureStep = hop / rate;
export const firstFeature = blockLength / 2 / rate;

const preEmphasis = 0.97;
const taps = 32;
const bands = 40;
const lifter = 22;
const lowest = 30;
const highest = 7800;
/** Feature vectors made before others get their turn on this thread. */
const vectorsAtOnce = 60;

/** Cepstra of mono sound at `heardRate`, one every `featureStep` seconds from `firstFeature` on. */
export async function cepstra(sound: Float32Array): Promise<Float32Array[]> {
  const samples = await downsample(sound);
  const analyse = makeAnalysis();
  const vectors: Float32Array[] = [];
  for (let at = 0; at + blockLength <= samples.length; at += hop) {
    vectors.push(analyse(samples.subarray(at, at + blockLength)));
    if (vectors.length % vectorsAtOnce === 0) await new Promise(setImmediate);
  }
  return vectors;
}

/** Raises the high notes, then takes two samples of three, at thirds of the way between. */
async function downsample(sound: Float32Array): Promise<Float32Array> {
  const filters = [lowPass(0), lowPass(21 / 64)];
  const out = new Float32Array(Math.floor((sound.length * rate) / heardRate));
  const raised = new Float32Array(sound.length + taps);
  for (let i = 0; i < sound.length; i++) raised[i + taps] = sound[i]! - preEmphasis * (sound[i - 1] ?? 0);
  for (let k = 0; k < out.length; k++) {
    // The sample at which the accumulated two thirds pass the next whole number.
    const newest = Math.ceil((3 * (k + 1)) / 2) - 1;
    const filter = filters[(k + 1) % 2]!;
    let sum = 0;
    for (let j = 0; j < taps; j++) sum += filter[j]! * raised[newest + 1 + j]!;
    out[k] = sum;
    if (k % 40_000 === 39_999) await new Promise(setImmediate);
  }
  return out;
}

/** A windowed sinc, its middle moved by `phase` samples. It cuts at 0.45 of the rate that goes in, so a little folds back. */
function lowPass(phase: number): Float32Array {
  const cut = 0.45;
  return Float32Array.from({ length: taps }, (_, i) => {
    const x = i - (taps - 1) / 2 - phase;
    const sinc = x === 0 ? 2 * cut : Math.sin(2 * Math.PI * cut * x) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (taps - 1)));
  });
}

function makeAnalysis(): (block: Float32Array) => Float32Array {
  const window = Float64Array.from(
    { length: blockLength },
    (_, i) => 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (blockLength - 1)),
  );
  const filters = melFilters();
  const scale = Math.sqrt(2 / bands);
  const re = new Float64Array(blockLength);
  const im = new Float64Array(blockLength);
  const energies = new Float64Array(bands);
  return (block) => {
    for (let i = 0; i < blockLength; i++) re[i] = block[i]! * window[i]!;
    im.fill(0);
    fourier(re, im);
    for (let band = 0; band < bands; band++) {
      const { from, weights } = filters[band]!;
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        const bin = from + k;
        sum += (weights[k]! * (re[bin]! ** 2 + im[bin]! ** 2)) / blockLength;
      }
      energies[band] = Math.log10(sum + 1e-10);
    }
    return Float32Array.from({ length: featureCount }, (_, i) => {
      let sum = 0;
      for (let band = 0; band < bands; band++)
        sum += Math.cos((Math.PI * (i + 1) * (band + 0.5)) / bands) * energies[band]!;
      return scale * sum * (1 + (lifter / 2) * Math.sin((Math.PI * (i + 1)) / lifter));
    });
  };
}

interface MelFilter {
  /** The first bin of the spectrum that it hears. */
  readonly from: number;
  readonly weights: readonly number[];
}

/** Triangles, evenly spaced in mel. */
function melFilters(): MelFilter[] {
  const mel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
  const hertz = (value: number): number => 700 * (10 ** (value / 2595) - 1);
  const [low, high] = [mel(lowest), mel(highest)];
  const bins = Array.from({ length: bands + 2 }, (_, i) =>
    Math.floor((hertz(low + ((high - low) / (bands + 1)) * i) / rate) * blockLength),
  );
  return Array.from({ length: bands }, (_, band) => {
    const [from, middle, to] = bins.slice(band, band + 3) as [number, number, number];
    const rising = Array.from({ length: middle - from }, (__, k) => k / (middle - from));
    const falling = Array.from({ length: to - middle }, (__, k) => (to - middle - k) / (to - middle));
    return { from, weights: [...rising, ...falling] };
  });
}

/** In-place Fourier transform (Cooley and Tukey 1965); the length is a power of two. */
function fourier(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const cos = Math.cos((-2 * Math.PI * k) / size);
      const sin = Math.sin((-2 * Math.PI * k) / size);
      for (let a = k; a < n; a += size) {
        const b = a + half;
        const [x, y] = [re[b]! * cos - im[b]! * sin, re[b]! * sin + im[b]! * cos];
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a]! += x;
        im[a]! += y;
      }
    }
  }
}
