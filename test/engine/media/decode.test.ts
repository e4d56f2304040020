/** Frames as decoded: right colours, right way up, at the exact moments they are shown. */
import { copyFile, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

import { LumiereError } from '../../../src/engine/errors.ts';
import type { Frame } from '../../../src/engine/frame.ts';
import { decodeFrames, type DecodeOptions } from '../../../src/engine/media/decode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { formatRational, rational, toNumber } from '../../../src/engine/rational.ts';
import { boxAt, changeClip, h264, makeClip, picture, scratchFolder } from '../../clips.ts';
import { processesNaming } from '../../processes.ts';
import { chartClip, worstPatch, type Matrix } from './chart.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

async function decode(path: string, options: DecodeOptions = {}): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of decodeFrames(await probe(path), options)) frames.push(frame);
  return frames;
}

const times = (frames: readonly Frame[]): string[] => frames.map((frame) => formatRational(frame.time));
const pixel = (frame: Frame, x: number, y: number): number[] => [
  ...frame.data.subarray((y * frame.width + x) * 3).subarray(0, 3),
];

describe('colour', () => {
  const lossless = ['-c:v', 'libx264', '-qp', '0', '-preset', 'ultrafast'];
  const cases: readonly [name: string, matrix: Matrix, full: boolean, words: readonly string[]][] = [
    ['601.mp4', 'bt601', false, [...lossless, '-colorspace', 'smpte170m', '-color_range', 'tv']],
    ['601-full.mp4', 'bt601', true, [...lossless, '-colorspace', 'bt470bg', '-color_range', 'pc']],
    ['709.mp4', 'bt709', false, [...lossless, '-colorspace', 'bt709', '-color_range', 'tv']],
    ['709-full.mp4', 'bt709', true, [...lossless, '-colorspace', 'bt709', '-color_range', 'pc']],
    ['2020.mp4', 'bt2020', false, [...lossless, '-colorspace', 'bt2020nc', '-color_range', 'tv']],
    ['untagged-small.mp4', 'bt601', false, lossless],
    ['ffv1.mkv', 'bt709', false, ['-c:v', 'ffv1', '-colorspace', 'bt709', '-color_range', 'tv']],
  ];
  it.each(cases)('the chart in %s comes back within 2 levels', async (name, matrix, full, words) => {
    const [frame] = await decode(await chartClip(scratch.path, name, matrix, full, words));
    expect(worstPatch(frame!)).toBeLessThanOrEqual(2);
  });

  it('a wrong matrix would be seen', async () => {
    const clip = await probe(
      await chartClip(scratch.path, 'wrong.mp4', 'bt601', false, [...lossless, '-colorspace', 'bt709']),
    );
    for await (const frame of decodeFrames(clip, { to: rational(1, 25) }))
      expect(worstPatch(frame)).toBeGreaterThan(10);
  });

  it('see-through parts are put on white', async () => {
    const filter = 'format=rgba,geq=r=200:g=0:b=0:a=255*lt(X\\,32)+128*between(X\\,32\\,47)';
    const path = await makeClip('apng', [...picture('color=s=64x48:r=5:d=0.4'), '-vf', filter]);
    const [frame] = await decode(path);
    expect(pixel(frame!, 10, 20)).toEqual([200, 0, 0]);
    expect(pixel(frame!, 60, 20)).toEqual([255, 255, 255]);
    const half = pixel(frame!, 40, 20);
    for (const [channel, value] of [(200 + 255) / 2, 127, 127].entries())
      expect(Math.abs(half[channel]! - value)).toBeLessThanOrEqual(2);
  });

  it('high dynamic range: black stays black, a graphic white near the top stays bright, and steps keep their order', async () => {
    // Steps of a PQ signal, as full-scale shares: 0, 1, 10, 100, 203, 1000 cd/m2 (SMPTE ST 2084).
    const steps = [0, 0.15, 0.302, 0.508, 0.58, 0.752].map((share) => Math.round(64 + share * 876));
    const luma = steps.map((value, index) => `${value}*between(X\\,${index * 16}\\,${index * 16 + 15})`).join('+');
    const path = await makeClip('mp4', [
      ...[...picture('color=s=96x32:r=5:d=0.4'), '-vf', `format=yuv420p10le,geq=lum='${luma}':cb=512:cr=512`],
      ...['-c:v', 'libx265', '-x265-params', 'log-level=none:lossless=1', '-color_range', 'tv'],
      ...['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'],
    ]);
    const clip = await probe(path);
    expect(clip.video).toMatchObject({ bitDepth: 10, color: { hdr: 'pq', matrix: 'bt2020', range: 'limited' } });
    const [frame] = await decode(path);
    const levels = steps.map((_, index) => pixel(frame!, index * 16 + 8, 16)[1]!);
    expect(levels[0]).toBeLessThanOrEqual(3);
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    expect(new Set(levels).size).toBe(levels.length);
    expect(levels[4]).toBeGreaterThan(140);
  });
});

