/** A whole job on an animated WebP with the noise and blocks that a lossy one has: nothing of it may need ffmpeg's filters. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { probe } from '../../../src/engine/media/probe.ts';
import { prepareRestore } from '../../../src/engine/restore/prepare.ts';
import { defaultRequest } from '../../../src/engine/restore/request.ts';
import { restoreClip } from '../../../src/engine/restore/restore.ts';
import { makeClip, picture, scratchFolder } from '../../clips.ts';
import { installForTest, testModelCache } from '../../models.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);
beforeAll(async () => {
  for (const id of ['rife-v4.6', 'general-x4v3', 'anime4k-l']) await installForTest(id);
});

it('a lossy animated WebP is restored', async () => {
  const noisy = picture('testsrc2=s=64x48:r=5:d=1,noise=alls=14:allf=t');
  const clip = await makeClip('webp', [...noisy, '-c:v', 'libwebp_anim', '-quality', '20', '-loop', '0']);
  const { signal } = new AbortController();
  const machine = { modelsDir: testModelCache, providers: ['cpu'] } as const;
  const request = { ...defaultRequest, size: { scale: 2 }, denoise: 'on' } as const;
  const prepared = await prepareRestore(clip, request, { kind: 'keep' }, { machine, signal });
  expect(prepared.plan.notes.map(({ code }) => code)).toContain('repairs-need-video');
  const path = join(scratch.path, 'restored.mp4');
  await restoreClip(prepared, path, { machine, signal });
  const { video } = await probe(path);
  expect([video.width, video.height, video.rate]).toEqual([128, 96, { num: 60, den: 1 }]);
});
