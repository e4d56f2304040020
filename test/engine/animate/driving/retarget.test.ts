/** Fitting a driver's motion to a face: drivers made of the canonical face, so that what must come out is known. */
import { beforeAll, describe, expect, it } from 'vitest';

import { lidClosures } from '../../../../src/engine/animate/driving/eyelids.ts';
import { findJumps } from '../../../../src/engine/animate/driving/jumps.ts';
import { presenceOf } from '../../../../src/engine/animate/driving/presence.ts';
import { retarget } from '../../../../src/engine/animate/driving/retarget.ts';
import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { toPicture } from '../../../../src/engine/animate/face/pose.ts';
import { browRegions, chin, eyeRegions, lips } from '../../../../src/engine/animate/face/regions.ts';
import { headAtRest, type MotionFrame, type MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import { makeExpressions, type Expressions } from '../../../../src/engine/animate/rig/expression.ts';
import { makeJaw } from '../../../../src/engine/animate/rig/jaw.ts';
import { measureMouth } from '../../../../src/engine/animate/rig/mouth-measure.ts';
import type { Region } from '../../../../src/engine/animate/request.ts';
import { canonicalForTest, faceFor } from '../rig/rig-test.ts';

let canonical: CanonicalFace;
let face: Face;
/** The driver's and the photograph's face with closed lips, in head space. */
let rest: Float64Array;
let driver: Expressions;

beforeAll(async () => {
  canonical = await canonicalForTest();
  // The canonical face has its lips half a centimetre apart: closed by the jaw, as a photograph mostly has them.
  rest = Float64Array.from(canonical.points);
  makeJaw(canonical, rest, measureMouth(rest)).open(rest, -gap(rest), 0);
  face = { ...faceFor(canonical), points: toPicture(faceFor(canonical).pose, rest) };
  driver = makeExpressions(canonical, rest);
});

/** A clip of a driver with the canonical face's shape that makes these expressions. */
function clip(frames: readonly MotionFrame[], rate = 30): MotionTrack {
  return {
    relativeTo: 'canonical-face',
    rate: { num: rate, den: 1 },
    loops: false,
    source: 'clip',
    frames: frames.map(({ blendshapes = {}, head = headAtRest, gaze = { x: 0, y: 0 }, tracked }) => ({
      head,
      gaze,
      mesh: Float32Array.from(
        driver.of({ blendshapes }).displacements,
        (value, i) => value + rest[i]! - canonical.points[i]!,
      ),
      ...(tracked === false && { tracked }),
    })),
  };
}

const frames = (count: number, frame: (k: number) => MotionFrame): MotionFrame[] =>
  Array.from({ length: count }, (_, k) => frame(k));
const fit = (track: MotionTrack, region: Region = 'all', strength = 1, to = face) =>
  retarget(track, to, canonical, { region, strength });

/** What a frame does to the mesh as a renderer draws it, the jaw included, in head space. */
const drawn = (frame: MotionFrame): Float64Array => driver.of({ ...frame, gaze: { x: 0, y: 0 } }).displacements;
const gap = (mesh: ArrayLike<number>): number => mesh[3 * 14 + 1]! - mesh[3 * 13 + 1]!;
const largest = (mesh: ArrayLike<number> | undefined, points: readonly number[]): number =>
  Math.max(0, ...points.flatMap((i) => [0, 1, 2].map((k) => Math.abs(mesh?.[3 * i + k] ?? 0))));

describe('a driving clip', () => {
  it('is measured from the frame nearest the expression of the photograph, not from the first', async () => {
    // An open mouth at first; closed, as the photograph's, from frame 30 on.
    const track = clip(frames(60, (k) => ({ blendshapes: k < 30 ? { jawOpen: 0.6 } : {} })));
    const { track: fitted, neutralFrame } = await fit(track);
    expect(neutralFrame).toBeGreaterThanOrEqual(30);
    expect(largest(fitted.frames[50]!.mesh, [chin, 13, 14, 61])).toBeLessThan(0.02);
    expect(gap(drawn(fitted.frames[10]!))).toBeGreaterThan(0.8);
  });

  it('gives the wide mouth of a narrow-mouthed photograph no grin', async () => {
    // The driver purses the lips for a moment: nearer to a narrow mouth, were widths compared as they are.
    const narrow = Float64Array.from(rest);
    for (const i of [...lips.corners, ...lips.innerCorners]) narrow[3 * i]! *= 0.75;
    const photo = { ...face, points: toPicture(face.pose, narrow) };
    const track = clip(frames(80, (k) => ({ blendshapes: k > 60 ? { mouthPucker: 0.8 } : {} })));
    const { neutralFrame } = await fit(track, 'all', 1, photo);
    expect(neutralFrame).toBeLessThan(60);
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
    const { frames: fitted } = (await fit(track)).track;
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
    for (const { head } of still.track.frames)
      for (const value of Object.values(head!)) expect(Math.abs(value as number)).toBeLessThan(1e-6);
    const track = clip(frames(60, (k) => ({ head: { ...away, yaw: away.yaw + (k >= 45 ? 6 : 0) } })));
    expect((await fit(track)).track.frames[58]!.head!.yaw).toBeCloseTo(6, 0);
  });

  it('takes the usual pose for rest where the calm face is in the middle of a nod', async () => {
    const calm = (k: number): boolean => k >= 30 && k < 40;
    const track = clip(
      frames(90, (k) => ({
        blendshapes: calm(k) ? {} : { jawOpen: 0.4 },
        head: { ...headAtRest, pitch: calm(k) ? -5 : 0 },
      })),
    );
    const { track: fitted, neutralFrame } = await fit(track);
    expect(calm(neutralFrame)).toBe(true);
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
    const { frames: fitted } = (await fit(track, 'all', 1, photo)).track;
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
    const { blendshapes = {}, head, mesh } = (await fit(track, region)).track.frames[57]!;
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
      [0.5, 1, 2].map(async (strength) => (await fit(track, 'all', strength)).track.frames[57]!),
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
    const { frames: fitted } = (await fit(track)).track;
    expect(fitted.every((frame) => Object.keys(frame).length === 0)).toBe(true);
  });

  it('refuses a track that is fitted already', async () => {
    await expect(fit({ ...clip([{}]), relativeTo: 'photo' })).rejects.toThrow(RangeError);
  });
});

describe('where a face is lost', () => {
  it('the motion is held, eased back to rest, and taken up again', async () => {
    const lost = (k: number): boolean => k >= 40 && k < 80;
    const turned = (k: number): boolean => k >= 30 && k < 100;
    const track = clip(
      frames(170, (k) => ({
        head: { ...headAtRest, yaw: turned(k) ? 8 : 0 },
        ...(lost(k) && { tracked: false }),
      })),
    );
    const { frames: fitted } = (await fit(track)).track;
    const yaw = fitted.map(({ head }) => head!.yaw);
    expect(yaw[39]!).toBeGreaterThan(6);
    expect(Math.abs(yaw[47]! - yaw[40]!)).toBeLessThan(1.5);
    expect(Math.abs(yaw[78]!)).toBeLessThan(0.01);
    expect(yaw[94]!).toBeGreaterThan(7);
    for (let k = 41; k < 99; k++) expect(Math.abs(yaw[k]! - yaw[k - 1]!)).toBeLessThan(2);
    expect(fitted.filter(({ tracked }) => tracked === false)).toHaveLength(40);
  });

  it('at the beginning it starts from rest', () => {
    const shares = presenceOf([...Array<boolean>(30).fill(false), ...Array<boolean>(30).fill(true)], 30);
    expect(Math.max(...shares.slice(0, 30))).toBe(0);
    expect(shares[59]).toBe(1);
    expect(presenceOf([true, true], 30)).toEqual(Float64Array.of(1, 1));
  });
});

describe('a cut', () => {
  const cut = (): MotionTrack =>
    clip(
      frames(120, (k) => ({
        head: k < 60 ? { ...headAtRest, yaw: -10, z: -40 } : { ...headAtRest, yaw: 18, x: 20, z: -20 },
        blendshapes: { jawOpen: k % 20 < 10 ? 0.2 : 0 },
      })),
    );

  it('is found where no neck could have brought the head, and not in fast motion', () => {
    expect(findJumps(cut())).toEqual([60]);
    const fast = clip(
      frames(60, (k) => ({ head: { ...headAtRest, yaw: 25 * Math.sin((2 * Math.PI * 1.5 * k) / 30) } })),
    );
    expect(findJumps(fast)).toEqual([]);
  });

  it('begins a shot with a rest of its own, and the portrait does not leap', async () => {
    const { frames: fitted } = (await fit(cut())).track;
    const yaw = fitted.map(({ head }) => head!.yaw);
    expect(Math.max(...yaw.map(Math.abs))).toBeLessThan(0.5);
    // Turned one way before the cut, the other way after it: 14 degrees apart, shown as a turn of a third of a second.
    const turning = clip(
      frames(160, (k) => ({
        head: { ...headAtRest, yaw: k < 80 ? -10 + (k >= 60 ? 7 : 0) : 30 - (k < 100 ? 7 : 0), z: k < 80 ? -40 : -20 },
      })),
    );
    const turned = (await fit(turning)).track.frames.map(({ head }) => head!.yaw);
    expect(turned[78]!).toBeGreaterThan(5);
    expect(turned[92]!).toBeLessThan(-5);
    expect(Math.abs(turned[80]! - turned[79]!)).toBeLessThan(1);
    for (let k = 76; k < 94; k++) expect(Math.abs(turned[k]! - turned[k - 1]!)).toBeLessThan(3.5);
  });
});

describe('lids', () => {
  /** Openings as shares of what is usual, the right eye and the left. */
  const meshesFor = (openings: readonly (readonly [number, number])[]): Float64Array[] =>
    openings.map((pair) => {
      const mesh = Float64Array.from(rest);
      eyeRegions.forEach(({ upper, lower }, side) => {
        const middle = (mesh[3 * upper[3]! + 1]! + mesh[3 * lower[4]! + 1]!) / 2;
        for (const i of [...upper, ...lower.slice(1, -1)])
          mesh[3 * i + 1] = middle + (mesh[3 * i + 1]! - middle) * pair[side]!;
      });
      return mesh;
    });

  it('are shut relative to the median of the clip, together unless it is a wink', () => {
    const usual: [number, number][] = Array.from({ length: 40 }, () => [1, 1]);
    const openings = [...usual, [0.25, 0.25], [0.25, 1], [1.3, 1.3], [0.7, 0.8]] as [number, number][];
    const closures = lidClosures(
      meshesFor(openings),
      openings.map(() => true),
    ).slice(40);
    expect(closures[0]).toEqual([1, 1]);
    expect(closures[1]![0]).toBe(1);
    expect(Math.abs(closures[1]![1])).toBeLessThan(0.1);
    expect(closures[2]![0]).toBeLessThan(-0.1);
    expect(closures[3]![0]).toBe(closures[3]![1]);
    expect(closures[3]![0]).toBeGreaterThan(0.2);
  });

  it('do not call half-open eyes shut in a clip without a blink', () => {
    const openings = Array.from({ length: 40 }, (_, k): [number, number] => [1 - 0.002 * k, 1 - 0.002 * k]);
    const closures = lidClosures(
      meshesFor(openings),
      openings.map(() => true),
    );
    expect(Math.max(...closures.flat())).toBeLessThan(0.2);
  });
});
