/** Files as written: exact rates, right colours in numbers and tags, nothing told, nothing half-written, sound in its place. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

import type { Frame } from '../../../src/engine/frame.ts';
import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { encodeFrames, type EncodeOptions } from '../../../src/engine/media/encode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { clipSound } from '../../../src/engine/media/sound-source.ts';
import { formatRational, parseRational, rational, type Rational } from '../../../src/engine/rational.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';
import * as chart from './chart.ts';

const run = promisify(execFile);
const scratch = await scratchFolder();
afterAll(scratch.remove);

async function* flat(
  count: number,
  rate: Rational,
  size = { width: 64, height: 48 },
  level = 128,
): AsyncGenerator<Frame> {
  for (let index = 0; index < count; index += 1) {
    const data = new Uint8Array(size.width * size.height * 3).fill(level);
    yield await Promise.resolve({ format: 'rgb24', data, ...size, time: rational(index * rate.den, rate.num) });
  }
}

const quick = { width: 64, height: 48, preset: 'ultrafast' } as const;
let written = 0;
const target = (): string => join(scratch.path, `result-${(written += 1)}.mp4`);

interface Shown {
  readonly streams: readonly Record<string, unknown>[];
  readonly format: Record<string, unknown>;
  readonly packets: readonly { readonly pts: number; readonly duration: number }[];
}

async function show(path: string, ...words: string[]): Promise<Shown> {
  const all = ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', ...words, path];
  return JSON.parse((await run('ffprobe', all, { maxBuffer: 2 ** 26 })).stdout) as Shown;
}

describe('rates', () => {
  const rates = ['24000/1001', '30000/1001', '60000/1001', '175/6', '60', '25', '16', '100/3', '74/3', '1000003/33334'];
  it.each(rates)('%s frames a second come out exact', async (text) => {
    const rate = parseRational(text)!;
    const path = target();
    const result = await encodeFrames(flat(50, rate), { ...quick, path, rate });
    expect(result).toMatchObject({ frames: 50, duration: rational(50 * rate.den, rate.num) });
    const { streams, packets } = await show(path, '-select_streams', 'v:0', '-show_packets');
    expect(streams[0]).toMatchObject({
      r_frame_rate: expect.stringContaining('/') as unknown,
      nb_frames: '50',
      start_pts: 0,
    });
    const base = parseRational(streams[0]!['time_base'] as string)!;
    // Each frame begins at its exact moment and lasts exactly one beat.
    const shown = packets.map(({ pts }) => pts).sort((a, b) => a - b);
    const beat = (rate.den * base.den) / (rate.num * base.num);
    expect(Number.isInteger(beat)).toBe(true);
    expect(shown).toEqual(Array.from({ length: 50 }, (_, index) => index * beat));
    expect(streams[0]!['duration_ts']).toBe(50 * beat);
    expect(streams[0]!['avg_frame_rate']).toBe(`${rate.num}/${rate.den}`);
    expect(formatRational((await probe(path)).video.rate)).toBe(formatRational(rate));
  });

  it('a frame that is not on the beat is a mistake of ours, and said so', async () => {
    const frames = flat(10, rational(24));
    await expect(encodeFrames(frames, { ...quick, path: target(), rate: rational(25) })).rejects.toBeInstanceOf(
      RangeError,
    );
  });
});

describe('colour', () => {
  async function* charts(): AsyncGenerator<Frame> {
    for (let index = 0; index < 5; index += 1) yield await Promise.resolve(chart.chartFrame(index));
  }
  const options = { width: chart.width, height: chart.height, rate: rational(25), quality: { crf: 1 } };

  it('is BT.709 in the numbers stored, by the closed form', async () => {
    const path = target();
    await encodeFrames(charts(), { ...options, path });
    const stored = await chart.storedPicture(scratch.path, path);
    const luma = chart.width * chart.height;
    for (const [index, rgb] of chart.patches.entries()) {
      const [x, y] = [(index % 8) * chart.side + 8, Math.floor(index / 8) * chart.side + 8];
      const chroma = (y / 2) * (chart.width / 2) + x / 2;
      const found = [stored[y * chart.width + x]!, stored[luma + chroma]!, stored[luma * 1.25 + chroma]!];
      for (const [plane, value] of chart.toYuv(rgb, 'bt709', false).entries()) {
        expect(Math.abs(found[plane]! - value), `plane ${plane} of patch ${rgb.join()}`).toBeLessThanOrEqual(1.5);
      }
    }
  });

  it('is tagged as what it is, High profile and 4:2:0', async () => {
    const path = target();
    await encodeFrames(charts(), { ...options, quality: { crf: 20 }, preset: 'ultrafast', path });
    const { streams } = await show(path);
    expect(streams[0]).toMatchObject({
      ...{ codec_name: 'h264', profile: 'High', pix_fmt: 'yuv420p', sample_aspect_ratio: '1:1' },
      ...{ color_range: 'tv', color_space: 'bt709', color_primaries: 'bt709', color_transfer: 'bt709' },
    });
  });

  it('comes back within 2 levels from decoding, encoding and decoding again', async () => {
    const source = await chart.chartClip(scratch.path, 'round.mp4', 'bt601', false, [
      ...['-c:v', 'libx264', '-qp', '0', '-preset', 'ultrafast', '-colorspace', 'smpte170m', '-color_range', 'tv'],
    ]);
    const path = target();
    await encodeFrames(decodeFrames(await probe(source)), { ...options, path });
    for await (const frame of decodeFrames(await probe(path))) expect(chart.worstPatch(frame)).toBeLessThanOrEqual(2);
  });
});

describe('the file', () => {
  it('gains a column and a row where its size is odd, repeated from the last', async () => {
    const path = target();
    const size = { width: 63, height: 47 };
    const result = await encodeFrames(flat(5, rational(25), size, 200), {
      ...quick,
      ...size,
      path,
      rate: rational(25),
    });
    expect(result).toMatchObject({ width: 64, height: 48 });
    for await (const { data, width, height } of decodeFrames(await probe(path))) {
      expect([width, height]).toEqual([64, 48]);
      expect(Math.abs(data.at(-1)! - 200)).toBeLessThanOrEqual(2);
    }
  });

  it('has its index first, and tells nothing of where it came from', async () => {
    const source = await makeClip('mp4', [
      ...[...picture('testsrc2=s=64x48:r=25:d=1'), ...picture('sine=d=1'), ...h264, '-c:a', 'aac'],
      ...[
        '-metadata',
        'title=secret',
        '-metadata',
        'location=+48.8-2.3/',
        '-metadata',
        'creation_time=2020-02-02T00:00:00Z',
      ],
      ...[
        '-metadata:s:a',
        'handler_name=secret',
        '-metadata:s:v',
        'handler_name=secret',
        '-metadata:s:a',
        'language=fra',
      ],
    ]);
    expect((await readFile(source)).includes('secret')).toBe(true);
    const clip = await probe(source);
    const path = target();
    await encodeFrames(decodeFrames(clip), { ...quick, path, rate: clip.video.rate, ...clipSound(clip) });
    const bytes = await readFile(path);
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    expect(bytes.includes('secret')).toBe(false);
    const { format, streams } = await show(path);
    expect(Object.keys(format['tags'] as object)).toEqual(['major_brand', 'minor_version', 'compatible_brands']);
    expect(JSON.stringify(streams)).not.toMatch(/"fra"|2020|secret/);
  });

  it('carries a label where it was put', async () => {
    const png = join(scratch.path, "la:bel's.png");
    await sharp({ create: { width: 16, height: 8, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 1 } } })
      .png()
      .toFile(png);
    const path = target();
    const options: EncodeOptions = {
      ...quick,
      path,
      rate: rational(25),
      quality: { crf: 4 },
      overlay: { png, x: -8, y: -4 },
    };
    await encodeFrames(flat(30, rational(25)), options);
    let frames = 0;
    for await (const frame of decodeFrames(await probe(path))) {
      const at = (x: number, y: number) => [...frame.data.subarray((y * 64 + x) * 3).subarray(0, 3)];
      for (const [channel, value] of [255, 0, 0].entries())
        expect(Math.abs(at(48, 40)[channel]! - value)).toBeLessThan(12);
      for (const value of at(30, 20)) expect(Math.abs(value - 128)).toBeLessThanOrEqual(2);
      for (const value of at(60, 46)) expect(Math.abs(value - 128)).toBeLessThan(12);
      frames += 1;
    }
    expect(frames).toBe(30);
  });
});

describe('what goes wrong leaves nothing behind', () => {
  const own = async (name: string): Promise<string> => {
    const folder = join(scratch.path, name);
    await mkdir(folder);
    return folder;
  };

  it('cancelled', async () => {
    const folder = await own('cancelled');
    const controller = new AbortController();
    async function* slow(): AsyncGenerator<Frame> {
      for await (const frame of flat(500, rational(25))) {
        if (frame.time.num > frame.time.den) controller.abort();
        yield frame;
      }
    }
    const path = join(folder, 'out.mp4');
    const work = encodeFrames(slow(), { ...quick, path, rate: rational(25), signal: controller.signal });
    await expect(work).rejects.toMatchObject({ code: 'job.cancelled' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('the frames fail', async () => {
    const folder = await own('failing');
    async function* failing(): AsyncGenerator<Frame> {
      yield* flat(5, rational(25));
      throw new Error('the model broke');
    }
    const path = join(folder, 'out.mp4');
    await writeFile(path, 'what stood here before');
    await expect(encodeFrames(failing(), { ...quick, path, rate: rational(25) })).rejects.toThrow('the model broke');
    expect(await readdir(folder)).toEqual(['out.mp4']);
    expect(await readFile(path, 'utf8')).toBe('what stood here before');
  });

  it('no folder, a file for a folder, a folder for a file', async () => {
    const folder = await own('unwritable');
    await writeFile(join(folder, 'file'), '');
    for (const path of [join(folder, 'no', 'out.mp4'), join(folder, 'file', 'out.mp4'), folder]) {
      const work = encodeFrames(flat(5, rational(25)), { ...quick, path, rate: rational(25) });
      await expect(work).rejects.toMatchObject({ code: 'output.unwritable', params: { path } });
    }
  });

  it.runIf(process.getuid !== undefined && process.getuid() !== 0)('a folder closed to us', async () => {
    const folder = await own('closed');
    await chmod(folder, 0o500);
    const path = join(folder, 'out.mp4');
    const work = encodeFrames(flat(5, rational(25)), { ...quick, path, rate: rational(25) });
    await expect(work).rejects.toMatchObject({ code: 'output.unwritable' });
  });

  // A process of its own under a bound on the size of files, which is how a full disk can be had without filling one.
  it.runIf(process.platform !== 'win32')('no room for the result', async () => {
    const folder = await own('full');
    const script = fileURLToPath(new URL('./encode-noise.ts', import.meta.url));
    const bounded = ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, '--import', 'tsx', script];
    const { stdout } = await run('/bin/sh', [...bounded, join(folder, 'out.mp4')]);
    expect(stdout.trim()).toBe('output.disk-full');
    expect(await readdir(folder)).toEqual([]);
  });
});
