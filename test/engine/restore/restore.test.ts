/** The whole job with real ffmpeg and real weights, on pictures small enough to restore in seconds. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decodeFrames } from '../../../src/engine/media/decode.ts';
import { probe } from '../../../src/engine/media/probe.ts';
import { rational, toNumber } from '../../../src/engine/rational.ts';
import { prepareRestore } from '../../../src/engine/restore/prepare.ts';
import { defaultRequest, type RestoreRequest } from '../../../src/engine/restore/request.ts';
import { restoreClip, type RestoreReport } from '../../../src/engine/restore/restore.ts';
import type { SoundRequest } from '../../../src/engine/restore/sound/request.ts';
import { h264, makeClip, picture, scratchFolder, soundClip } from '../../clips.ts';
import { longestBlock, mostBlockMs } from '../../event-loop.ts';
import { installForTest, testModelCache } from '../../models.ts';

const scratch = await scratchFolder();
afterAll(scratch.remove);
beforeAll(async () => {
  for (const id of ['rife-v4.6', 'general-x4v3', 'anime4k-l']) await installForTest(id);
});

const machine = { modelsDir: testModelCache, providers: ['cpu'] } as const;

interface Job {
  readonly request?: Partial<RestoreRequest>;
  readonly sound?: SoundRequest;
  readonly signal?: AbortSignal;
  readonly scratchFolder?: string;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

let jobs = 0;

async function restore(clip: string, job: Job = {}): Promise<RestoreReport> {
  const signal = job.signal ?? new AbortController().signal;
  const request = { ...defaultRequest, ...job.request };
  const prepared = await prepareRestore(clip, request, job.sound ?? { kind: 'keep' }, { machine, signal });
  const { onProgress, scratchFolder: own } = job;
  const path = join(scratch.path, `${jobs++}.mp4`);
  return restoreClip(prepared, path, {
    machine,
    signal,
    ...(onProgress && { onProgress }),
    ...(own && { scratchFolder: own }),
  });
}

/** A disc that crosses the picture evenly, 20 pixels a second at 10 frames a second: where it should be is known at every moment. */
function movingDisc(): Promise<string> {
  const disc = "geq=lum='255*lt(hypot(X-24-20*T,Y-32),12)':cb=128:cr=128";
  return makeClip('mp4', [...picture(`color=black:s=96x64:r=10:d=1,format=yuv420p,${disc}`), ...h264, '-crf', '8']);
}

