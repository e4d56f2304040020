/**
 * Sound against picture, measured: clips that flash and beep at known moments go through decoding and encoding, and each
 * beep must lie as far from its flash as before, to 10 ms, from the first second to the sixtieth.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { encodeFrames } from '../../../src/engine/media/encode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { clipSound } from '../../../src/engine/media/sound-source.ts';
import { parseRational, rational, toNumber, type Rational } from '../../../src/engine/rational.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';
import { isLong } from '../../long.ts';

const run = promisify(execFile);
const scratch = await scratchFolder();
afterAll(scratch.remove);

const sampleRate = 48_000;

/** Sources of a clip that flashes white for one frame and beeps for 30 ms, every `every` frames. */
function flashing(rate: Rational, seconds: number, every: number): { video: string; sound: string } {
  const text = `${rate.num}/${rate.den}`;
  const period = (every * rate.den) / rate.num;
  return {
    video: `color=black:s=64x48:r=${text}:d=${seconds},drawbox=c=white:t=fill:enable='not(mod(n,${every}))'`,
    sound: `aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,${period}),0.03)':s=${sampleRate}:d=${seconds}`,
  };
}

/** Moments at which the picture turns white, in seconds from the first frame. */
async function flashes(path: string): Promise<number[]> {
  const found: number[] = [];
  for await (const frame of decodeFrames(await probe(path))) if (frame.data[0]! > 128) found.push(toNumber(frame.time));
  return found;
}

/** Moments at which a beep sets in, in seconds from the first frame, by the file's own clock as ffprobe reads it. */
async function beeps(path: string): Promise<number[]> {
  const show = async (stream: string): Promise<number> => {
    const words = [
      '-v',
      'error',
      '-select_streams',
      stream,
      '-read_intervals',
      '%+#8',
      '-show_entries',
      'frame=pts_time',
    ];
    const { stdout } = await run('ffprobe', [...words, '-of', 'csv=p=0', path]);
    return Number(stdout.trim().split('\n')[0]!.replaceAll(',', ''));
  };
  const begin = (await show('a:0')) - (await show('v:0'));
  const words = ['-v', 'error', '-i', path, '-map', '0:a:0', '-ac', '1', '-ar', String(sampleRate), '-f', 'f32le', '-'];
  const { stdout } = await run('ffmpeg', words, { encoding: 'buffer', maxBuffer: 2 ** 28 });
  const samples = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
  const found: number[] = [];
  let quiet = Number.POSITIVE_INFINITY;
  for (const [index, sample] of samples.entries()) {
    if (Math.abs(sample) > 0.25) {
      if (quiet > sampleRate / 10) found.push(begin + index / sampleRate);
      quiet = 0;
    } else quiet += 1;
  }
  return found;
}

/** For each flash of the result, how much further its beep is than in the source, in seconds. */
async function drift(source: string, result: string): Promise<number[]> {
  const [flashBefore, flashAfter] = [await flashes(source), await flashes(result)];
  const [beepBefore, beepAfter] = [await beeps(source), await beeps(result)];
  const nearest = (moments: readonly number[], to: number): number =>
    moments.reduce(
      (best, moment) => (Math.abs(moment - to) < Math.abs(best - to) ? moment : best),
      Number.POSITIVE_INFINITY,
    );
  expect(flashAfter.length).toBe(flashBefore.length);
  const before = flashBefore.map((flash) => nearest(beepBefore, flash));
  // A beep before the first frame is cut with what lies around it.
  return flashAfter.flatMap((flash, index) =>
    before[index]! < 0 ? [] : [nearest(beepAfter, flash) - flash - (before[index]! - flashBefore[index]!)],
  );
}

async function restored(source: string, name: string): Promise<string> {
  const clip = await probe(source);
  const path = join(scratch.path, name);
  const { width, height, rate } = clip.video;
  await encodeFrames(decodeFrames(clip), { path, width, height, rate, preset: 'ultrafast', ...clipSound(clip) });
  return path;
}

async function worstDrift(source: string, name: string): Promise<number> {
  const drifts = await drift(source, await restored(source, name));
  expect(drifts.length).toBeGreaterThanOrEqual(3);
  return Math.max(...drifts.map(Math.abs));
}

