/** Photographs brought to life from end to end, by the real networks, renderer and encoder. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { animatePhoto, type AnimateOptions } from '../../../src/engine/animate/animate.ts';
import { faceModels } from '../../../src/engine/animate/face/networks.ts';
import { measureNames } from '../../../src/engine/animate/measure/measures.ts';
import { prepareAnimation } from '../../../src/engine/animate/prepare.ts';
import type { AnimationReport } from '../../../src/engine/animate/report.ts';
import { type AnimateRequest, defaultAnimation } from '../../../src/engine/animate/request.ts';
import type { Frame } from '../../../src/engine/frame.ts';
import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { createSessionPool } from '../../../src/engine/model/session-pool.ts';
import { makeClip, makeFile, picture, scratchFolder } from '../../clips.ts';
import { sharedMedia } from '../../media.ts';
import { installForTest, testModelCache } from '../../models.ts';

const scratch = await scratchFolder();
const out = (name: string): string => join(scratch.path, name);
const machine = { modelsDir: testModelCache, providers: ['cpu'] as const };
const pool = createSessionPool({ providers: ['cpu'] });
const { signal } = new AbortController();
const landscape = out('landscape.png');

beforeAll(async () => {
  for (const id of [...faceModels, 'visemes-en', 'rife-v4.6', 'general-x4v3', 'anime4k-l']) await installForTest(id);
  const hills = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="#88b8e8"/>
     ${Array.from({ length: 40 }, (_, i) => `<rect x="${i * 8}" y="${110 + ((i * 37) % 50)}" width="5" height="140" fill="hsl(${i * 23} 60% 40%)"/>`).join('')}</svg>`,
  );
  await sharp(hills).png().toFile(landscape);
});
afterAll(async () => {
  await pool.close();
  await scratch.remove();
});

async function animate(
  photo: string,
  output: string,
  change: Partial<AnimateRequest> = {},
  options: Partial<AnimateOptions> = {},
): Promise<AnimationReport> {
  const request = { ...defaultAnimation, label: 'Animated with Lumière', ...change };
  const prepared = await prepareAnimation(photo, request, { machine, signal, pool });
  try {
    return await animatePhoto(prepared, output, { signal, scratchFolder: scratch.path, ...options });
  } finally {
    await prepared.close();
  }
}

async function framesOf(path: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of decodeFrames(await probe(path))) frames.push(frame);
  return frames;
}

const apart = (a: Frame, b: Frame): number =>
  a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;

/** What is seen where the label stands. */
const corner = ({ data }: Frame): number[] =>
  [224, 227, 230].flatMap((y) => [...data.subarray((y * 320 + 10) * 3, (y * 320 + 70) * 3)]);

const still = { motion: { kind: 'none' }, camera: 'drift', seconds: 1 } as const;

