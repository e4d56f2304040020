/** Marks through real encoders and back, as clips and stills; and what must read as nothing. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { animatePhoto } from '../../../../src/engine/animate/animate.ts';
import { faceModels } from '../../../../src/engine/animate/face/networks.ts';
import { prepareAnimation } from '../../../../src/engine/animate/prepare.ts';
import { defaultAnimation } from '../../../../src/engine/animate/request.ts';
import { hashesOfFile } from '../../../../src/engine/provenance/frame-hashes.ts';
import { hammingDistance, mirroredHash } from '../../../../src/engine/provenance/perceptual-hash.ts';
import { readWatermark } from '../../../../src/engine/provenance/watermark/read-watermark.ts';
import { sampleShots } from '../../../../src/engine/provenance/watermark/sampled-shots.ts';
import { prepareRestore } from '../../../../src/engine/restore/prepare.ts';
import { defaultRequest } from '../../../../src/engine/restore/request.ts';
import { restoreClip } from '../../../../src/engine/restore/restore.ts';
import { makeClip, picture, scratchFolder } from '../../../clips.ts';
import { installForTest, testModelCache } from '../../../models.ts';
import { animalPicture } from '../../../photographs.ts';

const run = promisify(execFile);
const scratch = await scratchFolder();
const at = (name: string): string => join(scratch.path, name);
const watermark = { key: Buffer.alloc(32, 11), payload: 'a1b2c3d4e5f6' };
const machine = { modelsDir: testModelCache, providers: ['cpu'] as const };
const { signal } = new AbortController();
let source: string;

beforeAll(async () => {
  // A film of two shots; nothing is enlarged and the rate stays, so that no network is needed.
  source = await makeClip('mp4', [
    ...picture('mandelbrot=s=512x384:r=12:start_scale=0.6:maxiter=300'),
    ...picture('mandelbrot=s=512x384:r=12:start_scale=0.05:inner=mincol'),
    ...['-filter_complex', '[0:v]trim=end_frame=12[a];[1:v]trim=end_frame=6[b];[a][b]concat=n=2,noise=alls=4:allf=t'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12', '-pix_fmt', 'yuv420p'],
  ]);
  const request = {
    ...defaultRequest,
    size: { scale: 1 },
    rate: 'source',
    heldFrames: 'keep',
    label: 'restored',
  } as const;
  const prepared = await prepareRestore(source, request, { kind: 'keep' }, { machine, signal });
  await restoreClip(prepared, at('marked.mp4'), { machine, signal, watermark });
});
afterAll(scratch.remove);

/** What `marked.mp4` becomes through ffmpeg. */
async function changed(name: string, ...words: string[]): Promise<string> {
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', '-i', at('marked.mp4'), ...words, at(name)]);
  return at(name);
}

it('is read from the clip as it was made, and is no accident', async () => {
  const reading = await readWatermark(at('marked.mp4'), watermark.key);
  expect(reading?.payload).toBe(watermark.payload);
  expect(reading?.falsePositive).toBeLessThan(1e-6);
});

it.each([
  ['again.mp4', ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '28']],
  [
    'mirrored.webm',
    ['-vf', 'hflip', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-crf', '36', '-b:v', '0'],
  ],
  ['turned.mp4', ['-vf', 'rotate=2*PI/180', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23']],
  ['still.jpg', ['-vf', 'select=eq(n\\,6)', '-frames:v', '1', '-q:v', '5']],
] as const)('is read from %s', async (name, words) => {
  const reading = await readWatermark(await changed(name, ...words), watermark.key);
  expect(reading?.payload).toBe(watermark.payload);
  // And what carries it looks like what was made.
  const made = await hashesOfFile(at('marked.mp4'));
  const given = reading!.originalHashes!.flatMap((hash) => [hash, mirroredHash(hash)]);
  expect(Math.min(...made.flatMap((hash) => given.map((other) => hammingDistance(hash, other))))).toBeLessThan(10);
});

it('is looked for in each shot by itself', async () => {
  const shots = await sampleShots(at('marked.mp4'), undefined);
  expect(shots.map(({ pictures }) => pictures.length)).toEqual([11, 5]);
});

it('another key reads nothing', async () => {
  expect(await readWatermark(at('still.jpg'), Buffer.alloc(32, 12))).toBeUndefined();
});

it('a clip without a mark reads as nothing', async () => {
  // Searched to the end, which takes longest: a small one of few pictures.
  const unmarked = await makeClip('mp4', [
    ...[...picture('mandelbrot=s=320x240:r=12:start_scale=0.6'), '-frames:v', '4'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'],
  ]);
  expect(await readWatermark(unmarked, watermark.key)).toBeUndefined();
});

it('is in an animation that is written as a GIF', async () => {
  for (const id of faceModels) await installForTest(id);
  const request = {
    ...defaultAnimation,
    ...({
      motion: { kind: 'none' },
      camera: 'drift',
      seconds: 1,
      longestSide: 384,
      format: 'gif',
      label: 'made',
    } as const),
  };
  const prepared = await prepareAnimation(await animalPicture(), request, { machine, signal });
  try {
    await animatePhoto(prepared, at('animated.gif'), { signal, scratchFolder: scratch.path, watermark });
  } finally {
    await prepared.close();
  }
  expect((await readWatermark(at('animated.gif'), watermark.key))?.payload).toBe(watermark.payload);
});

it('stops when it is told to', async () => {
  const stop = new AbortController();
  const reading = readWatermark(source, watermark.key, { signal: stop.signal });
  stop.abort();
  await expect(reading).rejects.toMatchObject({ code: 'job.cancelled' });
});