describe('sound stays with the picture to 10 ms', () => {
  const long: [string, number, string, string[]][] = [
    ['30000/1001', 30, 'mp4', ['-c:a', 'aac']],
    ['175/6', 29, 'mkv', ['-c:a', 'libopus']],
    ['24000/1001', 24, 'mov', ['-c:a', 'pcm_s16le']],
  ];
  it.each(isLong ? long : long.slice(0, 1))(
    'over 60 s at %s frames a second, a beep each %i frames, in %s',
    async (text, every, ending, codec) => {
      const { video, sound } = flashing(parseRational(text)!, 60, every);
      const source = await makeClip(ending, [...picture(video), ...picture(sound), ...h264, ...codec, '-b:a', '64k']);
      expect(await worstDrift(source, `${every}.mp4`)).toBeLessThan(0.01);
    },
  );

  const short = flashing(rational(25), 4, 25);
  it.each([
    ['begins 0.35 s after the picture, copied', 'mp4', ['-itsoffset', '0.35'], [], ['-c:a', 'aac']],
    ['begins 0.35 s after the picture, encoded again', 'mkv', ['-itsoffset', '0.35'], [], ['-c:a', 'mp3']],
    ['begins 0.35 s before the picture, in AAC', 'mp4', [], ['-itsoffset', '0.35'], ['-c:a', 'aac']],
    ['begins 0.35 s before the picture, in another codec', 'mkv', [], ['-itsoffset', '0.35'], ['-c:a', 'flac']],
    ['comes from a transport stream', 'ts', [], [], ['-c:a', 'aac', '-bf', '2']],
  ])('when it %s', async (name, ending, soundLate, pictureLate, words) => {
    const source = await makeClip(ending, [
      ...[...pictureLate, ...picture(short.video), ...soundLate, ...picture(short.sound)],
      ...['-map', '0', '-map', '1', ...h264, '-preset', 'medium', '-fps_mode', 'passthrough', ...words],
    ]);
    const offset = toNumber((await probe(source)).audio[0]!.offset);
    expect(Math.abs(offset - (soundLate.length > 0 ? 0.35 : pictureLate.length > 0 ? -0.35 : 0))).toBeLessThan(0.025);
    expect(await worstDrift(source, `${name.replaceAll(/\W/g, '')}.mp4`)).toBeLessThan(0.01);
  });

  it('when only a part is taken', async () => {
    const { video, sound } = flashing(rational(25), 6, 25);
    const source = await makeClip('mp4', [...picture(video), ...picture(sound), ...h264, '-c:a', 'aac']);
    const clip = await probe(source);
    const path = join(scratch.path, 'part.mp4');
    const range = { from: rational(36, 25), to: rational(111, 25) };
    const { sound: part } = clipSound(clip, range);
    await encodeFrames(decodeFrames(clip, range), {
      path,
      width: 64,
      height: 48,
      rate: rational(25),
      preset: 'ultrafast',
      sound: part!,
    });
    const [white, heard] = [await flashes(path), await beeps(path)];
    expect(white.map((moment) => Math.round(moment * 25))).toEqual([14, 39, 64]);
    expect(heard).toHaveLength(3);
    for (const [index, moment] of heard.entries()) expect(Math.abs(moment - white[index]!)).toBeLessThan(0.01);
    expect((await probe(path)).audio[0]!.duration!.num).toBeLessThan(3.1 * (await probe(path)).audio[0]!.duration!.den);
  });

  it('and a fault of 20 ms would be seen', async () => {
    const source = await makeClip('mp4', [...picture(short.video), ...picture(short.sound), ...h264, '-c:a', 'aac']);
    const clip = await probe(source);
    const { sound } = clipSound(clip);
    const path = join(scratch.path, 'off.mp4');
    const options = { path, width: 64, height: 48, rate: rational(25), preset: 'ultrafast' } as const;
    await encodeFrames(decodeFrames(clip), { ...options, sound: { ...sound!, shift: rational(20, 1000) } });
    expect(Math.min(...(await drift(source, path)))).toBeGreaterThan(0.015);
  });
});

describe('which sound is kept', () => {
  const two = (...words: string[]) =>
    makeClip('mkv', [
      ...[...picture('testsrc2=s=64x48:r=25:d=1'), ...picture('sine=f=300:d=1'), ...picture('sine=f=900:d=1')],
      ...['-map', '0', '-map', '1', '-map', '2', ...h264, '-c:a', 'aac', ...words],
    ]);

  it('the default one, and it is said', async () => {
    const clip = await probe(
      await two('-disposition:a:0', '0', '-disposition:a:1', 'default', '-metadata:s:a:1', 'language=ita'),
    );
    expect(clip.audio.map(({ language, isDefault }) => [language, isDefault])).toEqual([
      [undefined, false],
      ['ita', true],
    ]);
    const { sound, warnings } = clipSound(clip);
    expect(sound).toMatchObject({ stream: 2, copy: true });
    expect(warnings).toEqual([{ code: 'sound.one-kept', params: { kept: 2, count: 2 } }]);
  });

  it('the first where none is the default; packets of AAC as they are', async () => {
    const source = await two('-disposition:a:0', '0', '-disposition:a:1', '0');
    const path = await restored(source, 'copied.mp4');
    const packets = async (file: string) => {
      const words = ['-v', 'error', '-select_streams', 'a:0', '-show_entries', 'packet=size', '-of', 'csv=p=0', file];
      return (await run('ffprobe', words)).stdout.match(/\d+/g);
    };
    expect(await packets(path)).toEqual(await packets(source));
  });
});
