/**
 * Loudness as broadcasters measure it: ITU-R BS.1770-4 with the gates of EBU R 128, for 48 kHz stereo. Within 0.1 LU of
 * ffmpeg's ebur128, without a process for each look.
 */
import { sampleRate, type Stereo } from './synth/block.ts';

export interface LoudnessMeter {
  /** The next samples, any number of them. */
  add(sound: Stereo): void;
  /** Integrated loudness so far in LUFS; -Infinity for silence. */
  integrated(): number;
}

/** Samples between starts of measuring blocks (100 ms); a block is four of them. */
const hop = sampleRate / 10;
const absoluteGate = -70;
const relativeGate = -10;

/** The K-weighting at 48 kHz: a shelf for the head, then a high-pass (BS.1770-4, tables 1 and 2). */
const shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585] as const;
const rumbleCut = [1, -2, 1, -1.99004745483398, 0.99007225036621] as const;

/** Adds up the K-weighted squares of `buffer` from `from` to `to`; `z` holds the four filter states of the channel. */
function weightedEnergy(buffer: Float32Array, from: number, to: number, z: Float64Array): number {
  let [a, b, c, d] = [z[0]!, z[1]!, z[2]!, z[3]!];
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = buffer[i]!;
    const y = shelf[0] * x + a;
    a = shelf[1] * x - shelf[3] * y + b;
    b = shelf[2] * x - shelf[4] * y;
    const w = rumbleCut[0] * y + c;
    c = rumbleCut[1] * y - rumbleCut[3] * w + d;
    d = rumbleCut[2] * y - rumbleCut[4] * w;
    sum += w * w;
  }
  z[0] = a;
  z[1] = b;
  z[2] = c;
  z[3] = d;
  return sum;
}

function toLufs(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A meter that holds ten numbers for each second heard. Sound shorter than one block (0.4 s) is measured without gates. */
export function loudnessMeter(): LoudnessMeter {
  const states = { left: new Float64Array(4), right: new Float64Array(4) };
  const hops: number[] = [];
  let [sum, filled, total, count] = [0, 0, 0, 0];
  return {
    add({ left, right }) {
      for (let at = 0; at < left.length;) {
        const to = Math.min(left.length, at + hop - filled);
        const energy = weightedEnergy(left, at, to, states.left) + weightedEnergy(right, at, to, states.right);
        sum += energy;
        total += energy;
        count += to - at;
        filled += to - at;
        at = to;
        if (filled === hop) {
          hops.push(sum / hop);
          [sum, filled] = [0, 0];
        }
      }
    },
    integrated() {
      const blocks = hops.slice(3).map((_, i) => mean(hops.slice(i, i + 4)));
      if (blocks.length === 0) return count === 0 ? -Infinity : toLufs(total / count);
      const heard = blocks.filter((power) => toLufs(power) > absoluteGate);
      if (heard.length === 0) return -Infinity;
      const threshold = toLufs(mean(heard)) + relativeGate;
      return toLufs(mean(heard.filter((power) => toLufs(power) > threshold)));
    },
  };
}
