import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { deinterlaceFilters, denoiseFilters } from '../../../../src/engine/restore/cleaning/repair-filters.ts';
import { makeClip, picture } from '../../../clips.ts';

const run = promisify(execFile);
const source = 'testsrc2=s=320x240:r=25:d=1';
const lossless = ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p'];

/** PSNR of luma in dB of `clip` through `filters` against `reference`, frame by frame. */
async function quality(clip: string, filters: readonly string[], reference: string): Promise<number> {
  const chain = ['settb=1/1000', 'setpts=N'].join(',');
  const graph = `[0:v]${[...filters, chain].join(',')}[a];[1:v]${chain}[b];[a][b]psnr`;
  const { stderr } = await run('ffmpeg', [
    '-hide_banner',
    '-i',
    clip,
    '-i',
    reference,
    '-lavfi',
    graph,
    '-f',
    'null',
    '-',
  ]);
  return Number(/PSNR y:([\d.]+)/.exec(stderr)?.[1]);
}

describe('denoise filters', () => {
  it('are none for a clean picture', () => {
    expect(denoiseFilters({ noise: 0.4, blockiness: 0.02 })).toEqual([]);
  });

  it('grow with the fault, blocks before noise, and stay within bounds', () => {
    expect(denoiseFilters({ noise: 2, blockiness: 0.45 })).toEqual([
      'spp=quality=3:qp=5',
      'hqdn3d=2.40:2.40:6.80:6.80',
    ]);
    expect(denoiseFilters({ noise: 60, blockiness: 9 })).toEqual([
      'spp=quality=3:qp=10',
      'hqdn3d=14.40:14.40:40.80:40.80',
    ]);
  });

  it.each([3, 8])('bring a picture with noise of %s levels nearer to the clean one', async (noise) => {
    const clean = await makeClip('mkv', [...picture(source), ...lossless]);
    // The filter's noise of strength s has a deviation of s / sqrt(3) on the coded scale, 255/219 of it in full range.
    const strength = Math.round(noise * Math.sqrt(3) * (219 / 255));
    const noisy = await makeClip('mkv', [
      ...picture(source),
      '-vf',
      `noise=alls=${strength}:allf=t:all_seed=1`,
      ...lossless,
    ]);
    const before = await quality(noisy, [], clean);
    expect(await quality(noisy, denoiseFilters({ noise, blockiness: 0 }), clean)).toBeGreaterThan(before + 2);
  });

  it('bring a picture in blocks nearer to what it was', async () => {
    const clean = await makeClip('mkv', [...picture('mandelbrot=s=320x240:r=25'), '-frames:v', '20', ...lossless]);
    const blocky = await makeClip('avi', ['-i', clean, '-c:v', 'mpeg4', '-q:v', '16', '-pix_fmt', 'yuv420p']);
    const before = await quality(blocky, [], clean);
    expect(await quality(blocky, denoiseFilters({ noise: 0, blockiness: 0.8 }), clean)).toBeGreaterThan(before);
  });
});

describe('deinterlace filters', () => {
  it('are none for progressive pictures', () => {
    expect(deinterlaceFilters({ fields: 'progressive', doubleRate: true })).toEqual([]);
  });

  it.each(['top-first', 'bottom-first'] as const)(
    'give the frames of %s fields back, at both rates',
    async (fields) => {
      const order = fields === 'top-first' ? 'interleave_top' : 'interleave_bottom';
      const moving = 'testsrc2=s=320x240:r=50:d=1';
      const clean = await makeClip('mkv', [...picture(moving), ...lossless]);
      const woven = await makeClip('mkv', [...picture(moving), '-vf', `tinterlace=${order}`, ...lossless]);
      const every = deinterlaceFilters({ fields, doubleRate: true });
      const wrong = deinterlaceFilters({
        fields: fields === 'top-first' ? 'bottom-first' : 'top-first',
        doubleRate: true,
      });
      const right = await quality(woven, every, clean);
      expect(right).toBeGreaterThan((await quality(woven, wrong, clean)) + 2);
      const single = await makeClip('mkv', [...picture(moving), '-vf', 'framestep=2', ...lossless]);
      const paired = await quality(woven, deinterlaceFilters({ fields, doubleRate: false }), single);
      expect(paired).toBeGreaterThan((await quality(woven, [], single)) + 2);
    },
  );
});
