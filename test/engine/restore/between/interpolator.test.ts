import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/engine/frame.ts';
import type { SessionPool } from '../../../../src/engine/model/session.ts';
import { createSessionPool } from '../../../../src/engine/model/session-pool.ts';
import {
  createInterpolator,
  type Interpolator,
  motionReduction,
} from '../../../../src/engine/restore/between/interpolator.ts';
import { motionPlanes } from '../../../../src/engine/restore/between/motion-graph.ts';
import { installForTest } from '../../../models.ts';
import { blend, blobs, maxDifference, moved, noise, paint, psnr, type Scene } from '../pictures.ts';

const [width, height] = [150, 90];
let pool: SessionPool;
let rife: string;
let interpolator: Interpolator;

beforeAll(async () => {
  const { network } = await installForTest('rife-v4.6');
  rife = network!;
  pool = createSessionPool();
  interpolator = await createInterpolator(pool, rife, { width, height });
});

afterAll(async () => {
  await interpolator.close();
  await pool.close();
});

async function between(left: Frame, right: Frame, phase: number, still?: Uint8Array): Promise<Frame> {
  const motion = await interpolator.motion(left, right, phase, still === undefined ? {} : { still });
  return { ...left, data: await interpolator.render(left, right, motion) };
}

async function meanTrust(left: Frame, right: Frame): Promise<number> {
  const { planes } = await interpolator.motion(left, right, 0.5);
  const trust = planes.subarray(motionPlanes.indexOf('trust') * width * height);
  return trust.reduce((sum, value) => sum + value, 0) / trust.length;
}

/** Centre of what is brighter than the ground, in pixels from the left. */
function brightCentre(frame: Frame, ground: number): number {
  let [sum, weighted] = [0, 0];
  for (let at = 0; at < frame.width * frame.height; at += 1) {
    const weight = Math.max(0, frame.data[at * 3]! - ground - 4);
    sum += weight;
    weighted += weight * (at % frame.width);
  }
  return weighted / sum;
}

