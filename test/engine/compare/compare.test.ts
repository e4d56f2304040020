/** Comparisons measured on flat colours and steps, whose result is known in closed form. */
import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { compareClips } from '../../../src/engine/compare/compare-clips.ts';
import { openMedia } from '../../../src/engine/media/open-media.ts';
import { comparePictures } from '../../../src/engine/compare/compare-pictures.ts';
import { arrangePanels, labelHeight } from '../../../src/engine/compare/panels.ts';
import { grabFrame as grab, pictureOf } from '../../../src/engine/compare/still-frame.ts';
import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { toNumber } from '../../../src/engine/rational.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';

let folder: Awaited<ReturnType<typeof scratchFolder>>;
beforeAll(async () => {
  folder = await scratchFolder();
});
afterAll(() => folder.remove());

/** The pixel at x, y (shares of width and height) as [r, g, b]. */
async function pixel(image: Buffer | string, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
  return [...data.subarray(at, at + 3)];
}

const grabFrame = async (path: string, seconds: number): Promise<Buffer> => grab(await probe(path), seconds);

const isNear =
  (wanted: readonly number[]) =>
  (colour: number[]): boolean =>
    near(colour, wanted);

const near = (colour: readonly number[], wanted: readonly number[]): boolean =>
  colour.every((value, i) => Math.abs(value - wanted[i]!) <= 4);

describe('panels', () => {
  it('take the height of the taller one and keep both shapes', () => {
    expect(arrangePanels({ width: 192, height: 144 }, { width: 768, height: 576 }, 2)).toEqual({
      panel: { width: 768, height: 576 },
      fitted: [
        { width: 768, height: 576 },
        { width: 768, height: 576 },
      ],
    });
    const { panel, fitted } = arrangePanels({ width: 100, height: 100 }, { width: 160, height: 90 }, 1);
    expect(panel).toEqual({ width: 178, height: 100 });
    expect(fitted.map(({ width }) => width)).toEqual([100, 178]);
  });

  it('shrink together where they would be too wide', () => {
    const { panel } = arrangePanels({ width: 3840, height: 2160 }, { width: 3840, height: 2160 }, 2);
    expect(panel).toEqual({ width: 1920, height: 1080 });
  });

  it('have labels that are never tiny or huge', () => {
    expect(labelHeight({ width: 100, height: 80 })).toBe(16);
    expect(labelHeight({ width: 1280, height: 960 })).toBe(67);
    expect(labelHeight({ width: 4000, height: 3000 })).toBe(72);
  });
});

