/** How motion tracks lie in their files: a frame a line, other layouts while they are small, and never the event loop held. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { meshStep } from '../../../../src/engine/animate/motion/mesh-text.ts';
import { readMotionTrack, writeMotionTrack } from '../../../../src/engine/animate/motion/track-file.ts';
import { trackLimits } from '../../../../src/engine/animate/motion/track-schema.ts';
import { headAtRest, type MotionFrame, type MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import { longestBlock, mostBlockMs } from '../../../event-loop.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-track-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const whole: MotionFrame = {
  head: { ...headAtRest, yaw: -12.5, z: 40 },
  mesh: Float32Array.from({ length: 1404 }, (_, i) => ((i % 4000) - 700) * meshStep),
};
const track: MotionTrack = {
  relativeTo: 'canonical-face',
  rate: { num: 30, den: 1 },
  loops: false,
  source: 'clip',
  frames: [{}, { blendshapes: { jawOpen: 0.25 }, tracked: false }, whole],
};

describe('a motion track in its file', () => {
  it('is read in any layout while it is small, and frame by frame when it is not', async () => {
    const path = join(folder, 'layout.json');
    await writeMotionTrack(path, track);
    const text = await readFile(path, 'utf8');
    const read = await readMotionTrack(path);
    const others = [
      JSON.stringify(JSON.parse(text)),
      JSON.stringify(JSON.parse(text), undefined, 2),
      text.replaceAll('\n', '\r\n'),
    ];
    for (const other of others) {
      await writeFile(path, other);
      expect(await readMotionTrack(path)).toEqual(read);
    }
    // A quote that is missing, a comma too many, words after the end: no JSON.
    for (const broken of [text.replace('"head"', '\n"head'), text.replace(/\n\]\}/, ',\n]}'), `${text}more`]) {
      await writeFile(path, broken);
      await expect(readMotionTrack(path)).rejects.toMatchObject({ code: 'track.not-json' });
    }
    await writeFile(path, `${text}${' '.repeat(trackLimits.bytesAtOnce)}`);
    await expect(readMotionTrack(path)).rejects.toMatchObject({
      code: 'track.layout',
      params: { limit: trackLimits.bytesAtOnce },
    });
  });

  it('does not hold the event loop while the longest is read and written', async () => {
    const path = join(folder, 'long.json');
    const frames = Array.from({ length: 7000 }, () => whole);
    const blocking = await longestBlock(async () => {
      await writeMotionTrack(path, { ...track, rate: { num: 60, den: 1 }, frames });
      await readMotionTrack(path);
    });
    expect(blocking.longestMs, blocking.stack.join(' < ')).toBeLessThan(mostBlockMs);
  });

  it('does not hold it either in another layout', async () => {
    const path = join(folder, 'at-once.json');
    const frames = Array.from({ length: 245 }, () => whole);
    await writeMotionTrack(path, { ...track, frames });
    await writeFile(path, JSON.stringify(JSON.parse(await readFile(path, 'utf8'))));
    const blocking = await longestBlock(() => readMotionTrack(path));
    expect(blocking.longestMs, blocking.stack.join(' < ')).toBeLessThan(mostBlockMs);
  });
});
