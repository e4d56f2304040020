/** Every kind of file that is not a sound clip, and what each gets: a code in under five seconds, or a result that says what was odd. */
import { readFile, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { LumiereError, type ErrorCode } from '../../../src/engine/errors.ts';
import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { clipSound } from '../../../src/engine/media/sound-source.ts';
import type { WarningCode } from '../../../src/engine/media/warnings.ts';
import { badClips, movPointingElsewhere, oddClips } from '../../bad-clips.ts';
import { scratchFolder, soundClip } from '../../clips.ts';
import { processesNaming } from '../../processes.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);

interface Outcome {
  readonly code?: ErrorCode;
  readonly warnings: WarningCode[];
  readonly frames: number;
  readonly width: number;
  readonly height: number;
}

/** Looks at a file and decodes all of it, as a job would. Anything thrown that is not for a person fails the test. */
async function attempt(path: string): Promise<Outcome> {
  const warnings: WarningCode[] = [];
  let [frames, width, height] = [0, 0, 0];
  try {
    const clip = await probe(path);
    ({ width, height } = clip.video);
    warnings.push(...clip.warnings.map((w) => w.code), ...clipSound(clip).warnings.map((w) => w.code));
    for await (const frame of decodeFrames(clip, { onWarning: (w) => warnings.push(w.code) })) {
      expect(frame.data.length).toBe(width * height * 3);
      frames += 1;
    }
    return { warnings, frames, width, height };
  } catch (error) {
    if (!(error instanceof LumiereError)) throw error;
    return { code: error.code, warnings, frames, width, height };
  }
}

describe('files that are refused', () => {
  it.each(badClips)('$name', async ({ file, code }) => {
    const path = await file();
    const outcome = await attempt(path);
    expect([code].flat()).toContain(outcome.code);
    // Another test file may be at the same clip for a moment.
    await expect.poll(() => processesNaming(path)).toEqual([]);
  });

  it('and the film that points elsewhere would have been read there, had it been let', async () => {
    const words = ['-v', 'error', '-enable_drefs', '1', '-use_absolute_path', '1', '-count_frames', '-of', 'csv=p=0'];
    const path = await movPointingElsewhere();
    const count = execFileSync('ffprobe', [...words, '-show_entries', 'stream=nb_read_frames', path], {
      stdio: 'pipe',
    });
    expect(count.toString().trim()).toBe('25');
  });

  it.runIf(process.platform !== 'win32')('a pipe without a writer', async () => {
    const path = join(scratch.path, 'pipe.mp4');
    execFileSync('mkfifo', [path]);
    expect((await attempt(path)).code).toBe('input.unreadable');
  });
});

describe('odd files that are taken', () => {
  it.each(oddClips)('$name', async ({ file, frames, size, warnings }) => {
    const outcome = await attempt(await file());
    expect(outcome.code).toBeUndefined();
    const [least, most] = typeof frames === 'number' ? [frames, frames] : frames;
    expect(outcome.frames).toBeGreaterThanOrEqual(least);
    expect(outcome.frames).toBeLessThanOrEqual(most);
    if (size) expect([outcome.width, outcome.height]).toEqual(size);
    if (warnings) expect(outcome.warnings).toEqual(warnings);
  });
});

describe('names that look like something else', () => {
  const names = [
    '-y.mp4',
    'a:b.mp4',
    'http:x.mp4',
    'concat:a|b.mp4',
    '%d%03d.mp4',
    'a b "c" \'d\'.mp4',
    'é[0]{1},;.mp4',
    'pipe:0',
  ];
  it.runIf(process.platform !== 'win32').each(names)('%s', async (name) => {
    const path = join(scratch.path, name);
    await writeFile(path, await readFile(await soundClip()));
    expect(await attempt(path)).toMatchObject({ frames: 25, width: 64, height: 48 });
  });
});