describe('comparing clips', () => {
  async function copyOf(name: string): Promise<string> {
    const path = join(folder.path, name);
    await cp(await makeClip('mp4', [...picture(red), ...h264]), path);
    return path;
  }

  const red = 'color=red:size=64x48:rate=12:duration=1';
  const blue = 'color=blue:size=128x96:rate=24000/1001:duration=2';

  it('matches size, rate and length side by side; the shorter one holds its last frame', async () => {
    const [a, b] = await Promise.all([
      makeClip('mp4', [...picture(red), ...h264]),
      makeClip('mp4', [...picture(blue), ...h264]),
    ]);
    const out = join(folder.path, 'side.mp4');
    const seen: number[] = [];
    const result = await compareClips(await openMedia(a), await openMedia(b), out, {
      layout: 'side',
      onProgress: (done) => seen.push(done),
    });
    expect(result).toMatchObject({ width: 256, height: 96, rate: { num: 24000, den: 1001 } });
    const { video, audio } = await probe(out);
    expect([video.width, video.height, video.rate]).toEqual([256, 96, { num: 24000, den: 1001 }]);
    expect(toNumber(video.duration)).toBeCloseTo(2, 1);
    expect(audio).toEqual([]);
    const late = await grabFrame(out, 1.7);
    expect(near(await pixel(late, 0.25, 0.5), [254, 0, 0])).toBe(true);
    expect(near(await pixel(late, 0.75, 0.5), [0, 0, 254])).toBe(true);
    expect(seen.at(-1)).toBe(48);
  });

  it('moves the divider: in the middle at first, to the right a quarter of its journey later', async () => {
    const [a, b] = await Promise.all([
      makeClip('mp4', [...picture('color=red:size=320x240:rate=10:duration=2'), ...h264]),
      makeClip('mp4', [...picture('color=blue:size=320x240:rate=10:duration=2'), ...h264]),
    ]);
    const out = join(folder.path, 'divider.mp4');
    await compareClips(await openMedia(a), await openMedia(b), out, { layout: 'divider' });
    const edge = async (seconds: number): Promise<number> => {
      const frame = await grabFrame(out, seconds);
      const { data, info } = await sharp(frame).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const row = Math.floor(info.height / 2) * info.width * 3;
      for (let x = 0; x < info.width; x += 1) if (data[row + x * 3 + 2]! > 128) return x / info.width;
      return 1;
    };
    expect(await edge(0)).toBeCloseTo(0.5, 1);
    expect(await edge(1.5)).toBeCloseTo(0.9, 1);
  });

  it('takes the sound of the second, or else of the first, and holds a still as long as the clip', async () => {
    const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=1'];
    const sounding = await makeClip('mp4', [...picture(red), ...tone, ...h264, '-c:a', 'aac']);
    const still = join(folder.path, 'still.png');
    await sharp({ create: { width: 90, height: 60, channels: 3, background: '#0f0' } })
      .png()
      .toFile(still);
    const out = join(folder.path, 'still.mp4');
    await compareClips(await openMedia(sounding), await openMedia(still), out, { layout: 'side' });
    const found = await probe(out);
    expect(found.audio).toHaveLength(1);
    expect(toNumber(found.video.duration)).toBeCloseTo(1, 1);
    expect(near(await pixel(await grabFrame(out, 0.9), 0.75, 0.5), [0, 254, 0])).toBe(true);
  });

  /** An animated WebP: three frames, red, green and blue, shown for 100, 300 and 200 ms. */
  async function webp(): Promise<string> {
    const [width, height] = [60, 40];
    const colours = ['#f00', '#0f0', '#00f'].map((background) => ({
      create: { width, height, channels: 3, background } as const,
    }));
    const frames = await Promise.all(colours.map((colour) => sharp(colour).png().toBuffer()));
    const path = join(folder.path, 'three.webp');
    await sharp(frames, { join: { animated: true } })
      .webp({ lossless: true, delay: [100, 300, 200] })
      .toFile(path);
    return path;
  }

  it('shows an animated WebP with its own timing, on either side or on both', async () => {
    const path = await webp();
    const flat = await makeClip('mp4', [...picture(red), ...h264]);
    const [moving, plain] = [await openMedia(path), await openMedia(flat)];
    const out = join(folder.path, 'webp.mp4');
    for (const [sides, places] of [
      [[moving, plain], [0.25]],
      [[plain, moving], [0.75]],
      [
        [moving, moving],
        [0.25, 0.75],
      ],
    ] as const) {
      await compareClips(sides[0], sides[1], out, { layout: 'side' });
      for (const [seconds, colour] of [
        [0.01, [254, 0, 0]],
        [0.25, [0, 254, 0]],
        [0.55, [0, 0, 254]],
      ] as const) {
        const frame = await grabFrame(out, seconds);
        for (const x of places) expect(await pixel(frame, x, 0.5), `${seconds}`).toSatisfy(isNear(colour));
      }
    }
  });

  it('takes a still out of an animated WebP', async () => {
    const side = await openMedia(await webp());
    expect(await pixel(await pictureOf(side), 0.5, 0.5)).toEqual([0, 255, 0]);
    expect(await pixel(await pictureOf(side, 0.55), 0.5, 0.5)).toEqual([0, 0, 255]);
    await expect(pictureOf(side, 0.6)).rejects.toMatchObject({
      code: 'request.invalid',
      params: { expected: '0..0.60' },
    });
  });

  it('tone-maps a clip of high dynamic range as a restoration does, moving and still', async () => {
    const tags = 'color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv';
    const hdr = await makeClip('mp4', [
      ...[...picture('color=c=0x959595:s=64x48:r=10:d=0.5'), '-vf', `format=yuv420p10le,setparams=${tags}`],
      ...['-c:v', 'libx265', '-x265-params', 'log-level=none', '-color_primaries', 'bt2020'],
      ...['-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_range', 'tv'],
    ]);
    const side = await openMedia(hdr);
    let wanted: number[] = [];
    for await (const { data } of decodeFrames(await probe(hdr))) wanted = [...data.subarray(0, 3)];
    // Taken as an ordinary clip it would be the grey it is stored as.
    expect(Math.abs(wanted[0]! - 0x95)).toBeGreaterThan(20);
    expect(await pixel(await pictureOf(side), 0.5, 0.5)).toEqual(wanted);
    const out = join(folder.path, 'hdr.mp4');
    await compareClips(side, side, out, { layout: 'side' });
    expect(await pixel(await grabFrame(out, 0.2), 0.25, 0.5)).toSatisfy(isNear(wanted));
  });

  it('refuses to write over either of its sides, and leaves it as it was', async () => {
    const [a, b] = await Promise.all([openMedia(await copyOf('a.mp4')), openMedia(await copyOf('b.mp4'))]);
    for (const name of ['a.mp4', 'b.mp4']) {
      const path = join(folder.path, name);
      const { mtimeMs } = await stat(path);
      await expect(compareClips(a, b, path, { layout: 'side' })).rejects.toMatchObject({
        code: 'request.invalid',
        params: { option: 'out' },
      });
      expect((await stat(path)).mtimeMs).toBe(mtimeMs);
    }
  });

  it('says so when there is no room or no way for what it needs meanwhile', async () => {
    const side = await openMedia(await makeClip('mp4', [...picture(red), ...h264]));
    vi.stubEnv('TMPDIR', join(folder.path, 'no-such-folder'));
    try {
      const work = compareClips(side, side, join(folder.path, 'x.mp4'), { layout: 'side' });
      await expect(work).rejects.toMatchObject({ code: 'output.unwritable' });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('leaves nothing when it is stopped', async () => {
    const long = await makeClip('mkv', [...picture('testsrc=size=64x48:rate=1:duration=3600'), ...h264]);
    const side = await openMedia(long);
    const controller = new AbortController();
    const empty = await scratchFolder();
    const work = compareClips(side, side, join(empty.path, 'x.mp4'), {
      layout: 'divider',
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ code: 'job.cancelled' });
    expect(await readdir(empty.path)).toEqual([]);
    await empty.remove();
  });
});

describe('comparing pictures', () => {
  const flat = (background: string, width: number, height: number): Promise<Buffer> =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer();

  it('puts them side by side, and draws words in the corners', async () => {
    const plain = await comparePictures(await flat('#f00', 60, 80), await flat('#00f', 120, 160), { layout: 'side' });
    const image = await plain.png().toBuffer();
    expect(await pixel(image, 0.25, 0.5)).toEqual([255, 0, 0]);
    expect(await pixel(image, 0.75, 0.5)).toEqual([0, 0, 255]);
    const labelled = await comparePictures(await flat('#000', 120, 160), await flat('#000', 120, 160), {
      layout: 'side',
      labels: ['before', 'after'],
    });
    // White letters on black: without a font there would be none, or boxes of one size for both words.
    const { data, info } = await labelled.greyscale().raw().toBuffer({ resolveWithObject: true });
    const lit = [0, 0];
    for (let i = 0; i < data.length; i += info.channels) {
      const x = (i / info.channels) % info.width;
      if (data[i]! > 200) lit[x < info.width / 2 ? 0 : 1]! += 1;
    }
    expect(lit[0]).toBeGreaterThan(30);
    expect(lit[1]).toBeGreaterThan(20);
    expect(lit[0]).toBeGreaterThan(lit[1]!);
  });

  it('divides one picture, with a white line between', async () => {
    const joined = await comparePictures(await flat('#f00', 100, 50), await flat('#00f', 100, 50), {
      layout: 'divider',
    });
    const image = await joined.png().toBuffer();
    expect(await pixel(image, 0.2, 0.5)).toEqual([255, 0, 0]);
    expect(await pixel(image, 0.5, 0.5)).toEqual([255, 255, 255]);
    expect(await pixel(image, 0.8, 0.5)).toEqual([0, 0, 255]);
  });

  it('turns a photograph as it says', async () => {
    const turned = await sharp(await flat('#f00', 100, 50))
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const joined = await comparePictures(turned, await flat('#00f', 50, 100), { layout: 'side' });
    const { info } = await joined.raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([100, 100]);
  });
});
