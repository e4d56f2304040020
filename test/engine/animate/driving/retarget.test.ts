/** Fitting a driver's motion to a face: what moves, how far, and from which rest. */
import { describe, expect, it } from 'vitest';

import { toPicture } from '../../../../src/engine/animate/face/pose.ts';
import { browRegions, chin, eyeRegions, lips } from '../../../../src/engine/animate/face/regions.ts';
import { headAtRest, type MotionFrame, type MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import type { Region } from '../../../../src/engine/animate/request.ts';
import { makeExpressions } from '../../../../src/engine/animate/rig/expression.ts';
import { longestBlock, mostBlockMs } from '../../../event-loop.ts';
import { frames, gap, largest, makeDriver } from './made-driver.ts';

const { canonical, face, rest, driver, clip, fit, drawn } = await makeDriver();

describe('a driving clip', () => {
  it('is measured from the frame nearest the expression of the photograph, not from the first', async () => {
    // An open mouth at first; closed, as the photograph's, from frame 30 on.
    const track = clip(frames(60, (k) => ({ blendshapes: k < 30 ? { jawOpen: 0.6 } : {} })));
    const fitted = await fit(track);
    expect(largest(fitted.frames[50]!.mesh, [chin, 13, 14, 61])).toBeLessThan(0.02);
    expect(gap(drawn(fitted.frames[10]!))).toBeGreaterThan(0.8);
  });

  it('gives the wide mouth of a narrow-mouthed photograph no grin', async () => {
    // The driver purses the lips for a moment: nearer to a narrow mouth, were widths compared as they are.
    const narrow = Float64Array.from(rest);
    for (const i of [...lips.corners, ...lips.innerCorners]) narrow[3 * i]! *= 0.75;
    const photo = { ...face, points: toPicture(face.pose, narrow) };
    const track = clip(frames(80, (k) => ({ blendshapes: k > 60 ? { mouthPucker: 0.8 } : {} })));
    const fitted = await fit(track, 'all', 1, photo);
    expect(largest(fitted.frames[30]!.mesh, lips.corners)).toBeLessThan(0.02);
  });

  it('moves the photograph as the driver moves: jaw, smile, turn, gaze', async () => {
    const track = clip(
      frames(90, (k) => {
        const share = k < 60 ? 0 : 1;
        return {
          blendshapes: { jawOpen: 0.4 * share, mouthSmileLeft: 0.8 * share },
          head: { ...headAtRest, yaw: 8 * share, roll: -4 * share },
          gaze: { x: 12 * share, y: 0 },
        };
      }),
    );
    const { frames: fitted } = await fit(track);
    const last = fitted[88]!;
    expect(last.blendshapes?.jawOpen).toBeGreaterThan(0.3);
    expect(last.blendshapes?.jawOpen).toBeLessThan(0.45);
    // Without the jaw's part the lower lip hardly moves; with it, it goes where the driver's is.
    expect(gap(drawn(last))).toBeCloseTo(
      gap(driver.of({ blendshapes: { jawOpen: 0.4, mouthSmileLeft: 0.8 } }).displacements),
      1,
    );
    const [left, right] = [291, 61].map((i) => last.mesh![3 * i + 1]!);
    expect(left!).toBeLessThan(-0.15);
    expect(left!).toBeLessThan(right! - 0.1);
    expect(last.head!.yaw).toBeCloseTo(8, 0);
    expect(last.head!.roll).toBeCloseTo(-4, 0);
    expect(last.gaze!.x).toBeCloseTo(12, 0);
    for (const { mesh } of fitted)
      expect(mesh!.some((value) => Number.isNaN(value) || Object.is(value, -0))).toBe(false);
  });

  it('turns relative to its own pose, not to the camera', async () => {
    const away = { ...headAtRest, yaw: 20, pitch: -6, x: 30, y: 12, z: -35 };
    const still = await fit(clip(frames(40, () => ({ head: away }))));
    for (const { head } of still.frames)
      for (const value of Object.values(head!)) expect(Math.abs(value as number)).toBeLessThan(1e-6);
    const track = clip(frames(60, (k) => ({ head: { ...away, yaw: away.yaw + (k >= 45 ? 6 : 0) } })));
    expect((await fit(track)).frames[58]!.head!.yaw).toBeCloseTo(6, 0);
  });

  it('takes the usual pose for rest where the calm face is in the middle of a nod', async () => {
    const calm = (k: number): boolean => k >= 30 && k < 40;
    const track = clip(
      frames(90, (k) => ({
        blendshapes: calm(k) ? {} : { jawOpen: 0.4 },
        head: { ...headAtRest, pitch: calm(k) ? -5 : 0 },
      })),
    );
    const fitted = await fit(track);
    expect(largest(fitted.frames[35]!.mesh, [chin, ...lips.innerMiddle])).toBeLessThan(0.02);
    expect(gap(drawn(fitted.frames[80]!))).toBeGreaterThan(0.5);
    expect(Math.abs(fitted.frames[80]!.head!.pitch)).toBeLessThan(0.3);
    expect(fitted.frames[35]!.head!.pitch).toBeLessThan(-3.5);
  });

  it('closes the lips of a photograph that smiles with an open mouth when the driver closes its own', async () => {
    const smiling = Float64Array.from(
      rest,
      (value, i) => value + driver.of({ blendshapes: { jawOpen: 0.4 } }).displacements[i]!,
    );
    const photo = { ...face, points: toPicture(face.pose, smiling) };
    // It never opens its mouth as far as the photograph rests.
    const track = clip(frames(90, (k) => ({ blendshapes: { jawOpen: k % 45 < 22 ? 0.2 : 0 } })));
    const { frames: fitted } = await fit(track, 'all', 1, photo);
    const own = makeExpressions(canonical, smiling);
    const opening = (frame: MotionFrame): number =>
      gap(smiling) + gap(own.of({ ...frame, gaze: { x: 0, y: 0 } }).displacements);
    expect(gap(smiling)).toBeGreaterThan(0.4);
    expect(opening(fitted[35]!)).toBeLessThan(0.12);
    expect(opening(fitted[12]!)).toBeGreaterThan(0.3);
  });

  it.each<[Region, { mouth: boolean; brows: boolean; eyes: boolean; head: boolean }]>([
    ['all', { mouth: true, brows: true, eyes: true, head: true }],
    ['expression', { mouth: true, brows: true, eyes: true, head: false }],
    ['head', { mouth: false, brows: false, eyes: false, head: true }],
    ['eyes', { mouth: false, brows: true, eyes: true, head: false }],
    ['lips', { mouth: true, brows: false, eyes: false, head: false }],
  ])('moves what belongs to the region %s and nothing else', async (region, wanted) => {
    const track = clip(
      frames(60, (k) => {
        const share = k < 45 ? 0 : 1;
        return {
          blendshapes: {
            jawOpen: 0.5 * share,
            browInnerUp: share,
            ...(share === 1 && { eyeBlinkLeft: 1, eyeBlinkRight: 1 }),
          },
          head: { ...headAtRest, yaw: 7 * share },
          gaze: { x: 9 * share, y: 0 },
        };
      }),
    );
    const { blendshapes = {}, head, mesh } = (await fit(track, region)).frames[57]!;
    const jaw = (blendshapes.jawOpen ?? 0) > 0.2;
    expect({
      mouth: jaw,
      brows: largest(mesh, browRegions.flat()) > 0.2,
      eyes: (blendshapes.eyeBlinkLeft ?? 0) > 0.8 && (blendshapes.eyeBlinkRight ?? 0) > 0.8,
      head: Math.abs(head?.yaw ?? 0) > 5,
    }).toEqual(wanted);
    if (!wanted.mouth) expect(largest(mesh, [...lips.corners, ...lips.innerMiddle])).toBeLessThan(0.12);
    if (!wanted.brows) expect(largest(mesh, browRegions.flat())).toBeLessThan(0.02);
  });

  it('moves more and less by the strength, and leaves the lids to weights', async () => {
    const track = clip(
      frames(60, (k) => ({
        blendshapes: k < 45 ? {} : { mouthSmileLeft: 0.5, mouthSmileRight: 0.5 },
        head: { ...headAtRest, roll: k < 45 ? 0 : 4 },
      })),
    );
    const [half, whole, twice] = await Promise.all(
      [0.5, 1, 2].map(async (strength) => (await fit(track, 'all', strength)).frames[57]!),
    );
    expect(half!.head!.roll * 2).toBeCloseTo(whole!.head!.roll, 6);
    expect(twice!.head!.roll).toBeCloseTo(2 * whole!.head!.roll, 6);
    const corner = 3 * 61 + 1;
    expect(half!.mesh![corner]! / whole!.mesh![corner]!).toBeCloseTo(0.5, 1);
    expect(
      largest(
        whole!.mesh,
        eyeRegions.flatMap(({ upper, lower }) => [...upper, ...lower]),
      ),
    ).toBe(0);
  });

  it('without enough frames with a face leaves the photograph as it is', async () => {
    const track = clip(frames(20, (k) => ({ blendshapes: { jawOpen: 0.5 }, ...(k !== 3 && { tracked: false }) })));
    const { frames: fitted } = await fit(track);
    expect(fitted.every((frame) => Object.keys(frame).length === 0)).toBe(true);
  });

  it('refuses a track that is fitted already', async () => {
    await expect(fit({ ...clip([{}]), relativeTo: 'photo' })).rejects.toThrow(RangeError);
  });
});

describe("a track of ARKit's weights", () => {
  const told = (given: readonly MotionFrame[]): MotionTrack => ({ ...clip([{}]), frames: given });

  it('relative to the canonical face opens the mouth, shuts one eye, turns both and puts the tongue out', async () => {
    const weights = { jawOpen: 1, eyeBlinkLeft: 1, tongueOut: 0.6 };
    const { frames: fitted } = await fit(told(frames(60, (k) => (k < 45 ? {} : { blendshapes: weights }))));
    expect(fitted[20]!.blendshapes!.jawOpen ?? 0).toBeLessThan(0.02);
    expect(fitted[20]!.blendshapes!.eyeBlinkLeft).toBeUndefined();
    expect(largest(fitted[20]!.mesh, [chin, ...lips.innerMiddle])).toBeLessThan(0.02);
    const last = fitted[57]!;
    expect(last.blendshapes!.eyeBlinkLeft).toBe(1);
    expect(last.blendshapes!.eyeBlinkRight ?? 0).toBeLessThan(0.1);
    expect(last.blendshapes!.tongueOut).toBeCloseTo(0.6, 6);
    const opened = gap(rest) + gap(driver.of({ blendshapes: { jawOpen: 1 } }).displacements);
    expect(gap(rest) + gap(drawn(last))).toBeGreaterThan(0.8 * opened);
    expect(gap(rest) + gap(drawn(last))).toBeLessThan(1.1 * opened);
    const aside = { eyeLookInRight: 0.5, eyeLookOutLeft: 0.5 };
    const looking = await fit(told(frames(60, (k) => (k < 45 ? {} : { blendshapes: aside }))));
    expect(looking.frames[57]!.gaze!.x).toBeCloseTo(15, 0);
  });

  it('has them added to what the mesh does', async () => {
    const smiling = clip(frames(60, (k) => (k < 45 ? {} : { blendshapes: { mouthSmileLeft: 0.7 } })));
    const both = smiling.frames.map((frame, k) => (k < 45 ? frame : { ...frame, blendshapes: { browInnerUp: 1 } }));
    const last = (await fit({ ...smiling, frames: both })).frames[57]!;
    expect(largest(last.mesh, browRegions.flat())).toBeGreaterThan(0.2);
    expect(last.mesh![3 * 291 + 1]!).toBeLessThan(-0.15);
  });
});

describe('a minute of a clip', () => {
  it('is fitted without holding the event loop', async () => {
    const one = clip(frames(1, () => ({ blendshapes: { jawOpen: 0.3 } }))).frames[0]!;
    const long = { ...clip([{}]), frames: frames(1800, () => one) };
    const blocking = await longestBlock(() => fit(long));
    expect(blocking.longestMs, blocking.stack.join(' < ')).toBeLessThan(mostBlockMs);
  });
});
