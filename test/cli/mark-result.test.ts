/** A result stands under its name only once it is signed, whatever happens between the encoder and the signature. */
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openMarking, type ResultWords } from '../../src/cli/mark-result.ts';
import { readConfig } from '../../src/config.ts';
import { readManifest } from '../../src/engine/provenance/c2pa/read-manifest.ts';
import { openIdentity } from '../../src/engine/provenance/identity.ts';
import { h264, makeClip, picture, scratchFolder } from '../clips.ts';

const words: ResultWords = { kind: 'restoration', mediaType: 'video/mp4' };
let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let clip: string;
const own = (name: string): string => join(scratch.path, name);

beforeAll(async () => {
  scratch = await scratchFolder();
  clip = await makeClip('mp4', [...picture('testsrc2=s=64x48:r=10:d=1'), ...h264]);
});
afterAll(() => scratch.remove());

async function marking(signal: AbortSignal, input: string) {
  const config = readConfig({ LUMIERE_DATA_DIR: own('data') });
  const progress = { update: () => undefined, end: () => undefined };
  return openMarking({ config, signal, progress }, [{ part: 'clip', path: input }]);
}

it('needs its input no more once the work has begun, and carries the input by its hash', async () => {
  await copyFile(clip, own('input.mp4'));
  const results = await marking(new AbortController().signal, own('input.mp4'));
  const { result, bytes } = await results.write(own('out.mp4'), async (path) => {
    await copyFile(clip, path);
    await rm(own('input.mp4'));
    return { result: 'done', words };
  });
  expect([result, bytes > 2000]).toEqual(['done', true]);
  const identity = await openIdentity(own('data/keys'));
  expect(await readManifest(own('out.mp4'), 'video/mp4', { identity })).toMatchObject({ isOurs: true, state: 'valid' });
});

it('is nowhere when it was stopped between the last frame and the signature', async () => {
  const stop = new AbortController();
  const results = await marking(stop.signal, clip);
  let during: readonly string[] = [];
  const written = results.write(own('stopped.mp4'), async (path) => {
    await copyFile(clip, path);
    during = await readdir(scratch.path);
    stop.abort();
    return { result: undefined, words };
  });
  await expect(written).rejects.toMatchObject({ code: 'job.cancelled' });
  expect(during).not.toContain('stopped.mp4');
  expect((await readdir(scratch.path)).filter((name) => name.includes('stopped'))).toEqual([]);
});

it('says of a restoration that it was made from an animation, at second hand too', async () => {
  const identity = await openIdentity(own('data/keys'));
  const made = async (input: string, name: string, kind: ResultWords['kind']) => {
    const results = await marking(new AbortController().signal, input);
    await results.write(own(name), async (path) => {
      await copyFile(clip, path);
      return { result: undefined, words: { ...words, kind } };
    });
    return readManifest(own(name), 'video/mp4', { identity });
  };
  expect(await made(clip, 'plain.mp4', 'restoration')).not.toHaveProperty('isFromAnimation');
  expect(await made(clip, 'animated.mp4', 'animation')).not.toHaveProperty('isFromAnimation');
  const trained = expect.arrayContaining(['compositeWithTrainedAlgorithmicMedia']) as unknown;
  const restored = { state: 'valid', kind: 'restoration', isFromAnimation: true, sourceTypes: trained };
  expect(await made(own('animated.mp4'), 'restored.mp4', 'restoration')).toMatchObject(restored);
  expect(await made(own('restored.mp4'), 'again.mp4', 'restoration')).toMatchObject(restored);
});
