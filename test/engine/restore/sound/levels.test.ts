import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { balance, ceilingDbtp } from '../../../../src/engine/restore/sound/balance.ts';
import { fitFor, fitted, type Recording } from '../../../../src/engine/restore/sound/fit.ts';
import { limited, lookAhead, peakMeter } from '../../../../src/engine/restore/sound/limiter.ts';
import { loudnessMeter } from '../../../../src/engine/restore/sound/loudness.ts';
import { createPcm, openPcm, wavHeader } from '../../../../src/engine/restore/sound/pcm-file.ts';
import { type Read, sampleRate, type Stereo, stereo } from '../../../../src/engine/restore/sound/synth/block.ts';
import { randomStream } from '../../../../src/engine/restore/sound/synth/noise.ts';
import { scratchFolder } from '../../../clips.ts';
import { ebur128, identical, power, samplesOfFile } from './listening.ts';

const run = promisify(execFile);
let folder: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => folder.remove());

function sounding(seconds: number, at: (i: number) => readonly [number, number]): Stereo {
  const sound = stereo(Math.round(seconds * sampleRate));
  for (let i = 0; i < sound.left.length; i++) [sound.left[i], sound.right[i]] = at(i);
  return sound;
}

function reader(sound: Stereo): Recording {
  return {
    length: sound.left.length,
    read(out, position) {
      for (let i = 0; i < out.left.length; i++) {
        out.left[i] = sound.left[position + i] ?? 0;
        out.right[i] = sound.right[position + i] ?? 0;
      }
    },
  };
}

function readerOf(sound: Stereo): Read {
  let position = 0;
  const recording = reader(sound);
  return (out) => {
    recording.read(out, position);
    position += out.left.length;
  };
}

/** Everything a reader gives, in blocks of an odd size. */
function all(read: Read, length: number): Stereo {
  const whole = stereo(length);
  for (let at = 0; at < length; at += 777) {
    read({ left: whole.left.subarray(at, at + 777), right: whole.right.subarray(at, at + 777) });
  }
  return whole;
}

/** The largest difference between two runs of samples, as far as the first goes. */
function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

async function write(name: string, sound: Stereo): Promise<string> {
  const path = join(folder.path, name);
  const file = createPcm(path, sound.left.length);
  file.add(sound);
  file.close();
  return await Promise.resolve(path);
}

describe('the loudness meter', () => {
  const random = randomStream(3, 'test');
  const cases: Readonly<Record<string, Stereo>> = {
    // BS.1770: 997 Hz at 0 dBFS in one channel is -3.01 LKFS.
    tone: sounding(3, (i) => [Math.sin((2 * Math.PI * 997 * i) / sampleRate), 0]),
    noise: sounding(4, () => [0.2 * (random() - 0.5), 0.1 * (random() - 0.5)]),
    'loud, then soft, then nothing': sounding(8, (i) => {
      const gain = i < 3 * sampleRate ? 0.3 : i < 5 * sampleRate ? 0.01 : 0;
      return [gain * Math.sin(i / 20), gain * Math.sin(i / 31)];
    }),
    'deep and soft': sounding(3, (i) => [0.02 * Math.sin((2 * Math.PI * 60 * i) / sampleRate), 0]),
  };

  it.each(Object.entries(cases))('agrees with ffmpeg on %s', async (name, sound) => {
    const meter = loudnessMeter();
    for (let at = 0; at < sound.left.length; at += 1000) {
      meter.add({ left: sound.left.subarray(at, at + 1000), right: sound.right.subarray(at, at + 1000) });
    }
    const peaks = peakMeter();
    peaks.add(sound);
    const measured = await ebur128(await write(`${name}.wav`, sound));
    expect(Math.abs(meter.integrated() - measured.lufs)).toBeLessThan(0.11);
    expect(Math.abs(peaks.peak() - measured.peak)).toBeLessThan(0.3);
    if (name === 'tone') expect(meter.integrated()).toBeCloseTo(-3.01, 1);
  });

  it('calls silence silent, and measures what is shorter than one of its blocks', () => {
    const meter = loudnessMeter();
    expect(meter.integrated()).toBe(-Infinity);
    meter.add(stereo(sampleRate));
    expect(meter.integrated()).toBe(-Infinity);
    const brief = loudnessMeter();
    brief.add(sounding(0.2, (i) => [Math.sin((2 * Math.PI * 997 * i) / sampleRate), 0]));
    expect(brief.integrated()).toBeCloseTo(-3.01, 0);
  });
});

