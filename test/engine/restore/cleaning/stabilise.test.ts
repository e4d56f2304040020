import { describe, expect, it } from 'vitest';

import type { Frame } from '../../../../src/engine/frame.ts';
import { rational } from '../../../../src/engine/rational.ts';
import { globalShift } from '../../../../src/engine/restore/inspection/global-motion.ts';
import { stabilise } from '../../../../src/engine/restore/cleaning/stabilise.ts';
import { movePicture } from '../../../../src/engine/restore/cleaning/steady-kernel.ts';
import { thumbnailOf, type GreyPicture } from '../../../../src/engine/restore/inspection/thumbnail.ts';
import { collect, frameOf, leaves, pieceOf, quiet, streamOf } from '../leaves.ts';
import { blobs, maxDifference, moved, paint, psnr, random } from '../pictures.ts';

describe('moving a picture', () => {
  const scene = blobs(96, 64, 2, 5);
  const frame = paint(scene, 96, 64);

  it('by whole pixels is exact', () => {
    const data = movePicture(frame, 3, -2);
    for (let y = 4; y < 60; y++) {
      for (let x = 4; x < 92; x++) expect(data[(y * 96 + x) * 3]).toBe(frame.data[((y + 2) * 96 + x - 3) * 3]);
    }
  });

  it.each([
    [0.5, 0],
    [0.25, -0.75],
    [-1.4, 2.6],
  ])('by %s and %s is what the scene gives there', (dx, dy) => {
    const data = movePicture(frame, dx, dy);
    expect(psnr({ ...frame, data }, paint(moved(scene, dx, dy), 96, 64), 6)).toBeGreaterThan(48);
  });

  it('repeats the edge instead of showing black', () => {
    const white = { data: new Uint8Array(20 * 20 * 3).fill(200), width: 20, height: 20 };
    expect(maxDifference(movePicture(white, 4.3, -3.7), white.data)).toBe(0);
  });
});

describe('the shift of a whole picture', () => {
  const grey = (frame: Frame): GreyPicture => thumbnailOf(frame);
  const scene = blobs(160, 120, 3, 4);

  it.each([
    [0.1, 0],
    [0.5, -0.3],
    [3.2, 1.7],
    [-6.4, 4.1],
  ])('is found to a twentieth of a pixel: %s, %s', (dx, dy) => {
    const found = globalShift(grey(paint(scene, 160, 120)), grey(paint(moved(scene, dx, dy), 160, 120)));
    expect(Math.abs(found.dx - dx)).toBeLessThan(0.05);
    expect(Math.abs(found.dy - dy)).toBeLessThan(0.05);
  });

  it('is that of the ground, not of what walks over it, and not changed by flicker', () => {
    const walker = (at: number) => (x: number, y: number) =>
      Math.hypot(x - at, y - 60) < 22 ? ([240, 240, 240] as const) : scene(x, y);
    const dimmed = paint(moved(walker(60), 0.4, 0), 160, 120);
    const second = { ...dimmed, data: dimmed.data.map((level) => level * 0.9) };
    const found = globalShift(grey(paint(walker(40), 160, 120)), grey(second));
    expect(Math.abs(found.dx - 0.4)).toBeLessThan(0.2);
  });

  it('is not trusted in an empty picture', () => {
    const empty = { data: new Uint8Array(160 * 120).fill(80), width: 160, height: 120 };
    expect(globalShift(empty, empty).agreement).toBe(0);
  });
});

describe('stabilise', () => {
  const world = leaves(500, 240, 6);
  const next = random(5);
  const jitter = Array.from({ length: 30 }, () => [2 * (next() - 0.5), 2 * (next() - 0.5)] as const);
  /** Frames of a camera at `left`, shaken by up to a pixel. */
  const shaken = (path: (k: number) => number): { clean: Frame[]; frames: Frame[] } => {
    const clean = jitter.map((_, k) => frameOf(pieceOf(world, path(k), 20, 240, 180), rational(k, 16)));
    const frames = clean.map((frame, k) => ({ ...frame, data: movePicture(frame, ...jitter[k]!) }));
    return { clean, frames };
  };
  /** Deviation from the middle of the neighbours, in pixels of the frame, of where each frame lies against the clean one. */
  const shake = (frames: readonly Frame[], clean: readonly Frame[]): number => {
    const places = frames.map((frame, k) => globalShift(thumbnailOf(clean[k]!), thumbnailOf(frame)));
    const off = places.slice(1, -1).flatMap(({ dx, dy }, i) => {
      const [before, after] = [places[i]!, places[i + 2]!];
      return [dx - (before.dx + after.dx) / 2, dy - (before.dy + after.dy) / 2];
    });
    return 1.5 * Math.sqrt(off.reduce((sum, value) => sum + value ** 2, 0) / off.length);
  };

  it.each([
    { name: 'a camera that stands', path: () => 100 },
    { name: 'a steady pan', path: (k: number) => 20 + 3 * k },
  ])('takes nine tenths of the weave from $name', async ({ path }) => {
    const { clean, frames } = shaken(path);
    const steady = await collect(stabilise(streamOf(frames), quiet));
    expect(shake(frames, clean)).toBeGreaterThan(0.5);
    expect(shake(steady, clean)).toBeLessThan(shake(frames, clean) / 8);
    expect(steady.map(({ time }) => time)).toEqual(frames.map(({ time }) => time));
  });

  it('leaves what is steady as it is', async () => {
    const still = Array.from({ length: 12 }, (_, k) => frameOf(pieceOf(world, 60, 20, 240, 180), rational(k, 16)));
    const out = await collect(stabilise(streamOf(still), quiet));
    expect(out.map((frame, k) => frame === still[k])).toEqual(still.map(() => true));
  });

  it('does not pull the frames of two shots together', async () => {
    const second = leaves(300, 240, 8);
    const frames = [
      ...Array.from({ length: 10 }, (_, k) => frameOf(pieceOf(world, 60, 20, 240, 180), rational(k, 16))),
      ...Array.from({ length: 10 }, (_, k) => ({
        ...frameOf(pieceOf(second, 20, 20, 240, 180), rational(10 + k, 16)),
        ...(k === 0 && { startsShot: true }),
      })),
    ];
    const out = await collect(stabilise(streamOf(frames), quiet));
    expect(out.map((frame, k) => frame === frames[k])).toEqual(frames.map(() => true));
  });

  it('stops when the job is cancelled', async () => {
    const cancel = new AbortController();
    const { frames } = shaken(() => 100);
    const steady = stabilise(streamOf(frames), { signal: cancel.signal })[Symbol.asyncIterator]();
    expect((await steady.next()).done).toBe(false);
    cancel.abort();
    await expect(steady.next()).rejects.toThrow('job.cancelled');
  });
});
