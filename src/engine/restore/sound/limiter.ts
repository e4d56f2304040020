/**
 * Keeps true peaks under a ceiling: a look-ahead limiter whose gain is eased down before a peak and comes back over a
 * tenth of a second, so that it neither clips nor clicks.
 */
import { type Read, sampleRate, type Stereo, stereo } from './synth/block.ts';

/** Samples the gain has to come down in before a peak: 5 ms. */
export const lookAhead = 240;

const taps = 24;
/** Samples between one and its place in the interpolation. */
const half = taps / 2;
const release = Math.exp(-1 / (0.1 * sampleRate));

/** Three in-between points of four-fold oversampling (BS.1770-4, annex 2): windowed sinc of 24 taps each, so that
 * it holds up to 20 kHz; unity at DC. */
const phases = [1, 2, 3].map((quarter) => {
  const kernel = Float64Array.from({ length: taps }, (_, i) => {
    const x = i - half + 1 - quarter / 4;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / (half + 0.5));
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
  });
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
});

/** The largest magnitude of the wave between sample `at` and the next, of `buffer`, which has 12 samples either side of it. */
function truePeakAt(buffer: Float32Array, at: number): number {
  let peak = Math.abs(buffer[at]!);
  for (const kernel of phases) {
    let value = 0;
    for (let i = 0; i < taps; i++) value += kernel[i]! * buffer[at - half + 1 + i]!;
    peak = Math.max(peak, Math.abs(value));
  }
  return peak;
}

/** The largest true peak of either channel between sample `at` and the next; the plain samples where none could exceed `matters`. */
function peakNear({ left, right }: Stereo, at: number, matters: number): number {
  const loud = Math.max(
    Math.max(Math.abs(left[at]!), Math.abs(left[at + 1]!)),
    Math.max(Math.abs(right[at]!), Math.abs(right[at + 1]!)),
  );
  // A wave of music or noise does not stand out by more than 6 dB between two samples.
  return loud < matters / 2 ? loud : Math.max(truePeakAt(left, at), truePeakAt(right, at));
}

/** Measures true peaks: feed it successive samples. */
export interface PeakMeter {
  add(sound: Stereo): void;
  /** In dBTP, -Infinity for silence. */
  peak(): number;
}

export function peakMeter(): PeakMeter {
  const tail = stereo(taps);
  let joined = stereo(taps);
  let highest = 0;
  return {
    add(sound) {
      const length = taps + sound.left.length;
      if (joined.left.length !== length) joined = stereo(length);
      for (const side of ['left', 'right'] as const) {
        joined[side].set(tail[side]);
        joined[side].set(sound[side], taps);
        tail[side].set(joined[side].subarray(-taps));
      }
      for (let i = half; i < joined.left.length - half; i++) highest = Math.max(highest, peakNear(joined, i, highest));
    },
    peak: () => 20 * Math.log10(highest),
  };
}

/** For each of the first `count` places, the least of the `window` values from there on (monotonic queue, linear time). */
function slidingMinimum(values: Float32Array, window: number, count: number): Float32Array {
  const queue: number[] = [];
  const minima = new Float32Array(count);
  let head = 0;
  for (let i = 0; i < count + window - 1; i++) {
    while (queue.length > head && values[queue.at(-1)!]! >= values[i]!) queue.pop();
    queue.push(i);
    const start = i - window + 1;
    if (start < 0) continue;
    while (queue[head]! < start) head++;
    minima[start] = values[queue[head]!]!;
  }
  return minima;
}

/**
 * `read` with its true peaks held to `ceiling` (linear, 0..1): same start, same samples where nothing comes near the
 * ceiling. The gain of a sample is the mean, over the look-ahead before it, of the least gain wanted within the look-ahead
 * after each: never more than it wants itself.
 */
export function limited(read: Read, ceiling: number): Read {
  const block = 4096;
  // Read but not given out: the look-ahead, and what interpolation needs beyond it.
  const ahead = lookAhead + taps;
  const held = stereo(ahead + block);
  const [fresh, ready] = [stereo(block), stereo(block)];
  const wanted = new Float32Array(ahead + block).fill(1);
  const recent = new Float64Array(lookAhead).fill(1);
  let [recentAt, recovering] = [0, 1];
  // Counted in whole steps of 2^-40, so that adding and taking away for hours leaves nothing behind.
  const scale = 2 ** 40;
  let sum = lookAhead * scale;
  // The first samples to come out are the silence that the buffers began with.
  let used = block;
  let first = true;

  function gain(least: number): number {
    recovering = Math.min(least, 1 - (1 - recovering) * release);
    const step = Math.floor(recovering * scale);
    sum += step - recent[recentAt]! * scale;
    recent[recentAt] = step / scale;
    recentAt = (recentAt + 1) % lookAhead;
    return sum / scale / lookAhead;
  }

  function refill(): void {
    for (const side of ['left', 'right'] as const) held[side].copyWithin(0, block);
    wanted.copyWithin(0, block);
    read(fresh);
    held.left.set(fresh.left, ahead);
    held.right.set(fresh.right, ahead);
    for (let i = ahead - half; i < ahead + block - half; i++) {
      const peak = peakNear(held, i, ceiling);
      wanted[i] = peak > ceiling ? ceiling / peak : 1;
    }
  }

  function next(): void {
    if (used < block) return;
    refill();
    const minima = slidingMinimum(wanted, lookAhead, block);
    for (let i = 0; i < block; i++) {
      const g = gain(minima[i]!);
      ready.left[i] = held.left[i]! * g;
      ready.right[i] = held.right[i]! * g;
    }
    used = first ? ahead : 0;
    first = false;
  }

  return (out) => {
    for (let at = 0; at < out.left.length;) {
      next();
      const count = Math.min(block - used, out.left.length - at);
      out.left.set(ready.left.subarray(used, used + count), at);
      out.right.set(ready.right.subarray(used, used + count), at);
      at += count;
      used += count;
    }
  };
}
