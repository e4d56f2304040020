/** Every move: what it shows of the edges, whether it meets itself, and that it goes where its name says. */
import { describe, expect, it } from 'vitest';

import { cameraMoves } from '../../../../src/engine/animate/camera/camera-move.ts';
import { cameraPath, type PathOptions } from '../../../../src/engine/animate/camera/camera-path.ts';
import type { View } from '../../../../src/engine/animate/camera/resample.ts';
import { randomStream } from '../../../../src/engine/restore/sound/synth/noise.ts';

const size = { width: 1200, height: 700 };
const options = (change: Partial<PathOptions> = {}): PathOptions => ({
  size,
  focus: { x: 180, y: 650 },
  loops: true,
  seconds: 5,
  strength: 1,
  random: randomStream(7, 'camera'),
  ...change,
});
const shares = Array.from({ length: 126 }, (_, frame) => frame / 125);

/** How far the corners of what is seen lie outside the picture, in pixels; below 0 they are inside. */
function outside({ x, y, zoom, roll }: View): number {
  const angle = (roll * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom];
  const corners = [-1, 1].flatMap((u) => [-1, 1].map((v) => [(u * size.width) / 2, (v * size.height) / 2] as const));
  return Math.max(
    ...corners.flatMap(([u, v]) => {
      const [px, py] = [x + cos * u - sin * v, y + sin * u + cos * v];
      return [-px, -py, px - size.width, py - size.height];
    }),
  );
}

describe('camera moves', () => {
  it.each(cameraMoves.flatMap((move) => [0.5, 1, 2].map((strength) => ({ move, strength }))))(
    '$move at $strength never shows an edge of the picture',
    ({ move, strength }) => {
      const path = cameraPath(move, options({ strength }));
      const views = shares.map(path).flatMap(({ view, background }) => (background ? [view, background] : [view]));
      expect(Math.max(...views.map(outside))).toBeLessThan(1e-6);
    },
  );

  it('the measure sees an edge where there is one', () => {
    expect(outside({ x: 595, y: 350, zoom: 1, roll: 0 })).toBeCloseTo(5);
    expect(outside({ x: 600, y: 350, zoom: 1, roll: 1 })).toBeGreaterThan(3);
  });

  it.each(cameraMoves.filter((move) => move !== 'none'))('%s meets its own beginning in place and in speed', (move) => {
    const path = cameraPath(move, options());
    const at = (share: number): number[] => {
      const { view, background = view } = path(share);
      return [view.x, view.y, 500 * view.zoom, 20 * view.roll, background.x, background.y, 500 * background.zoom];
    };
    const step = 1 / 125;
    at(1).forEach((value, i) => {
      expect(value).toBeCloseTo(at(0)[i]!, 6);
    });
    const into = at(1).map((value, i) => value - at(1 - step)[i]!);
    const outOf = at(step).map((value, i) => value - at(0)[i]!);
    const moves = shares.map((share) => Math.max(...at(share).map((value, i) => Math.abs(value - at(0)[i]!))));
    expect(Math.max(...moves)).toBeGreaterThan(4);
    into.forEach((value, i) => {
      expect(Math.abs(value - outOf[i]!)).toBeLessThan(1.2);
    });
  });

  it('goes once from end to end where the motion does not loop', () => {
    const zooms = shares.map((share) => cameraPath('push-in', options({ loops: false }))(share).view.zoom);
    expect(zooms[0]).toBeCloseTo(1);
    expect(zooms.at(-1)).toBeCloseTo(1.16);
    zooms.forEach((zoom, i) => {
      expect(zoom).toBeGreaterThanOrEqual(zooms[i - 1] ?? 0);
    });
  });

  it('pans and zooms as the names say', () => {
    const along = (move: 'pan-left' | 'pan-right' | 'pull-out', share: number): View =>
      cameraPath(move, options({ loops: false }))(share).view;
    expect(along('pan-left', 1).x).toBeLessThan(along('pan-left', 0).x - 50);
    expect(along('pan-right', 1).x).toBeGreaterThan(along('pan-right', 0).x + 50);
    expect(along('pull-out', 1).zoom).toBeLessThan(along('pull-out', 0).zoom);
  });

  it('moves subject and background at different speeds for parallax', () => {
    const path = cameraPath('parallax', options());
    const [left, right] = [path(0.25), path(0.75)];
    const [near, far] = [left.view.x - right.view.x, left.background!.x - right.background!.x];
    expect(near).toBeGreaterThan(20);
    expect(far).toBeLessThan(-10);
  });

  it('a hand is unsteady in its own way for each seed, and in the same way for the same', () => {
    const at = (seed: number): View =>
      cameraPath('hand-held', options({ random: randomStream(seed, 'camera') }))(0.3).view;
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });
});