describe('geometry', () => {
  // Left upper corner red, right upper green, left lower blue, right lower white.
  const corners = "geq=r='255*(lt(X\\,32)*lt(Y\\,24)+gte(X\\,32)*gte(Y\\,24))':g='255*gte(X\\,32)':b='255*gte(Y\\,24)'";
  const letter = ([r, g, b]: number[]): string => {
    const [red, green, blue] = [r! > 128, g! > 128, b! > 128];
    return red && green && blue ? 'w' : red ? 'r' : green ? 'g' : blue ? 'b' : '?';
  };
  const read = (frame: Frame): string => {
    const [w, h] = [frame.width, frame.height];
    return [
      [w >> 2, h >> 2],
      [(w * 3) >> 2, h >> 2],
      [w >> 2, (h * 3) >> 2],
      [(w * 3) >> 2, (h * 3) >> 2],
    ]
      .map(([x, y]) => letter(pixel(frame, x!, y!)))
      .join('');
  };
  // Matrix a, b, c, d: x' = a x + c y, y' = b x + d y, and what then stands in the four corners.
  const ways: readonly [
    matrix: readonly [number, number, number, number],
    shown: string,
    size: readonly [number, number],
  ][] = [
    [[1, 0, 0, 1], 'rgbw', [64, 48]],
    [[0, 1, -1, 0], 'brwg', [48, 64]],
    [[-1, 0, 0, -1], 'wbgr', [64, 48]],
    [[0, -1, 1, 0], 'gwrb', [48, 64]],
    [[-1, 0, 0, 1], 'grwb', [64, 48]],
    [[1, 0, 0, -1], 'bwrg', [64, 48]],
    [[0, 1, 1, 0], 'rbgw', [48, 64]],
    [[0, -1, -1, 0], 'wgbr', [48, 64]],
  ];
  it.each(ways)('the matrix %j shows %s', async (matrix, shown, size) => {
    const upright = await makeClip('mp4', [
      ...picture('color=s=64x48:r=5:d=0.4'),
      '-vf',
      `format=gbrp,${corners}`,
      ...h264,
    ]);
    const path = await changeClip(upright, 'mp4', (bytes) => {
      const at = boxAt(bytes, 'tkhd') + 4 + 40;
      for (const [index, value] of [matrix[0], matrix[1], 0, matrix[2], matrix[3], 0].entries()) {
        bytes.writeInt32BE(value * 0x10000, at + index * 4);
      }
      return bytes;
    });
    const [frame] = await decode(path);
    expect(read(frame!)).toBe(shown);
    expect([frame!.width, frame!.height]).toEqual(size);
  });

  it.each([
    ['16/15', 77, 54],
    ['8/9', 72, 61],
    ['1000/1', 72, 54],
  ])('pixels of %s are made square and none is thrown away', async (ratio, width, height) => {
    const path = await makeClip('mkv', [
      ...picture('testsrc=s=72x54:r=5:d=0.4'),
      '-vf',
      `setsar=${ratio}:max=10000`,
      '-c:v',
      'ffv1',
    ]);
    const [frame] = await decode(path);
    expect([frame!.width, frame!.height]).toEqual([width, height]);
  });

  it('gives frames of the size asked for', async () => {
    const path = await makeClip('mp4', [...picture('color=0x406080:s=64x48:r=5:d=0.4'), ...h264]);
    const [frame] = await decode(path, { scale: { width: 20, height: 15 } });
    expect([frame!.width, frame!.height, frame!.data.length]).toEqual([20, 15, 900]);
    for (const [channel, value] of [0x40, 0x60, 0x80].entries())
      expect(Math.abs(pixel(frame!, 10, 7)[channel]! - value)).toBeLessThanOrEqual(2);
  });
});

