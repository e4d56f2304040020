import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../../src/engine/frame.ts';
import { motionPlanes } from '../../../../src/engine/restore/between/motion-graph.ts';
import { packRows, warpRows, type WarpJob } from '../../../../src/engine/restore/between/warp-kernel.ts';
import { blend, blobs, maxDifference, paint, type Scene } from '../pictures.ts';

type Planes = Partial<Record<(typeof motionPlanes)[number], (x: number, y: number) => number>>;

function packed(frame: Frame): Int32Array {
  const words = new Int32Array(frame.width * frame.height);
  packRows(frame.data, words, frame.width, 0, frame.height);
  return words;
}

function planesOf(width: number, height: number, values: Planes): Float32Array {
  const still = { leftX: 0, leftY: 0, rightX: 0, rightY: 0, leftShare: 0.5, trust: 1 };
  const planes = new Float32Array(motionPlanes.length * width * height);
  motionPlanes.forEach((name, plane) => {
    for (let at = 0; at < width * height; at += 1) {
      planes[plane * width * height + at] = values[name]?.(at % width, Math.floor(at / width)) ?? still[name];
    }
  });
  return planes;
}

function warp(left: Frame, right: Frame, planes: Planes, size: { width: number; height: number }, phase = 0.5) {
  const job: WarpJob = {
    left: packed(left),
    right: packed(right),
    width: left.width,
    height: left.height,
    planes: planesOf(size.width, size.height, planes),
    planesWidth: size.width,
    planesHeight: size.height,
    phase,
  };
  const out = new Uint8Array(left.data.length);
  warpRows(job, out, 0, left.height);
  return { job, out };
}

/** Linear across the picture, so that bilinear sampling of it is exact. */
const ramp: Scene = (x, y) => [40 + 1.5 * x, 30 + 2 * y, 200 - x - y];

describe('the warp kernel', () => {
  it.each([
    [64, 48, 64, 48],
    [64, 48, 16, 12],
    [63, 47, 16, 12],
    [61, 45, 20, 17],
    [5, 3, 2, 1],
    [1, 1, 1, 1],
  ])('leaves a still %ix%i picture with %ix%i planes exactly as it is', (width, height, planesWidth, planesHeight) => {
    const frame = paint(blobs(width, height, 3, 1), width, height);
    const { out } = warp(frame, frame, {}, { width: planesWidth, height: planesHeight });
    expect(maxDifference(out, frame.data)).toBe(0);
  });

  it.each([1, 2, 4])(
    'samples at the enlarged flow, to a fraction of a pixel, with planes %i times smaller',
    (scale) => {
      const [width, height] = [64, 48];
      const frame = paint(ramp, width, height);
      const size = { width: width / scale, height: height / scale };
      const [dx, dy] = [2.3, -1.6];
      const flows = { leftX: () => dx, leftY: () => dy, rightX: () => dx, rightY: () => dy };
      const { out } = warp(frame, frame, flows, size);
      const expected = paint(
        (x, y) => {
          const [sx, sy] = [x + dx * scale, y + dy * scale];
          return ramp(Math.max(0, Math.min(width - 1, sx)), Math.max(0, Math.min(height - 1, sy)));
        },
        width,
        height,
      );
      expect(maxDifference(out, expected.data)).toBeLessThanOrEqual(1);
    },
  );

  it('follows flow that changes from place to place as a straight line between plane pixels', () => {
    const [width, height] = [80, 40];
    const frame = paint(ramp, width, height);
    const { out } = warp(frame, frame, { leftX: (x) => 0.25 * x, rightX: (x) => 0.25 * x }, { width: 20, height: 10 });
    const expected = paint(
      (x, y) => {
        const planeX = Math.max(0, Math.min(19, (x + 0.5) / 4 - 0.5));
        return ramp(Math.min(width - 1, x + planeX), y);
      },
      width,
      height,
    );
    expect(maxDifference(out, expected.data)).toBeLessThanOrEqual(1);
  });

  it('mixes the neighbours by the share of the left one', () => {
    const left = paint(() => [200, 100, 0], 16, 8);
    const right = paint(() => [0, 100, 240], 16, 8);
    const { out } = warp(left, right, { leftShare: () => 0.75 }, { width: 4, height: 2 });
    expect([...out.subarray(0, 3)]).toEqual([150, 100, 60]);
  });

  it('is a plain blend by the phase where the motion is not trusted, whatever the flow', () => {
    const left = paint(blobs(32, 16, 5), 32, 16);
    const right = paint(blobs(32, 16, 6), 32, 16);
    const wild = { leftX: () => 7, rightY: () => -9, leftShare: () => 1, trust: () => 0 };
    const { out } = warp(left, right, wild, { width: 8, height: 4 }, 0.25);
    expect(maxDifference(out, blend(left, right, 0.25).data)).toBeLessThanOrEqual(1);
  });

  it('gives the same in bands as at once', () => {
    const left = paint(blobs(50, 33, 7), 50, 33);
    const right = paint(blobs(50, 33, 8), 50, 33);
    const values = { leftX: (x: number) => 2 * Math.sin(x), rightY: () => 1.5, trust: (x: number) => (x % 3) / 2 };
    const { job, out } = warp(left, right, values, { width: 13, height: 9 });
    const bands = new Uint8Array(out.length);
    for (const [from, to] of [
      [0, 11],
      [11, 12],
      [12, 33],
    ] as const) {
      warpRows(job, bands, from, to);
    }
    expect(maxDifference(bands, out)).toBe(0);
  });
});