describe('frames between two frames', () => {
  it.each([0.25, 0.5, 0.8])('moves a known translation to its place at phase %f', async (phase) => {
    const scene = blobs(width, height, 11, 3);
    const [dx, dy] = [11, -5];
    const [left, right] = [paint(scene, width, height), paint(moved(scene, dx, dy), width, height)];
    const truth = paint(moved(scene, dx * phase, dy * phase), width, height);
    const made = await between(left, right, phase);
    expect(psnr(made, truth, 10)).toBeGreaterThan(36);
    expect(psnr(made, truth, 10)).toBeGreaterThan(psnr(blend(left, right, phase), truth, 10) + 6);
  });

  it('puts a moving light where it must be, to a third of a pixel', async () => {
    const light = (x: number): Scene => {
      return (px, py) => {
        const level = 60 + 160 * Math.exp(-((px - x) ** 2 + (py - 45) ** 2) / 60);
        return [level, level, level];
      };
    };
    const [left, right] = [paint(light(60), width, height), paint(light(70), width, height)];
    for (const phase of [0.3, 0.5, 0.7]) {
      const at = brightCentre(await between(left, right, phase), 60);
      expect(Math.abs(at - (60 + 10 * phase))).toBeLessThan(1 / 3);
    }
  });

  it('leaves a still picture exactly as it is', async () => {
    const frame = paint(blobs(width, height, 12, 1.5), width, height);
    expect(maxDifference((await between(frame, { ...frame }, 0.5)).data, frame.data)).toBe(0);
  });

  it('averages noise in a still scene as a plain blend does, and beats either neighbour', async () => {
    const scene = blobs(width, height, 13);
    const noisy = (seed: number): Frame => {
      const grain = noise(seed, 10);
      return paint((x, y) => scene(x, y).map((level, c) => level + grain(x, y)[c]! - 128) as never, width, height);
    };
    const [truth, left, right] = [paint(scene, width, height), noisy(1), noisy(2)];
    const made = psnr(await between(left, right, 0.5), truth);
    expect(made).toBeGreaterThan(psnr(left, truth) + 2);
    expect(made).toBeGreaterThan(psnr(blend(left, right, 0.5), truth) - 0.5);
  });

  it('trusts motion that explains the pictures, and not motion between unrelated ones', async () => {
    const scene = blobs(width, height, 14);
    expect(await meanTrust(paint(scene, width, height), paint(moved(scene, 5, 2), width, height))).toBeGreaterThan(0.9);
    const unrelated = [
      paint(blobs(width, height, 3), width, height),
      paint(blobs(width, height, 4), width, height),
    ] as const;
    expect(await meanTrust(...unrelated)).toBeLessThan(0.35);
  });

  it('does not move a burnt-in overlay, while the picture around it moves', async () => {
    const scene = blobs(width, height, 15);
    const isLogo = (x: number, y: number): boolean => x >= 100 && x < 130 && y >= 60 && y < 76 && (x + y) % 6 < 3;
    const withLogo =
      (inner: Scene): Scene =>
      (x, y) =>
        isLogo(x, y) ? [255, 255, 255] : inner(x, y);
    const left = paint(withLogo(scene), width, height);
    const right = paint(withLogo(moved(scene, 8, 0)), width, height);
    const still = new Uint8Array(width * height).map((_, at) => (isLogo(at % width, Math.floor(at / width)) ? 255 : 0));
    const logoError = (frame: Frame): number => {
      let most = 0;
      still.forEach((value, at) => (most = value === 0 ? most : Math.max(most, 255 - frame.data[at * 3]!)));
      return most;
    };
    expect(logoError(await between(left, right, 0.5, still))).toBe(0);
    expect(logoError(await between(left, right, 0.5))).toBeGreaterThan(0);
  });

  it('warps an enlargement by motion found on the originals', async () => {
    const scale = 4;
    const scene = blobs(width, height, 16);
    const large = (dx: number): Frame =>
      paint((x, y) => scene((x + 0.5) / scale - 0.5 - dx, (y + 0.5) / scale - 0.5), width * scale, height * scale);
    const motion = await interpolator.motion(
      paint(scene, width, height),
      paint(moved(scene, 6, 0), width, height),
      0.5,
    );
    const [left, right] = [large(0), large(6)];
    const made = { ...left, data: await interpolator.render(left, right, motion) };
    expect(psnr(made, large(3), 10 * scale)).toBeGreaterThan(36);
  });

  it('estimates motion of large frames on smaller ones', async () => {
    const half = await createInterpolator(pool, rife, { width, height, reduce: 2 });
    expect(half.planes).toEqual({ width: 75, height: 45 });
    const scene = blobs(width, height, 17, 6);
    const [left, right] = [paint(scene, width, height), paint(moved(scene, 6, 4), width, height)];
    const motion = await half.motion(left, right, 0.5);
    const made = { ...left, data: await half.render(left, right, motion) };
    await half.close();
    expect(psnr(made, paint(moved(scene, 3, 2), width, height), 12)).toBeGreaterThan(34);
  });

  it.each([
    [640, 480, 1],
    [1280, 720, 1],
    [1920, 1080, 2],
    [3840, 2160, 3],
  ])('reduces %ix%i by %i before motion is estimated', (w, h, reduce) => {
    expect(motionReduction(w, h)).toBe(reduce);
  });

  it('refuses frames of another size and stops when cancelled', async () => {
    const frame = paint(blobs(20, 20), 20, 20);
    await expect(interpolator.motion(frame, frame, 0.5)).rejects.toThrow('expected 150x90');
    const signal = AbortSignal.abort();
    const right = paint(blobs(width, height), width, height);
    await expect(interpolator.motion(right, right, 0.5, { signal })).rejects.toMatchObject({ code: 'job.cancelled' });
  });
});
