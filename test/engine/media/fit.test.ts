/** A bound on the size of the result holds to the byte, and what it cost is said in the order it was given up. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { LumiereError } from '../../../src/engine/errors.ts';
import { parseByteSize } from '../../../src/engine/media/byte-size.ts';
import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { proposeAttempt, type Master } from '../../../src/engine/media/fit-plan.ts';
import { encodeWithin, type Fitted } from '../../../src/engine/media/fit.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { clipSound } from '../../../src/engine/media/sound-source.ts';
import { rational, toNumber } from '../../../src/engine/rational.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

const source = () =>
  makeClip('mp4', [
    ...[...picture('mandelbrot=s=320x240:r=24'), ...picture('anoisesrc=a=0.1:d=4:r=44100:seed=1'), '-t', '4'],
    ...[...h264, '-crf', '10', '-c:a', 'aac', '-b:a', '128k'],
  ]);

async function fit(maxBytes: number | undefined, name: string): Promise<Fitted & { attempts: number }> {
  const clip = await probe(await source());
  const { width, height, rate } = clip.video;
  let attempts = 0;
  const result = await encodeWithin(decodeFrames(clip), {
    ...{ path: join(scratch.path, name), width, height, rate, preset: 'veryfast', ...clipSound(clip) },
    ...(maxBytes !== undefined && { maxBytes }),
    onFitting: ({ attempt }) => {
      attempts = attempt;
    },
  });
  expect((await stat(result.path)).size).toBe(result.bytes);
  if (maxBytes !== undefined) expect(result.bytes).toBeLessThanOrEqual(maxBytes);
  return { ...result, attempts };
}

describe('a result within a number of bytes', async () => {
  const free = await fit(undefined, 'free.mp4');

  it('is encoded once where no bound is given, or the bound is wide', async () => {
    expect(free).toMatchObject({ attempts: 0, givenUp: [] });
    expect(await fit(free.bytes, 'wide.mp4')).toMatchObject({ attempts: 0, givenUp: [], bytes: free.bytes });
  });

  it.each([
    [0.98, ['quality']],
    [0.5, ['quality', 'sound']],
    [0.2, ['bit-rate', 'sound']],
    [0.09, ['bit-rate', 'sound', 'size']],
  ] as const)('of %d of what it would have, gives up %j', async (share, what) => {
    const maxBytes = Math.floor(free.bytes * share);
    const result = await fit(maxBytes, `${share}.mp4`);
    expect(result.givenUp.map((loss) => loss.what)).toEqual(what);
    expect(result.attempts).toBeLessThanOrEqual(6);
    // Not much more is given up than was asked for.
    expect(result.bytes).toBeGreaterThan(maxBytes * 0.6);
    const clip = await probe(result.path);
    expect(clip.video).toMatchObject({ width: result.width, height: result.height, rate: result.rate });
    expect(toNumber(clip.video.duration)).toBeCloseTo(4, 1);
    expect(clip.audio).toHaveLength(1);
  });

  it('that cannot be reached is an error, and nothing is left', async () => {
    const before = await readdir(scratch.path);
    const work = fit(4000, 'none.mp4');
    await expect(work).rejects.toBeInstanceOf(LumiereError);
    await expect(work).rejects.toMatchObject({ code: 'output.size-unreachable', params: { limit: 4000 } });
    expect(await readdir(scratch.path)).toEqual(before);
  });
});

describe('what to try next', () => {
  const master: Master = {
    ...{ crf: 18, videoBytes: 100e6, soundBytes: 2e6, width: 1280, height: 960 },
    ...{ rate: rational(60), duration: 60, channels: 2 },
  };

  it('goes from quality to an average, to a smaller picture, to fewer frames, to nothing', () => {
    const order = [80e6, 30e6, 15e6, 5e6, 1.5e6, 0.75e6, 0.1e6].map((bytes) => {
      const attempt = proposeAttempt(master, bytes, 1);
      if (!attempt) return 'nothing';
      if ('crf' in attempt.quality) return 'quality';
      return attempt.keepOneIn > 1 ? 'fewer frames' : attempt.width < 1280 ? 'smaller picture' : 'average';
    });
    expect(order).toEqual([
      'quality',
      'quality',
      'average',
      'smaller picture',
      'smaller picture',
      'fewer frames',
      'nothing',
    ]);
  });

  it('gives up less for more room, and more when what came out was larger than expected', () => {
    const at = (bytes: number, harder: number) => proposeAttempt(master, bytes, harder)?.likeCrf ?? 99;
    expect(at(30e6, 1)).toBeLessThan(at(25e6, 1));
    expect(at(30e6, 1.2)).toBeGreaterThan(at(30e6, 1));
  });

  it('makes no picture smaller than its letters can be read in', () => {
    const widths = (leastScale?: number): number[] =>
      [20e6, 5e6, 2e6, 1.5e6, 1e6].map(
        (bytes) =>
          proposeAttempt({ ...master, ...(leastScale !== undefined && { leastScale }) }, bytes, 1)?.width ?? 1280,
      );
    expect(Math.min(...widths(0.6))).toBe(Math.round((1280 * 0.66) / 2) * 2);
    expect(Math.min(...widths())).toBeLessThan(600);
  });

  it('asks for no bit rate that the encoder refuses', () => {
    const tiny = { ...master, width: 96, height: 72, duration: 100, videoBytes: 20_000 };
    const rates = Array.from({ length: 40 }, (_, step) => proposeAttempt(tiny, 3000 + step * 100, 1)?.quality)
      .map((quality) => (quality && 'bitRate' in quality ? quality.bitRate : undefined))
      .filter((bits) => bits !== undefined);
    expect(rates.filter((bits) => bits < 1000)).toEqual([]);
  });

  it('keeps sizes even and above what can be seen, and rates above 10', () => {
    for (let bytes = 200e6; bytes > 1e5; bytes *= 0.8) {
      const attempt = proposeAttempt(master, bytes, 1);
      if (!attempt) continue;
      expect(attempt.width % 2).toBe(0);
      expect(attempt.height % 2).toBe(0);
      expect(attempt.height).toBeGreaterThanOrEqual(96);
      expect(60 / attempt.keepOneIn).toBeGreaterThanOrEqual(10);
    }
  });
});

describe('sizes in words', () => {
  it.each([
    ['10MiB', 10_485_760],
    ['10MB', 10_000_000],
    ['8388608', 8_388_608],
    [' 1.5 MiB ', 1_572_864],
    ['25m', 26_214_400],
    ['500kB', 500_000],
    ['0', undefined],
    ['-1MB', undefined],
    ['ten', undefined],
    ['10 parsecs', undefined],
    ['1e9', undefined],
    ['99999999999GiB', undefined],
  ])('%j is %s bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });
});
