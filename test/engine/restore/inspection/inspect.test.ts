import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { LumiereError } from '../../../../src/engine/errors.ts';
import { probe } from '../../../../src/engine/media/probe.ts';
import { rational, toNumber } from '../../../../src/engine/rational.ts';
import { inspectClip } from '../../../../src/engine/restore/inspection/inspect.ts';
import type { ClipInspection } from '../../../../src/engine/restore/inspection/inspection.ts';
import { makeClip, makeFile, picture } from '../../../clips.ts';
import { sharedMedia } from '../../../media.ts';
import { leaves } from '../leaves.ts';

const lossless = ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p'];

async function still(seed: number): Promise<string> {
  const { data, width, height } = leaves(640, 240, seed);
  return await makeFile(
    'png',
    await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer(),
  );
}

/** A camera that pans over leaves by four pixels a frame, 320x240, and what is done to its frames. */
async function pan(filters: readonly string[] = [], codec: readonly string[] = lossless, seed = 1): Promise<string> {
  const camera = 'crop=320:240:x=4*n:y=0';
  return await makeClip('mkv', [
    ...['-loop', '1', '-framerate', '25', '-i', await still(seed), '-frames:v', '60'],
    ...['-vf', [camera, ...filters].join(','), ...codec],
  ]);
}

/** A camera that stands before leaves while a bright box crosses them. */
async function standing(filters: readonly string[] = []): Promise<string> {
  return await makeClip('mkv', [
    ...['-loop', '1', '-framerate', '25', '-i', await still(1)],
    ...['-f', 'lavfi', '-i', 'color=white:s=40x40:r=25', '-filter_complex'],
    ['[0]crop=320:240:x=0:y=0,format=yuv420p[a];[a][1]overlay=x=6*n:y=80', ...filters].join(','),
    ...['-frames:v', '40', ...lossless],
  ]);
}

const inspected = async (clip: string): Promise<ClipInspection> => inspectClip(await probe(clip));

