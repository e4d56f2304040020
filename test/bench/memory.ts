/**
 * Memory of a whole restoration, ffmpeg's processes included: the largest enlargement of the table, and a clip of ten
 * seconds against one of ten minutes. The long one is decoded, watched for cuts and encoded at 1280x720 without networks,
 * which would take days on a CPU and hold the same two frames for a long clip as for a short one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand, runLumiere } from './command.ts';
import type { BenchResult } from './report.ts';

const limit = 1.5e9;
/** How much more a clip sixty times as long may take: the noise of sampling and of the garbage collector. */
const longerShare = 1.1;

async function makeClip(path: string, size: string, seconds: number): Promise<void> {
  await runCommand('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=24:duration=${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', path],
  ]);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

export async function benchMemory(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-bench-'));
  try {
    const out = join(folder, 'out.mp4');
    const large = join(folder, 'large.mp4');
    await makeClip(large, '640x480', 0.25);
    const enlarged = await runLumiere(
      ['restore', large, out, '--scale', '4', '--working-size', 'full', '--json'],
      true,
    );
    const through = ['--scale', '1', '--fps', 'source', '--denoise', 'off', '--held-frames', 'keep', '--json'];
    const peaks: number[] = [];
    for (const seconds of [10, 600]) {
      const clip = join(folder, `${seconds}.mp4`);
      await makeClip(clip, '1280x720', seconds);
      peaks.push((await runLumiere(['restore', clip, out, ...through], true)).peakBytes);
    }
    const [short = 0, long = 0] = peaks;
    return {
      name: 'memory',
      rows: [
        {
          what: 'memory, 640x480 enlarged 4 times, at 60 fps',
          measured: gigabytes(enlarged.peakBytes),
          reach: 'at most 1.5 GB',
          ok: enlarged.peakBytes > 0 && enlarged.peakBytes <= limit,
        },
        {
          what: 'memory, 10 minutes of 720p against 10 seconds, without networks',
          measured: `${gigabytes(long)} against ${gigabytes(short)}`,
          reach: 'the same, within a tenth',
          ok: long > 0 && long <= short * longerShare,
        },
      ],
      details: { enlarged: enlarged.peakBytes, short, long },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
