/** Marks of files that have none: because there are none, or because nobody could look. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

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

it('a file without pictures has none either', async () => {
  const path = join(scratch.path, 'words.txt');
  await writeFile(path, 'no pictures here');
  expect(await readMarks(path, { identity, likeness: true })).not.toHaveProperty('unread');
});

it('where the time did not suffice, it says that it could not look', async () => {
  expect(await readMarks(clip, { identity, likeness: true, patienceMs: 1 })).toMatchObject({ unread: ['watermark'] });
});

it('ends when it is cancelled', async () => {
  await expect(readMarks(clip, { identity, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'job.cancelled',
  });
});