describe('inspecting a clip', () => {
  it('finds nothing wrong with a clean pan', async () => {
    const found = await inspected(await pan());
    expect(found).toMatchObject({
      framesSeen: 60,
      fields: 'progressive',
      cutsPerMinute: 0,
    });
    expect(found.held.cadence).toBeUndefined();
    expect(found.effectiveScale).toBeGreaterThan(0.9);
    expect(found.blockiness).toBeLessThan(0.05);
    expect(found.flicker).toBeLessThan(0.5);
    expect(found.weave).toBeLessThan(0.05);
  });

  it('finds how soft, noisy and blocky it is', async () => {
    const soft = await inspected(await pan(['scale=160:120:flags=bicubic', 'scale=320:240:flags=bicubic']));
    expect(soft.effectiveScale).toBeGreaterThan(0.4);
    expect(soft.effectiveScale).toBeLessThan(0.6);
    // Strength s of the filter has a deviation of s / sqrt(3), and 255/219 of it in full range: 6.
    const noisy = await inspected(await standing(['noise=c0s=9:c0f=t:all_seed=1']));
    expect(noisy.noise / 6).toBeGreaterThan(0.85);
    expect(noisy.noise / 6).toBeLessThan(1.15);
    expect(noisy.effectiveScale).toBeGreaterThan(0.9);
    // Busy, but every frame alike.
    expect((await inspected(await standing())).noise).toBeLessThan(0.5);
    const blocky = await inspected(await pan([], ['-c:v', 'mpeg4', '-q:v', '20']));
    expect(blocky.blockiness).toBeGreaterThan(0.25);
  });

  it('finds flicker, weave and cuts', async () => {
    const flickering = await inspected(await pan(['lutyuv=y=val', "eq=brightness='0.04*sin(2.4*n)':eval=frame"]));
    expect(flickering.flicker).toBeGreaterThan(2);
    const woven = await makeClip('mkv', [
      ...['-loop', '1', '-framerate', '25', '-i', await still(1), '-frames:v', '40'],
      ...['-vf', "crop=320:240:x='100+2*mod(n*7,3)':y=0", ...lossless],
    ]);
    expect((await inspected(woven)).weave).toBeGreaterThan(0.3);
    const joined = await makeClip('mkv', [
      ...['-i', await pan(), '-i', await pan([], lossless, 2)],
      ...['-filter_complex', '[0][1]concat', ...lossless],
    ]);
    // One cut in 4.8 seconds.
    expect((await inspected(joined)).cutsPerMinute).toBeCloseTo(12.5, 0);
  });

  it('sees fields that the container does not tell of', async () => {
    const woven = await inspected(await pan(['tinterlace=interleave_top', 'setfield=prog']));
    expect(woven.fields).toBe('top-first');
    const other = await inspected(await pan(['tinterlace=interleave_bottom', 'setfield=prog']));
    expect(other.fields).toBe('bottom-first');
  });

  it('finds held frames', async () => {
    const held = await inspected(await pan(['fps=50']));
    expect(held.held.cadence).toEqual({ framesPerDrawing: rational(2), rate: rational(25), timing: 'even' });
    expect(held.held.share).toBeCloseTo(0.5, 1);
  });

  it('looks at stretches all over a long clip, and not at all of it', async () => {
    const long = await makeClip('mp4', [
      ...picture('testsrc2=s=320x240:r=25:d=90'),
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '100', '-pix_fmt', 'yuv420p'],
    ]);
    const found = await inspected(long);
    expect(found.framesSeen).toBe(480);
  });

  it('looks at one frame, and at a picture smaller than its window', async () => {
    const one = await makeClip('mkv', [...picture('testsrc2=s=64x48:r=25'), '-frames:v', '1', ...lossless]);
    expect(await inspected(one)).toMatchObject({ framesSeen: 1, cutsPerMinute: 0, effectiveScale: 1 });
  });

  it('looks at an animated WebP', async () => {
    const webp = await makeClip('webp', [
      ...picture('testsrc2=s=128x96:r=10:d=1'),
      '-c:v',
      'libwebp_anim',
      '-loop',
      '0',
    ]);
    expect(await inspected(webp)).toMatchObject({ framesSeen: 10 });
  });

  it('stops when the job is cancelled', async () => {
    const clip = await probe(await pan());
    const cancel = new AbortController();
    const looking = inspectClip(clip, { signal: cancel.signal });
    setTimeout(() => {
      cancel.abort();
    }, 30);
    await expect(looking).rejects.toThrow(new LumiereError('job.cancelled'));
  });

  const roundhay = sharedMedia('films/roundhay-1888.mp4');
  const bison = sharedMedia('films/muybridge-bison.mp4');
  const dog = sharedMedia('clips/dog.mp4');
  it.skipIf(!roundhay || !bison || !dog)('finds in real clips what the eye sees there', async () => {
    const garden = await inspected(roundhay!);
    expect(garden).toMatchObject({ fields: 'progressive', cutsPerMinute: 0 });
    expect(garden.held.cadence?.framesPerDrawing).toEqual(rational(3));
    expect(garden.flicker).toBeGreaterThan(1);
    expect(garden.weave).toBeGreaterThan(0.1);
    const muybridge = await inspected(bison!);
    expect(muybridge).toMatchObject({ cutsPerMinute: 0 });
    expect(muybridge.effectiveScale).toBeLessThan(0.6);
    expect(toNumber(muybridge.held.cadence!.rate)).toBeCloseTo(16.5, 0);
    expect(muybridge.flicker).toBeGreaterThan(1.5);
    const modern = await inspected(dog!);
    expect(modern).toMatchObject({ fields: 'progressive', cutsPerMinute: 0, held: { share: 0 } });
    expect(modern.effectiveScale).toBeGreaterThan(0.8);
    expect(modern.noise).toBeLessThan(1);
    expect(modern.flicker).toBeLessThan(0.2);
    expect(modern.weave).toBeLessThan(0.02);
  });
});