describe('time', () => {
  const variable = () =>
    makeClip('mp4', [
      ...[
        ...picture('testsrc2=s=64x48:r=30:d=1'),
        '-vf',
        "select='not(mod(n,3))+eq(n,4)+gt(n,20)',settb=1/90000",
        ...h264,
      ],
      ...['-enc_time_base', '1/90000', '-fps_mode', 'passthrough', '-bf', '2', '-video_track_timescale', '90000'],
    ]);

  it('is kept exactly where the rate varies', async () => {
    const path = await variable();
    const expected = [0, 3, 4, 6, 9, 12, 15, 18, 21, 22, 23, 24, 25, 26, 27, 28, 29].map((n) =>
      formatRational(rational(n, 30)),
    );
    const clip = await probe(path);
    expect(clip.video.variableRate).toBe(true);
    expect(clip.video.times?.map(formatRational)).toEqual(expected);
    expect(times(await decode(path))).toEqual(expected);
  });

  it('is that of the frames that a filter leaves, drops or adds', async () => {
    const path = await variable();
    const every = times(await decode(path)).filter((_, index) => index % 4 === 0);
    expect(times(await decode(path, { filters: ["select='not(mod(n,4))'"] }))).toEqual(every);
    const fields = await makeClip('mp4', [
      ...[...picture('testsrc2=s=64x48:r=50:d=0.4'), '-vf', 'tinterlace=interleave_top,setfield=tff'],
      ...['-c:v', 'libx264', '-flags', '+ilme+ildct', '-x264-params', 'tff=1', '-pix_fmt', 'yuv420p'],
    ]);
    expect((await probe(fields)).video).toMatchObject({ fieldOrder: 'top-first', rate: rational(25) });
    const doubled = await decode(fields, { filters: ['bwdif=mode=send_field'] });
    expect(times(doubled)).toEqual(Array.from({ length: 20 }, (_, n) => formatRational(rational(n, 50))));
  });

  it('counts from the first frame, wherever the file begins', async () => {
    const late = await makeClip('ts', [
      ...picture('testsrc2=s=64x48:r=25:d=1'),
      '-itsoffset',
      '-0.5',
      ...picture('sine=d=2'),
      ...h264,
    ]);
    const clip = await probe(late);
    expect(times(await decode(late)).slice(0, 3)).toEqual(['0', '1/25', '2/25']);
    expect(toNumber(clip.video.start)).toBeGreaterThan(1);
    expect(Math.abs(toNumber(clip.audio[0]!.offset) + 0.5)).toBeLessThan(0.03);
  });

  it('leaves out what an edit list leaves out', async () => {
    const whole = await makeClip('mp4', [...picture('testsrc2=s=64x48:r=25:d=2'), ...h264, '-bf', '2', '-g', '25']);
    const cut = await makeClip('mp4', ['-ss', '1.2', '-i', whole, '-c', 'copy']);
    const frames = await decode(cut);
    expect(times(frames).slice(0, 2)).toEqual(['0', '1/25']);
    expect(frames).toHaveLength(20);
    expect(frames[0]!.data).toEqual((await decode(whole))[30]!.data);
  });

  it('bounds the frames given, on the same clock', async () => {
    const path = await makeClip('mp4', [
      ...picture('testsrc2=s=64x48:r=30000/1001:d=3'),
      ...h264,
      '-bf',
      '2',
      '-g',
      '20',
    ]);
    const all = await decode(path);
    const some = await decode(path, { from: all[41]!.time, to: all[44]!.time });
    expect(times(some)).toEqual(times(all.slice(41, 44)));
    expect(some[0]!.data).toEqual(all[41]!.data);
  });

  it('follows the delays of an animated GIF', async () => {
    const path = await makeClip('gif', [
      ...picture('testsrc2=s=64x48:r=10:d=1'),
      '-vf',
      "select='not(eq(n,3)+eq(n,4))'",
      '-fps_mode',
      'vfr',
    ]);
    expect(times(await decode(path))).toEqual([0, 1, 2, 5, 6, 7, 8, 9].map((n) => formatRational(rational(n, 10))));
  });

  it('refuses an animated WebP that is too large a file to be read whole, by its bytes', async () => {
    const path = `${scratch.path}/padded.webp`;
    const frames = ['#f00', '#0f0'].map((background) => ({
      create: { width: 32, height: 32, channels: 3, background } as const,
    }));
    const pictures = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()));
    await sharp(pictures, { join: { animated: true } })
      .webp({ delay: [100, 100] })
      .toFile(path);
    await truncate(path, 130 * 2 ** 20);
    await expect(probe(path)).rejects.toMatchObject({
      code: 'input.file-too-large',
      params: { bytes: 130 * 2 ** 20, limit: 128 * 2 ** 20 },
    });
  });

  it('follows the delays of an animated WebP', async () => {
    const stills = await Promise.all(
      [0, 80, 160].map((r) =>
        sharp({ create: { width: 64, height: 48, channels: 3, background: { r, g: 100, b: 50 } } })
          .png()
          .toBuffer(),
      ),
    );
    const path = `${scratch.path}/animated.webp`;
    await sharp(stills, { join: { animated: true } })
      .webp({ delay: [100, 50, 200], lossless: true })
      .toFile(path);
    const clip = await probe(path);
    expect(clip.video).toMatchObject({
      variableRate: true,
      duration: rational(35, 100),
      frameCount: { count: 3, exact: true },
    });
    const frames = await decode(path);
    expect(times(frames)).toEqual(['0', '1/10', '3/20']);
    expect(frames.map((frame) => pixel(frame, 30, 20))).toEqual([0, 80, 160].map((r) => [r, 100, 50]));
    expect(times(await decode(path, { from: rational(1, 10) }))).toEqual(['1/10', '3/20']);
  });
});