describe('a picture without a face', () => {
  it('moves with the camera, loops, and carries the label in every frame', async () => {
    const report = await animate(landscape, out('drift.mp4'), { ...still, camera: 'drift', seconds: 2 });
    expect(report).toMatchObject({
      output: { format: 'mp4', width: 320, height: 240, frames: 50, rate: { num: 25, den: 1 }, loops: true },
      ...{ motion: 'none', faces: [], measures: [], limits: [], givenUp: [] },
    });
    const frames = await framesOf(out('drift.mp4'));
    const steps = frames.map((frame, i) => apart(frame, frames[(i + 1) % frames.length]!));
    expect(apart(frames[0]!, frames[12]!)).toBeGreaterThan(3);
    expect(steps.at(-1)).toBeLessThan(1.5 * Math.max(...steps.slice(0, -1)));
    await animate(landscape, out('other.mp4'), { ...still, seconds: 2, label: '.' });
    const others = await framesOf(out('other.mp4'));
    expect(others).toHaveLength(50);
    frames.forEach((frame, i) => {
      const other = corner(others[i]!);
      const difference = corner(frame).reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / other.length;
      expect(difference).toBeGreaterThan(20);
      expect(apart(frame, others[i]!)).toBeLessThan(3);
    });
  });

  it('is refused where neither a face nor the camera would move', async () => {
    const answer = animate(landscape, out('rest.mp4'), { ...still, camera: 'none' });
    await expect(answer).rejects.toMatchObject({ code: 'request.nothing-moves' });
  });

  it('has no face by that number, whether it moves or not', async () => {
    const answer = animate(landscape, out('numbered.mp4'), { ...still, face: 3 });
    await expect(answer).rejects.toMatchObject({ code: 'face.none' });
  });

  it('leans for parallax and says why', async () => {
    const { warnings } = await animate(landscape, out('lean.mp4'), { ...still, camera: 'parallax' });
    expect(warnings).toContainEqual({ code: 'camera.no-subject', params: {} });
  });

  it('is refused where a face was to move', async () => {
    await expect(animate(landscape, out('none.mp4'))).rejects.toMatchObject({ code: 'face.none' });
    expect(await readdir(scratch.path)).not.toContain('none.mp4');
  });

  it('is the same to the byte for the same seed, and another for another', async () => {
    const make = async (seed: number): Promise<Buffer> => {
      await animate(landscape, out('seed.mp4'), { ...still, camera: 'hand-held', seed });
      return await readFile(out('seed.mp4'));
    };
    const first = await make(3);
    expect(Buffer.compare(await make(3), first)).toBe(0);
    expect(Buffer.compare(await make(4), first)).not.toBe(0);
  });

  it('is enlarged once, before the camera moves', async () => {
    const { output } = await animate(landscape, out('large.mp4'), { ...still, upscale: 2, camera: 'push-in' });
    expect(output).toMatchObject({ width: 640, height: 480 });
  });

  it('needs no enlarging where the file has the pixels itself', async () => {
    const stages: string[] = [];
    const onProgress = (stage: string): void => void stages.push(stage);
    const change = { ...still, longestSide: 160, upscale: 2 } as const;
    const { output } = await animate(landscape, out('own.mp4'), change, { onProgress });
    expect(output).toMatchObject({ width: 320, height: 240 });
    expect(stages).not.toContain('enlarge');
    expect(stages).toContain('animate');
  });
});

describe('what is asked for', () => {
  it.each([
    ['strength', { strength: 2.5 }],
    ['speed', { speed: 9 }],
    ['seconds', { seconds: 90 }],
    ['size', { longestSide: 9000 }],
    ['also', { morePhotos: ['a', 'b', 'c', 'd'] }],
    ['caption', { caption: { below: 'x'.repeat(301) } }],
  ])('is refused where %s is out of bounds', async (option, change) => {
    const answer = animate(landscape, out('x.mp4'), change);
    await expect(answer).rejects.toMatchObject({ code: 'request.invalid', params: { option } });
  });

  it('may not be written over what it is made from', async () => {
    const answer = animate(landscape, landscape, still);
    await expect(answer).rejects.toMatchObject({ code: 'request.invalid', params: { option: 'out' } });
    expect((await readFile(landscape)).length).toBeGreaterThan(100);
  });

  it('a contact sheet may not either, and none that cannot be written leaves a result behind', async () => {
    const sheet = landscape;
    const before = await readFile(landscape);
    await expect(animate(landscape, out('over.mp4'), still, { contactSheet: sheet })).rejects.toMatchObject({
      code: 'request.invalid',
    });
    expect(Buffer.compare(await readFile(landscape), before)).toBe(0);
    const nowhere = animate(landscape, out('sheetless.mp4'), still, { contactSheet: out('nowhere/sheet.png') });
    await expect(nowhere).rejects.toMatchObject({ code: 'output.unwritable' });
    expect(await readdir(scratch.path)).not.toContain('sheetless.mp4');
  });

  it('a sound that is text is refused by its code', async () => {
    const path = await makeFile('.wav', 'these are words and no sound '.repeat(200));
    const answer = animate(landscape, out('text.mp4'), { motion: { kind: 'speech', path, style: 'speak' } });
    await expect(answer).rejects.toMatchObject({ code: 'speech.not-sound', params: { path } });
  });

  it.each(['a still picture', 'a text'])('%s is no driving clip, and is called so', async (what) => {
    const path = what === 'a text' ? await makeFile('.mp4', 'words '.repeat(900)) : landscape;
    const answer = animate(landscape, out('driven-by.mp4'), { motion: { kind: 'clip', path, region: 'all' } });
    await expect(answer).rejects.toMatchObject({ code: 'driver.not-clip', params: { path } });
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const controller = new AbortController();
    const before = (await readdir(scratch.path)).toSorted();
    const request = { ...defaultAnimation, ...still, seconds: 20, camera: 'drift', label: 'x' } as const;
    const prepared = await prepareAnimation(landscape, request, { machine, signal: controller.signal, pool });
    const onProgress = (_: string, done: number): void => {
      if (done === 5) controller.abort();
    };
    const options = { signal: controller.signal, onProgress, scratchFolder: scratch.path };
    await expect(animatePhoto(prepared, out('gone.mp4'), options)).rejects.toMatchObject({ code: 'job.cancelled' });
    await prepared.close();
    expect((await readdir(scratch.path)).toSorted()).toEqual(before);
  });
});

