/** What the probe says of clips whose every property is known because they were made for it. */
import { afterAll, describe, expect, it } from 'vitest';

import { readTiming, onTheBeat } from '../../../src/engine/media/timing.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { formatRational, parseRational, rational } from '../../../src/engine/rational.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';
import { sharedMedia } from '../../media.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

const pictures = (rate: string, words = ''): string[] => picture(`testsrc2=s=64x48:r=${rate}:d=2${words}`);

describe('rate', () => {
  it.each([
    ['mp4', '24000/1001', h264],
    ['mkv', '24000/1001', h264],
    ['ts', '30000/1001', h264],
    ['avi', '25', ['-c:v', 'mpeg4']],
    ['flv', '15', ['-c:v', 'flv']],
    ['mpg', '25', ['-c:v', 'mpeg1video']],
    ['webm', '60', ['-c:v', 'vp8', '-deadline', 'realtime', '-cpu-used', '8']],
    ['mov', '175/6', ['-c:v', 'prores']],
    ['wmv', '25', ['-c:v', 'wmv2']],
  ])('of a %s at %s is found exactly, with its frames counted', async (ending, rate, codec) => {
    const { video } = await probe(await makeClip(ending, [...pictures(rate), ...codec, '-bf', '0']));
    expect(formatRational(video.rate)).toBe(rate);
    expect(video.variableRate).toBe(false);
    const frames = Math.round((2 * video.rate.num) / video.rate.den);
    expect(video.frameCount.exact).toBe(true);
    expect(Math.abs(video.frameCount.count - frames)).toBeLessThanOrEqual(1);
    expect(video.duration).toEqual(rational(video.frameCount.count * video.rate.den, video.rate.num));
    expect(video.times?.[7]).toEqual(rational(7 * video.rate.den, video.rate.num));
  });

  it('is the beat where frames are held, and called variable', async () => {
    const held = await makeClip('mp4', [
      ...[...pictures('25'), '-vf', "select='not(eq(mod(n,7),3))',settb=1/12800", ...h264],
      ...['-enc_time_base', '1/12800', '-fps_mode', 'passthrough'],
    ]);
    const { video } = await probe(held);
    expect([formatRational(video.rate), video.variableRate, video.frameCount]).toEqual([
      '25',
      true,
      { count: 43, exact: true },
    ]);
  });

  // Closed forms, without a file: times rounded to milliseconds as Matroska does.
  it.each(['24000/1001', '24', '30000/1001', '25', '1000/41', '18', '60000/1001'])(
    '%s is seen through rounding',
    (text) => {
      const rate = parseRational(text)!;
      const packets = Array.from({ length: 1500 }, (_, n) => ({ pts: Math.round((n * 1000 * rate.den) / rate.num) }));
      const timing = readTiming({ index: 0, time_base: '1/1000' }, packets, true, {}, { best_effort_timestamp: 0 });
      expect(formatRational(timing.rate)).toBe(text);
      expect(timing.variableRate).toBe(false);
      expect(onTheBeat(rational(packets[999]!.pts, 1000), timing)).toEqual(rational(999 * rate.den, rate.num));
    },
  );

  it('that drifts by more than rounding is variable', () => {
    const packets = Array.from({ length: 300 }, (_, n) => ({ pts: n * 40 + (n > 150 ? 7 : 0) }));
    const timing = readTiming({ index: 0, time_base: '1/1000' }, packets, true, {}, { best_effort_timestamp: 0 });
    expect([timing.variableRate, formatRational(timing.rate)]).toEqual([true, '25']);
  });

  it('and length of a long file are estimated, and said to be', () => {
    const packets = Array.from({ length: 4000 }, (_, n) => ({ pts: n * 512 }));
    const stream = { index: 0, time_base: '1/12800', duration_ts: 12800 * 600 };
    const timing = readTiming(stream, packets, false, {}, { best_effort_timestamp: 0 });
    expect(timing).toMatchObject({ duration: rational(600), frameCount: { count: 15_000, exact: false } });
    expect(timing.times).toBeUndefined();
  });
});

