/** Marks of files that have none: because there are none, or because nobody could look. */
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { readManifest } from '../../../src/engine/provenance/c2pa/read-manifest.ts';
import { type Identity, openIdentity } from '../../../src/engine/provenance/identity.ts';
import { readMarks } from '../../../src/engine/provenance/read-marks.ts';
import { h264, makeClip, picture, scratchFolder } from '../../clips.ts';

let scratch: Awaited<ReturnType<typeof scratchFolder>>;
let identity: Identity;
let clip: string;

beforeAll(async () => {
  scratch = await scratchFolder();
  identity = await openIdentity(join(scratch.path, 'keys'));
  clip = await makeClip('mp4', [...picture('testsrc2=s=64x48:r=10:d=1'), ...h264]);
});
afterAll(() => scratch.remove());

it('a clip without marks has none, and everything was looked for', async () => {
  const marks = await readMarks(clip, { identity });
  expect(marks).toEqual({ sha256: marks.sha256, mediaType: 'video/mp4' });
});

it.each([
  ['', 'input.empty'],
  ['no pictures here', 'input.not-media'],
  ['RIFF\0\0\0\0WAVE', 'input.no-video'],
])('a file without pictures (%j) has none either, and says why', async (text, code) => {
  const path = join(scratch.path, 'other');
  await writeFile(path, text);
  const marks = await readMarks(path, { identity, likeness: true });
  expect(marks).toMatchObject({ watermarkProblem: { code } });
  expect(marks).not.toHaveProperty('unread');
});

it('without a key the watermark is not looked for, and that is said', async () => {
  const keyless = { ...identity, watermarkKey: undefined };
  expect(await readMarks(clip, { identity: keyless })).toMatchObject({
    unread: ['watermark'],
    watermarkProblem: { code: 'provenance.no-key' },
  });
});

it('where the time did not suffice, it says that it could not look', async () => {
  expect(await readMarks(clip, { identity, likeness: true, patienceMs: 1 })).toMatchObject({
    unread: ['watermark'],
    watermarkProblem: { code: 'input.timeout' },
  });
});

it('ends in the middle of a large file when it is cancelled, and says how far it is', async () => {
  const path = join(scratch.path, 'large.mp4');
  await writeFile(path, '\0\0\0\x20ftypisom');
  await truncate(path, 2 ** 33);
  const cancel = new AbortController();
  const seen: number[] = [];
  const onRead = (bytes: number, total: number): void => {
    seen.push(bytes / total);
    cancel.abort();
  };
  const reading = readMarks(path, { identity, signal: cancel.signal, onRead });
  await expect(reading).rejects.toMatchObject({ code: 'job.cancelled' });
  expect(seen.at(-1)).toBeLessThan(0.1);
  const manifest = readManifest(path, 'video/mp4', { identity, signal: cancel.signal });
  await expect(manifest).rejects.toMatchObject({ code: 'job.cancelled' });
});

it('ends when it is cancelled', async () => {
  await expect(readMarks(clip, { identity, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'job.cancelled',
  });
});