describe('the limiter', () => {
  const ceiling = 0.8;

  it('leaves alone what is under the ceiling, sample for sample', () => {
    const sound = sounding(0.7, (i) => [0.7 * Math.sin(i / 9), 0.3 * Math.cos(i / 50)]);
    const out = all(limited(readerOf(sound), ceiling), sound.left.length);
    expect(farthest(out.left, sound.left)).toBeLessThan(1e-6);
    expect(farthest(out.right, sound.right)).toBeLessThan(1e-6);
  });

  it('holds true peaks, between the samples too, from the first sample on', async () => {
    const random = randomStream(1, 'clicks');
    const sound = sounding(2, (i) => {
      // A quarter of the sampling rate, off its samples by an eighth: peaks 3 dB above any sample.
      const tone = i < 20_000 ? 1.6 * Math.sin((Math.PI * i) / 2 + Math.PI / 4) : 0.2 * Math.sin(i / 7);
      return [tone, random() < 0.001 ? 3 * (random() - 0.5) : 0.1 * (random() - 0.5)];
    });
    const out = all(limited(readerOf(sound), ceiling), sound.left.length);
    const { peak } = await ebur128(await write('limited.wav', out));
    // Clicks of one sample are the worst there is: even two good interpolators differ by half a decibel on them.
    expect(peak).toBeLessThan(20 * Math.log10(ceiling) + 0.7);
    expect(peak).toBeGreaterThan(20 * Math.log10(ceiling) - 1);
  });

  it('comes down before a peak and lets go after it', () => {
    const at = 24_000;
    const sound = sounding(1.2, (i) => [i === at ? 2 : 0.25, 0]);
    const { left } = all(limited(readerOf(sound), ceiling), sound.left.length);
    expect(Math.abs(left[at]!)).toBeLessThan(ceiling + 1e-6);
    expect(left[at - 2 * lookAhead]).toBeCloseTo(0.25, 5);
    expect(left[at - lookAhead / 2]).toBeLessThan(0.22);
    expect(left[at + 24_000]).toBeGreaterThan(0.245);
    const without = left.with(at, left[at - 1]!);
    expect(farthest(without.subarray(1), without)).toBeLessThan(0.002);
  });
});

describe('fitting a recording', () => {
  const ramp = (seconds: number): Stereo => sounding(seconds, (i) => [1 + (i % 100) / 100, 1]);

  it('cuts what is longer, and fades it out', () => {
    expect(fitFor(100, 50)).toBe('cut');
    const wanted = 4 * sampleRate;
    const source = ramp(10);
    const { left } = all(fitted(reader(source), wanted), wanted);
    // The fade takes a quarter of so short a clip, at equal power.
    expect(identical(left.subarray(0, 3 * sampleRate), source.left.subarray(0, 3 * sampleRate))).toBe(true);
    expect(left[3.5 * sampleRate]).toBeCloseTo(source.left[3.5 * sampleRate]! * Math.SQRT1_2, 3);
    expect(left.at(-1)).toBeLessThan(0.01);
  });

  it('plays a file that nearly covers the clip once', () => {
    expect(fitFor(95, 100)).toBe('whole');
    const wanted = 2 * sampleRate;
    const { right } = all(fitted(reader(ramp(1.9)), wanted), wanted);
    expect(right[Math.round(1.89 * sampleRate)]).toBe(1);
    expect(right[Math.round(1.95 * sampleRate)]).toBe(0);
  });

  it('repeats a shorter one without a gap, a step or a change of loudness', () => {
    expect(fitFor(40, 100)).toBe('looped');
    const random = randomStream(5, 'loop');
    const source = sounding(1.5, () => [random() - 0.5, random() - 0.5]);
    const wanted = 6 * sampleRate;
    const { left } = all(fitted(reader(source), wanted), wanted);
    for (let seconds = 0; seconds < 4.4; seconds += 0.1) {
      const level = 10 * Math.log10(power(left, seconds, seconds + 0.1) * 12);
      expect(Math.abs(level)).toBeLessThan(0.6);
    }
    // The crossfade is a quarter of so short a file: the first sample comes back after three quarters of its length.
    const period = Math.round(1.5 * sampleRate * 0.75);
    const [a, b] = [left.subarray(20_000, 40_000), left.subarray(20_000 + period, 40_000 + period)];
    expect(identical(a, b)).toBe(true);
    const tone = sounding(1.5, () => [1, 1]);
    const steady = all(fitted(reader(tone), wanted), wanted).left;
    expect(farthest(steady.subarray(1, 4.4 * sampleRate), steady)).toBeLessThan(2e-4);
  });

  it('gives silence for an empty recording', () => {
    const { left } = all(fitted(reader(stereo(0)), 1000), 1000);
    expect(left.every((value) => value === 0)).toBe(true);
  });
});

