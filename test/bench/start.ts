/** How soon `lumiere restore --dry-run` has looked at a clip and printed its plan. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sharedMedia } from '../media.ts';
import { runCommand, runLumiere } from './command.ts';
import type { BenchResult } from './report.ts';

const rounds = 5;

export async function benchStart(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lumiere-bench-'));
  try {
    const made = join(folder, 'clip.mp4');
    await runCommand('ffmpeg', [
      ...['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=192x144:rate=24:duration=2'],
      ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', made],
    ]);
    const clip = sharedMedia('films/roundhay-1888.mp4') ?? made;
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round++)
      seconds.push((await runLumiere(['restore', clip, '--dry-run'])).seconds);
    const median = [...seconds].sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
    return {
      name: 'start',
      rows: [
        {
          what: '`lumiere restore --dry-run` of a short clip, median of 5',
          measured: `${median.toFixed(2)} s`,
          reach: 'under 1 s',
          ok: median < 1,
        },
      ],
      details: { clip: clip === made ? 'test picture' : 'roundhay-1888.mp4', seconds },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
