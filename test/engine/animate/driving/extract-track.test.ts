/** What is read out of driving clips, good and bad, by the real networks: section 6's rows for drivers among them. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { extractTrack, type ExtractedTrack } from '../../../../src/engine/animate/driving/extract-track.ts';
import { readMotionTrack, writeMotionTrack } from '../../../../src/engine/animate/motion/track-file.ts';
import type { LumiereError } from '../../../../src/engine/errors.ts';
import { toNumber } from '../../../../src/engine/rational.ts';
import { makeFile, scratchFolder } from '../../../clips.ts';
import { longestBlock, mostBlockMs } from '../../../event-loop.ts';
import { type FaceBench, openFaceBench } from '../face/face-test.ts';
import * as clips from './driver-clips.ts';

const scratch = await scratchFolder();
let bench: FaceBench;
beforeAll(async () => {
  bench = await openFaceBench();
});
afterAll(async () => {
  await scratch.remove();
  await bench.close();
});

const signal = new AbortController().signal;
const extract = (path: string, maxSeconds = 60): Promise<ExtractedTrack> =>
  extractTrack(path, bench.networks, bench.networks.canonical, { signal, maxSeconds });

describe('a clip of a head that rolls', () => {
  it('gives its roll, frame by frame, at its exact rate', async () => {
    const path = await clips.rollingClip();
    const seen: number[] = [];
    const { track, warnings } = await extractTrack(path, bench.networks, bench.networks.canonical, {
      signal,
      maxSeconds: 60,
      onProgress: (done, total) => {
        expect(total).toBe(60);
        seen.push(done);
      },
    });
    expect(track.rate).toEqual({ num: 30_000, den: 1001 });
    expect(track.frames).toHaveLength(60);
    expect(seen.at(-1)).toBe(60);
    expect(warnings).toEqual([]);
    expect(track).toMatchObject({ relativeTo: 'canonical-face', loops: false, source: 'clip' });
    // The painted head is tipped by itself; what ffmpeg added is known.
    const rolls = track.frames.map(({ head }) => head!.roll);
    const turned = (k: number): number =>
      clips.rollDegrees * Math.sin((2 * Math.PI * k) / toNumber(track.rate) / clips.rollSeconds);
    const own = rolls.reduce((sum, roll, k) => sum + roll - turned(k), 0) / 60;
    const errors = rolls.map((roll, k) => Math.abs(roll - own - turned(k)));
    expect(Math.max(...errors)).toBeLessThan(2);
    expect(errors.reduce((sum, error) => sum + error, 0) / 60).toBeLessThan(0.8);
    // The lids and the depth are hers throughout: nothing else moved.
    for (const { gaze, mesh } of track.frames) {
      expect(Math.abs(gaze!.x - track.frames[0]!.gaze!.x)).toBeLessThan(8);
      expect(mesh).toHaveLength(1404);
    }
  });

  it('is read without holding the event loop, and can be cancelled', async () => {
    const path = await clips.rollingClip();
    const blocking = await longestBlock(() => extract(path), { except: /\bspawn\b/ });
    expect(blocking.longestMs, blocking.stack.join(' < ')).toBeLessThan(mostBlockMs);
    const controller = new AbortController();
    const started = extractTrack(path, bench.networks, bench.networks.canonical, {
      signal: controller.signal,
      maxSeconds: 60,
      onProgress: (done) => {
        if (done === 5) controller.abort();
      },
    });
    await expect(started).rejects.toMatchObject({ code: 'job.cancelled' });
  });
});

interface Row {
  readonly what: string;
  readonly make: () => Promise<string>;
  readonly maxSeconds?: number;
  readonly refused?: Pick<LumiereError, 'code'> & Partial<Pick<LumiereError, 'params'>>;
  readonly warned?: readonly { readonly code: string; readonly params: object }[];
  readonly frames?: number;
}

const rows: readonly Row[] = [
  { what: 'without a face', make: clips.facelessClip, refused: { code: 'driver.no-face' } },
  { what: 'of one frame', make: clips.oneFrameClip, refused: { code: 'driver.too-short', params: { frames: 1 } } },
  {
    what: 'that is text under the name of a film',
    make: () => makeFile('mp4', 'This is no film at all, only a few words about one.\n'.repeat(20)),
    refused: { code: 'input.not-media' },
  },
  {
    what: 'that is not there',
    make: () => Promise.resolve('/nowhere/at/all.mp4'),
    refused: { code: 'input.not-found' },
  },
  {
    what: 'with two faces',
    make: clips.doubledClip,
    warned: [{ code: 'driver.several-faces', params: { count: 2 } }],
    frames: 15,
  },
  {
    what: 'with cuts',
    make: clips.cutClip,
    warned: [{ code: 'driver.cuts', params: { count: 2 } }],
    frames: 36,
  },
  {
    what: 'that loses its face',
    make: clips.lostClip,
    warned: [{ code: 'driver.face-lost', params: { frames: 15, seconds: 0.6 } }],
    frames: 45,
  },
  {
    what: 'of ten minutes',
    make: clips.longClip,
    maxSeconds: 3,
    warned: [{ code: 'driver.shortened', params: { seconds: 600, limit: 3 } }],
    frames: 15,
  },
];

/** Of the row that loses its face. */
let lostTrack: ExtractedTrack | undefined;

describe('a driving clip', () => {
  it.each(rows)('$what', async ({ make, maxSeconds, refused, warned, frames }) => {
    const work = extract(await make(), maxSeconds);
    if (refused) {
      await expect(work).rejects.toMatchObject(refused);
      return;
    }
    const extracted = await work;
    const { track, warnings } = extracted;
    if (warnings.some(({ code }) => code === 'driver.face-lost')) lostTrack = extracted;
    expect(warnings).toEqual(warned);
    expect(track.frames).toHaveLength(frames!);
  });

  it('that is a slide show makes a track that can be written and read', async () => {
    const { track } = await extract(await clips.slideShow());
    expect(track.rate).toEqual({ num: 1, den: 1 });
    expect(track.frames).toHaveLength(12);
    const path = join(scratch.path, 'slides.json');
    await writeMotionTrack(path, track);
    expect((await readMotionTrack(path)).frames).toHaveLength(12);
  });

  it('that loses its face repeats what it saw last and says so', () => {
    const { track } = lostTrack!;
    const lost = track.frames.flatMap(({ tracked }, k) => (tracked === false ? [k] : []));
    expect(lost[0]).toBeGreaterThanOrEqual(14);
    expect(lost.at(-1)).toBeLessThanOrEqual(30);
    expect(track.frames[lost[3]!]!.head).toEqual(track.frames[lost[0]! - 1]!.head);
  });
});