describe('the balance', () => {
  it('brings what is added alone to -16 LUFS', () => {
    expect(balance(undefined, { loudness: -30, peak: -12 }, 'ambience')).toEqual({ own: -Infinity, added: 14 });
    expect(balance({ loudness: -Infinity, peak: -Infinity }, { loudness: -10, peak: 0 }, 'file')).toEqual({
      own: -Infinity,
      added: -6,
    });
    // Noise of a transfer stays as it is.
    expect(balance({ loudness: -60, peak: -50 }, { loudness: -10, peak: 0 }, 'file')).toEqual({ own: 0, added: -6 });
  });

  it('keeps an ambience 12 LU or more under real sound, whatever the two measure', () => {
    for (const own of [-48, -30, -16, -5]) {
      for (const added of [-60, -30, -9]) {
        const gains = balance({ loudness: own, peak: own + 10 }, { loudness: added, peak: added + 18 }, 'ambience');
        const [a, b] = [own + gains.own, added + gains.added];
        expect(a - b).toBeGreaterThanOrEqual(12);
        expect(a - b).toBeLessThan(14);
        if (own > -35) expect(10 * Math.log10(10 ** (a / 10) + 10 ** (b / 10))).toBeCloseTo(-16, 5);
      }
    }
  });

  it('does not squash real sound to make it loud', () => {
    const { own } = balance({ loudness: -30, peak: -1 }, { loudness: -20, peak: -3 }, 'ambience');
    expect(-1 + own - ceilingDbtp).toBeCloseTo(6);
  });

  it('leaves silence silent', () => {
    expect(balance(undefined, { loudness: -Infinity, peak: -Infinity }, 'file').added).toBe(-Infinity);
  });
});

describe('sound on disk', () => {
  it('is a WAV that ffmpeg reads to the sample, and reads back from anywhere', async () => {
    const sound = sounding(0.5, (i) => [Math.sin(i / 10), i / 24_000]);
    const path = await write('plain.wav', sound);
    const { stdout } = await run('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', path]);
    expect(JSON.parse(stdout)).toMatchObject({
      streams: [{ codec_name: 'pcm_f32le', channels: 2, sample_rate: '48000', duration_ts: 24_000 }],
    });
    const back = await samplesOfFile(path);
    expect(identical(back.left, sound.left)).toBe(true);
    expect(identical(back.right, sound.right)).toBe(true);

    const rawPath = join(folder.path, 'plain.f32');
    const raw = createPcm(rawPath);
    raw.add(sound);
    raw.close();
    expect((await readFile(rawPath)).length).toBe(24_000 * 8);
    const file = openPcm(rawPath);
    expect(file.length).toBe(24_000);
    const part = stereo(100);
    file.read(part, 23_950);
    expect(part.left.slice(0, 50)).toEqual(sound.left.slice(23_950));
    expect(part.left.slice(50).every((value) => value === 0)).toBe(true);
    file.read(part, -40);
    expect(part.right.slice(40)).toEqual(sound.right.slice(0, 60));
    expect(part.right.slice(0, 40).every((value) => value === 0)).toBe(true);
    file.close();
  });

  it('has a header whose sizes do not wrap around after three hours', () => {
    const header = Buffer.from(wavHeader(5 * 3600 * sampleRate));
    expect(header.readUInt32LE(4)).toBe(0xffffffff);
    expect(header.readUInt32LE(54)).toBe(0xffffffff);
    expect(Buffer.from(wavHeader(10)).readUInt32LE(54)).toBe(80);
  });
});