describe('a restoration', () => {
  it('enlarges, makes the frames between, keeps length and sound', async () => {
    const seen: number[] = [];
    const report = await restore(await soundClip(), {
      request: { size: { scale: 2 }, rate: { fps: rational(50) } },
      onProgress: (stage, done, total) => {
        expect(stage).toBe('restore');
        expect(total).toBe(50);
        seen.push(done);
      },
    });
    const result = await probe(report.output.path);
    expect(result.video).toMatchObject({ width: 128, height: 96, rate: rational(50), duration: rational(1) });
    expect(result.video.frameCount.count).toBe(50);
    expect(result.audio).toHaveLength(1);
    expect(toNumber(result.audio[0]!.offset)).toBeCloseTo(0, 2);
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(report.frames.real + report.frames.between + report.frames.held).toBe(50);
    expect(report.frames.between).toBeGreaterThan(20);
    expect(report.output.bytes).toBe((await stat(report.output.path)).size);
    expect(report.modelSeconds).toBeGreaterThan(0);
    expect(report.modelSeconds).toBeLessThan(report.seconds * 2);
  });

  it('puts what moves where it should be between two frames, in enlarged pixels', async () => {
    const report = await restore(await movingDisc(), { request: { rate: { fps: rational(20) }, denoise: 'off' } });
    expect(report.frames.between).toBe(9);
    let compared = 0;
    for await (const { data, width, height, time } of decodeFrames(await probe(report.output.path))) {
      let [weight, sumX] = [0, 0];
      for (let i = 0; i < width * height; i++) {
        weight += data[3 * i]!;
        sumX += data[3 * i]! * ((i % width) + 0.5);
      }
      const expected = 4 * (24 + 20 * Math.min(toNumber(time), 0.9) + 0.5);
      // 3 of 384 pixels: less than one pixel of the source.
      expect(Math.abs(sumX / weight - expected)).toBeLessThan(3);
      compared += 1;
    }
    expect(compared).toBe(20);
  });

  it('never blocks the event loop for long', async () => {
    const clip = await soundClip();
    // Starting ffmpeg copies this process's tables of memory: 10 to 25 ms in the kernel, three times in a job, whatever we do.
    // A loop found idle was waiting, for a timer that a busy machine delivers late.
    const except = /spawn|^\(idle\)/i;
    const blocking = await longestBlock(() => restore(clip, { request: { rate: { fps: rational(30) } } }), { except });
    expect(blocking.ticks).toBeGreaterThan(50);
    expect(blocking.longestMs, blocking.stack.join('\n')).toBeLessThan(mostBlockMs);
  });

  it('holds a size limit and says what was given up', async () => {
    const report = await restore(await soundClip(), { request: { rate: 'source', maxBytes: 20_000 } });
    expect((await stat(report.output.path)).size).toBeLessThanOrEqual(20_000);
    expect(report.givenUp.length).toBeGreaterThan(0);
  });

  it('adds an ambience, says so in the file and in the report, and holds the size limit with it', async () => {
    const silent = await movingDisc();
    const report = await restore(silent, {
      request: { size: { scale: 1 }, rate: 'source', maxBytes: 40_000 },
      sound: { kind: 'ambience', name: 'rain', seed: 7 },
    });
    const result = await probe(report.output.path);
    expect(result.audio).toHaveLength(1);
    expect(report.addedSound).toMatchObject({ kind: 'ambience', name: 'rain' });
    const entries = ['-v', 'error', '-show_entries', 'format_tags=comment', '-of', 'default=nw=1:nk=1'];
    const { stdout } = await promisify(execFile)('ffprobe', [...entries, report.output.path]);
    expect(stdout.trim()).toBe(
      'Sound added for atmosphere, not from the film: ambience "rain", synthesised by Lumiere (seed 7).',
    );
    expect((await stat(report.output.path)).size).toBeLessThanOrEqual(40_000);
  });

  it('is silent when asked, and in slow motion, which lasts longer', async () => {
    const clip = await soundClip();
    const plain = { size: { scale: 1 }, rate: 'source' } as const;
    const muted = await restore(clip, { request: plain, sound: { kind: 'none' } });
    expect((await probe(muted.output.path)).audio).toEqual([]);
    const slow = await restore(clip, { request: { ...plain, slowMotion: 2 } });
    const result = await probe(slow.output.path);
    expect(result.audio).toEqual([]);
    expect(result.video.duration).toEqual(rational(2));
  });

  it('leaves nothing behind when it is cancelled in the middle', async () => {
    const controller = new AbortController();
    const before = await readdir(scratch.path);
    const own = await scratchFolder();
    let meanwhile = 0;
    const job = restore(await soundClip(), {
      // A sound that is made has the picture wait for it in the job's own folder.
      sound: { kind: 'ambience', name: 'rain', seed: 7 },
      signal: controller.signal,
      scratchFolder: own.path,
      onProgress: (_, done) => {
        if (done !== 3) return;
        meanwhile = readdirSync(own.path, { recursive: true }).length;
        controller.abort();
      },
    });
    await expect(job).rejects.toMatchObject({ code: 'job.cancelled' });
    expect(meanwhile).toBeGreaterThan(1);
    expect(await readdir(own.path)).toEqual([]);
    expect(await readdir(scratch.path)).toEqual(before);
    await own.remove();
  });

  it('says so when its own folder cannot be made, and opens nothing before', async () => {
    const work = restore(await soundClip(), { scratchFolder: join(scratch.path, 'no-such-folder') });
    await expect(work).rejects.toMatchObject({ code: 'output.unwritable' });
  });

  it('never writes over its own input', async () => {
    const clip = await soundClip();
    const { signal } = new AbortController();
    const prepared = await prepareRestore(clip, defaultRequest, { kind: 'keep' }, { machine, signal });
    await expect(restoreClip(prepared, clip, { machine, signal })).rejects.toMatchObject({ code: 'request.invalid' });
    expect((await probe(clip)).video.width).toBe(64);
  });
});