const portrait = sharedMedia('portraits/astronaut.png');

describe.skipIf(portrait === undefined)('a portrait (needs ../shared/media)', () => {
  it('breathes and looks, is measured by every name, and shows a sheet of frames', async () => {
    const sheet = out('sheet.png');
    const change = { crop: 'head', longestSide: 256, seconds: 2 } as const;
    const report = await animate(portrait!, out('painting.mp4'), change, { contactSheet: sheet });
    expect(report.motion).toBe('preset:painting');
    expect(report.faces).toMatchObject([{ number: 1, animated: true }]);
    expect(report.measures.map(({ name }) => name).toSorted()).toEqual([...measureNames].toSorted());
    expect(report.realism!.score).toBeGreaterThan(50);
    expect(report.output).toMatchObject({ frames: 50, contactSheet: sheet });
    expect(report.output.width).toBe(report.output.height);
    expect((await sharp(sheet).metadata()).width).toBe(6 * 240);
    const frames = await framesOf(out('painting.mp4'));
    const steps = frames.map((frame, i) => apart(frame, frames[(i + 1) % frames.length]!));
    expect(Math.max(...steps)).toBeGreaterThan(0.15);
    expect(steps.at(-1)).toBeLessThan(Math.max(1, 1.5 * Math.max(...steps.slice(0, -1))));
  });

  const look = async (photo: string, change: Partial<AnimateRequest>) => {
    const prepared = await prepareAnimation(
      photo,
      { ...defaultAnimation, label: 'x', ...change },
      { machine, signal, pool },
    );
    await prepared.close();
    return prepared;
  };

  it('has its face in a small result too: it is looked for before the photograph is reduced', async () => {
    const small = await look(portrait!, { longestSide: 64 });
    const large = await look(portrait!, {});
    expect(small.photo).toMatchObject({ width: 64, height: 64 });
    expect(small.warnings.map(({ code }) => code)).toEqual(['photo.reduced', 'animation.small-face']);
    expect(large.warnings).toEqual([]);
    const [face, same] = [small.chosen[0]!, large.chosen[0]!];
    expect(face.box.width).toBeCloseTo(same.box.width / 8, 6);
    expect(face.points[3]).toBeCloseTo(same.points[3]! / 8, 6);
    expect(small.faces).toContain(face);
  });

  it('cut to the head is never larger than was asked for', async () => {
    for (const longestSide of [400, 500, 512, 524]) {
      const { output } = await look(sharedMedia('portraits/mona-lisa.jpg')!, { longestSide, crop: 'head' });
      expect(output.width).toBeLessThanOrEqual(longestSide);
      expect(output.width).toBeGreaterThan(0.94 * longestSide);
    }
  });

  it('is refused before the work where a further photograph or the weights are missing', async () => {
    await expect(look(portrait!, { morePhotos: [out('missing.jpg')] })).rejects.toMatchObject({
      ...{ code: 'input.not-found', params: { path: out('missing.jpg') } },
    });
    await expect(look(portrait!, { backEnd: 'live-portrait' })).rejects.toMatchObject({
      code: expect.stringMatching(/^model\./) as string,
    });
    const { warnings } = await look(portrait!, { morePhotos: [portrait!], motion: { kind: 'none' }, camera: 'drift' });
    expect(warnings).toContainEqual({ code: 'lender.unused', params: {} });
  });

  it('is smoothed to twice the rate and no longer', async () => {
    const change = { crop: 'head', longestSide: 128, seconds: 1, smooth: true } as const;
    const { output } = await animate(portrait!, out('smooth.mp4'), change);
    expect(output).toMatchObject({ rate: { num: 50, den: 1 }, frames: 50, duration: { num: 1, den: 1 } });
    expect(await framesOf(out('smooth.mp4'))).toHaveLength(50);
  });

  it('a driving clip without a face is refused by its code', async () => {
    const path = await makeClip('.mp4', picture('testsrc=s=160x120:d=1'));
    const answer = animate(portrait!, out('bad.mp4'), { motion: { kind: 'clip', path, region: 'all' } });
    await expect(answer).rejects.toMatchObject({ code: 'driver.no-face' });
    expect(await readdir(scratch.path)).not.toContain('bad.mp4');
  });

  it("keeps a driving clip's rate and sound", async () => {
    const driver = sharedMedia('driving/talking.mp4')!;
    const short = await makeClip('.mp4', ['-t', '1.2', '-i', driver, '-r', '30000/1001', '-c:a', 'aac']);
    const motion = { kind: 'clip', path: short, region: 'all' } as const;
    const { output, motion: source } = await animate(portrait!, out('driven.mp4'), {
      crop: 'head',
      longestSide: 192,
      motion,
    });
    expect(source).toBe('clip');
    expect(output).toMatchObject({ rate: { num: 30_000, den: 1001 }, loops: false });
    const { video, audio } = await probe(out('driven.mp4'));
    expect(video.rate).toEqual({ num: 30_000, den: 1001 });
    expect(audio).toHaveLength(1);
    const mute = { ...defaultAnimation, label: 'x', motion, sound: 'none' } as const;
    const prepared = await prepareAnimation(portrait!, mute, { machine, signal, pool });
    expect(prepared.motion.sound).toBeUndefined();
    await prepared.close();
  });

  it('speaks what is heard, as long as it is heard, and measures lips against it', async () => {
    const motion = { kind: 'speech', path: sharedMedia('speech/grid-bbaf2n.mpg')!, style: 'speak' } as const;
    const { output, measures } = await animate(portrait!, out('speech.mp4'), {
      crop: 'head',
      longestSide: 192,
      motion,
    });
    expect(output.frames).toBeGreaterThan(70);
    expect((await probe(output.path)).audio).toHaveLength(1);
    const lips = measures.find(({ name }) => name === 'lips-together')!;
    expect('value' in lips && lips.value).toBeGreaterThan(0.4);
  });

  it('takes nothing from somebody else', async () => {
    const other = sharedMedia('portraits/pearl-earring.jpg')!;
    const change = { crop: 'head', longestSide: 128, seconds: 1, morePhotos: [other, landscape] } as const;
    const { warnings } = await look(portrait!, change);
    expect(warnings).toContainEqual({ code: 'lender.other-person', params: { number: 1 } });
    expect(warnings).toContainEqual({ code: 'lender.no-face', params: { number: 2 } });
  });
});
