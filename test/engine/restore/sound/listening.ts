/** Ears for the tests: renders an ambience and measures what was heard. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { motionEnvelope, type MotionEnvelope } from '../../../../src/engine/restore/sound/motion-envelope.ts';
import type { AmbienceName } from '../../../../src/engine/restore/sound/request.ts';
import { sampleRate, type Score, type Stereo, stereo } from '../../../../src/engine/restore/sound/synth/block.ts';
import { synthesise } from '../../../../src/engine/restore/sound/synth/synthesise.ts';

const run = promisify(execFile);

export interface Rendering extends Partial<Score> {
  readonly motion?: MotionEnvelope;
  readonly block?: number;
}

/** `seconds` of an ambience, read in blocks of `block` samples. */
export function render(name: AmbienceName, seconds: number, options: Rendering = {}): Stereo {
  const { motion = motionEnvelope([]), block = 4096, ...score } = options;
  const read = synthesise(name, { seed: 1, frameRate: 16, seconds, cuts: motion.cuts, ...score }, motion);
  const whole = stereo(Math.round(seconds * sampleRate));
  for (let at = 0; at < whole.left.length; at += block) {
    const part = {
      left: whole.left.subarray(at, at + block),
      right: whole.right.subarray(at, at + block),
    };
    read(part);
  }
  return whole;
}

/** True when two runs of samples are the same. Said of arrays this large, a list of differences would take minutes. */
export function identical(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

export function power(samples: Float32Array, fromSeconds = 0, toSeconds = Infinity): number {
  const part = samples.subarray(Math.round(fromSeconds * sampleRate), Math.min(samples.length, toSeconds * sampleRate));
  return part.reduce((sum, value) => sum + value * value, 0) / Math.max(1, part.length);
}

export function decibels(ratio: number): number {
  return 10 * Math.log10(ratio);
}

export function middle({ left, right }: Stereo): Float32Array {
  return left.map((value, i) => (value + right[i]!) / 2);
}

/** In place, radix 2. */
function fft(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [re[i], re[j], im[i], im[j]] = [re[j]!, re[i]!, im[j]!, im[i]!];
  }
  for (let size = 2; size <= n; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const [c, s] = [Math.cos((-2 * Math.PI * k) / size), Math.sin((-2 * Math.PI * k) / size)];
      for (let a = k; a < n; a += size) {
        const b = a + size / 2;
        const [x, y] = [re[b]! * c - im[b]! * s, re[b]! * s + im[b]! * c];
        [re[b], im[b], re[a], im[a]] = [re[a]! - x, im[a]! - y, re[a]! + x, im[a]! + y];
      }
    }
  }
}

/** Share of the power between two frequencies in Hz, from averaged periodograms. */
export function shareBetween(samples: Float32Array, low: number, high: number): number {
  const size = 4096;
  let [inside, all] = [0, 0];
  for (let at = 0; at + size <= samples.length; at += size / 2) {
    const re = Float64Array.from({ length: size }, (_, i) => samples[at + i]! * Math.sin((Math.PI * i) / size) ** 2);
    const im = new Float64Array(size);
    fft(re, im);
    for (let bin = 1; bin < size / 2; bin++) {
      const energy = re[bin]! ** 2 + im[bin]! ** 2;
      const hz = (bin * sampleRate) / size;
      all += energy;
      if (hz >= low && hz < high) inside += energy;
    }
  }
  return inside / all;
}

/** Loudness in steps of 2.5 ms: the square root of power, less its mean. */
export function outline(samples: Float32Array): Float64Array {
  const step = sampleRate / 400;
  const values = Float64Array.from({ length: Math.floor(samples.length / step) }, (_, i) =>
    Math.sqrt(power(samples.subarray(i * step, (i + 1) * step))),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}

/** How alike an outline is to itself `seconds` later, -1..1, the best within 4 %. */
export function repeats(values: Float64Array, seconds: number): number {
  const energy = values.reduce((sum, value) => sum + value * value, 0);
  let best = -1;
  for (let lag = Math.floor(0.96 * seconds * 400); lag <= Math.ceil(1.04 * seconds * 400); lag++) {
    let sum = 0;
    for (let i = lag; i < values.length; i++) sum += values[i]! * values[i - lag]!;
    best = Math.max(best, sum / energy);
  }
  return best;
}

export function correlation(a: Float32Array, b: Float32Array): number {
  const product = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length;
  return product / Math.sqrt(power(a) * power(b));
}

/** What ffmpeg's ebur128 says of a file: integrated loudness in LUFS and true peak in dBTP. */
export async function ebur128(path: string, filters: readonly string[] = []): Promise<{ lufs: number; peak: number }> {
  const chain = [...filters, 'ebur128=peak=true'].join(',');
  const words = ['-hide_banner', '-nostats', '-nostdin', '-i', path, '-vn', '-af', chain, '-f', 'null', '-'];
  const { stderr } = await run('ffmpeg', words, { maxBuffer: 2 ** 26 });
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  return {
    lufs: Number(/I:\s+(-?[\d.]+) LUFS/.exec(summary)?.[1]),
    peak: Number(/Peak:\s+(-?[\d.]+) dBFS/.exec(summary)?.[1]),
  };
}

/** All samples of a file's sound, decoded by ffmpeg to 48 kHz stereo. */
export async function samplesOfFile(path: string): Promise<Stereo> {
  const words = ['-v', 'error', '-nostdin', '-i', path, '-vn', '-ar', '48000', '-ac', '2', '-f', 'f32le', '-'];
  const { stdout } = await run('ffmpeg', words, { encoding: 'buffer', maxBuffer: 2 ** 28 });
  const all = new Float32Array(Uint8Array.from(stdout).buffer);
  return { left: all.filter((_, i) => i % 2 === 0), right: all.filter((_, i) => i % 2 === 1) };
}