describe('pictures', () => {
  it.each([
    ['progressive', [], 'progressive'],
    ['top field first', ['-vf', 'setfield=tff', '-flags', '+ilme+ildct', '-x264-params', 'tff=1'], 'top-first'],
    ['bottom field first', ['-vf', 'setfield=bff', '-flags', '+ilme+ildct', '-x264-params', 'bff=1'], 'bottom-first'],
  ] as const)('%s', async (_, words, fieldOrder) => {
    const path = await makeClip('mp4', [...pictures('25'), '-c:v', 'libx264', '-pix_fmt', 'yuv420p', ...words]);
    expect((await probe(path)).video).toMatchObject({ fieldOrder });
  });

  it.each([
    [
      'mp4',
      ['-pix_fmt', 'yuv420p', ...h264],
      {
        pixelFormat: 'yuv420p',
        bitDepth: 8,
        alpha: false,
        color: { range: 'limited', matrix: 'bt601', assumed: true },
      },
    ],
    ['mp4', [...h264, '-pix_fmt', 'yuv420p10le'], { bitDepth: 10, alpha: false }],
    ['avi', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'], { color: { range: 'full', matrix: 'bt601' } }],
    ['mov', ['-c:v', 'prores_ks', '-profile:v', '4444', '-pix_fmt', 'yuva444p10le'], { alpha: true }],
    ['apng', ['-pix_fmt', 'rgba'], { alpha: true, color: { matrix: 'rgb', range: 'full' } }],
    [
      'mkv',
      [...h264, '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'pc'],
      { color: { range: 'full', matrix: 'bt709', primaries: 'bt709', transfer: 'bt709', assumed: false } },
    ],
  ])('in a %s with %j', async (ending, words, expected) => {
    expect((await probe(await makeClip(ending, [...pictures('10'), ...words]))).video).toMatchObject(expected);
  });

  it('take BT.709 for granted from 720 lines on', async () => {
    const path = await makeClip('mp4', [...picture('color=s=1280x720:r=5:d=0.4'), ...h264]);
    expect((await probe(path)).video.color).toMatchObject({ matrix: 'bt709', assumed: true });
  });
});

it('sound is described track by track', async () => {
  const path = await makeClip('mkv', [
    ...[...pictures('25'), ...picture('sine=d=2:r=44100'), ...picture('aevalsrc=0|0:d=2:s=48000')],
    ...[
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      ...h264,
      '-c:a:0',
      'flac',
      '-c:a:1',
      'libopus',
      '-metadata:s:a:1',
      'language=fra',
    ],
  ]);
  const { audio } = await probe(path);
  expect(audio).toMatchObject([
    { index: 1, codec: 'flac', channels: 1, sampleRate: 44_100 },
    { index: 2, codec: 'opus', channels: 2, sampleRate: 48_000, language: 'fra' },
  ]);
});

it('is not fooled by bounds it is given', async () => {
  const path = await makeClip('mp4', [...pictures('25'), ...h264]);
  for (const [limits, code] of [
    [{ maxSide: 60 }, 'input.too-large'],
    [{ maxPixels: 1000 }, 'input.too-large'],
    [{ minSide: 50 }, 'input.too-small'],
    [{ maxDuration: 1 }, 'input.too-long'],
    [{ maxFrames: 49 }, 'input.too-many-frames'],
    [{ maxRate: 20 }, 'input.rate-absurd'],
  ] as const) {
    await expect(probe(path, { limits })).rejects.toMatchObject({ code });
  }
  await expect(probe(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'job.cancelled' });
});

describe('real films', () => {
  const roundhay = sharedMedia('films/roundhay-1888.mp4');
  it.runIf(roundhay)('Roundhay: a steady beat that no container named', async () => {
    const { video, audio } = await probe(roundhay!);
    expect(video).toMatchObject({
      width: 192,
      height: 144,
      variableRate: false,
      frameCount: { count: 52, exact: true },
    });
    expect(video.rate.num / video.rate.den).toBeCloseTo(24.645, 2);
    expect(audio).toEqual([]);
  });

  const bison = sharedMedia('films/muybridge-bison.mp4');
  it.runIf(bison)('the bison: held frames, so a variable rate', async () => {
    expect((await probe(bison!)).video).toMatchObject({
      width: 400,
      height: 300,
      variableRate: true,
      frameCount: { count: 330 },
    });
  });
});