describe('the pipe', () => {
  /** A copy of this file's own: who reads it is this file's as well. */
  const long = async (): Promise<string> => {
    const path = join(scratch.path, 'long.mp4');
    await copyFile(await makeClip('mp4', [...picture('testsrc2=s=320x240:r=25:d=40'), ...h264]), path);
    return path;
  };
  /** Bytes that the ffmpeg which reads `path` has written so far. */
  const written = async (path: string): Promise<number> => {
    const { pid } = processesNaming(path)[0]!;
    return Number(/wchar: (\d+)/.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1]);
  };

  it.runIf(process.platform === 'linux')(
    'is not read ahead of who asks, and ffmpeg is gone once nobody does',
    async () => {
      const path = await long();
      const frames = decodeFrames(await probe(path));
      await frames.next();
      await wait(400);
      const size = 320 * 240 * 3;
      expect(await written(path)).toBeLessThan(12 * size);
      await frames.return(undefined);
      expect(processesNaming(path)).toEqual([]);
    },
  );

  it('stops within a moment of being cancelled', async () => {
    const path = await long();
    const controller = new AbortController();
    const clip = await probe(path);
    const work = (async () => {
      for await (const frame of decodeFrames(clip, { signal: controller.signal }))
        if (toNumber(frame.time) > 1) controller.abort();
    })();
    await expect(work).rejects.toMatchObject({ code: 'job.cancelled' });
    if (process.platform === 'linux') expect(processesNaming(path)).toEqual([]);
  });

  it('gives up on a decoder that brings nothing', async () => {
    const clip = await probe(await long());
    const work = (async () => {
      for await (const frame of decodeFrames(clip, { filters: ["select='lt(n,2)'"], limits: { stallMs: 300 } }))
        expect(frame.width).toBe(320);
    })();
    // Either it is over before the watchdog looks, or the watchdog ends it; it never waits on.
    await work.catch((error: unknown) => {
      expect(error).toBeInstanceOf(LumiereError);
      expect((error as LumiereError).code).toBe('input.timeout');
    });
  });
});
