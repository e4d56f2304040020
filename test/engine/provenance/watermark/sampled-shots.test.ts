/** Pictures are taken by their times: a clip cannot have more of them looked at than any other, nor longer than is allowed. */
import { expect, it } from 'vitest';

import { readWatermark } from '../../../../src/engine/provenance/watermark/read-watermark.ts';
import { sampleShots } from '../../../../src/engine/provenance/watermark/sampled-shots.ts';
import { makeClip, picture } from '../../../clips.ts';

/** 375 seconds at 4 frames a second, then 12 at 100, in 40 KB: its rate says nothing of its end. */
const sudden = (): Promise<string> =>
  makeClip('mp4', [
    ...[...picture('color=gray:s=128x96:r=4:d=375'), ...picture('color=white:s=128x96:r=100:d=12')],
    ...['-filter_complex', '[0:v]settb=1/12800[a];[1:v]settb=1/12800[b];[a][b]concat'],
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1/12800'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '40', '-pix_fmt', 'yuv420p'],
  ]);

it('no more pictures are taken where the rate rises', async () => {
  const shots = await sampleShots(await sudden(), undefined);
  const counts = shots.map(({ pictures }) => pictures.length);
  expect(Math.max(...counts)).toBeLessThanOrEqual(16);
  expect(counts.length).toBe(3);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(14);
});

it('a reading that is not done in time says so, and not that there is no mark', async () => {
  const reading = readWatermark(await sudden(), Buffer.alloc(32, 3), { seconds: 0.01 });
  await expect(reading).rejects.toMatchObject({ code: 'input.timeout' });
});
