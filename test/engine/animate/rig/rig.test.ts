import { beforeAll, describe, expect, test } from 'vitest';

import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import { meshPoints } from '../../../../src/engine/animate/face/face.ts';
import { chin, eyeRegions, lips, noseTip } from '../../../../src/engine/animate/face/regions.ts';
import { headAtRest, type HeadMotion, type MotionFrame } from '../../../../src/engine/animate/motion/track.ts';
import { deform, fromPlane, skullPlane, toPlane } from '../../../../src/engine/animate/rig/deform.ts';
import { type Expressions, makeExpressions } from '../../../../src/engine/animate/rig/expression.ts';
import { limitHead, mostTurn } from '../../../../src/engine/animate/rig/limits.ts';
import { buildRig, placeOf, type Rig } from '../../../../src/engine/animate/rig/rig.ts';
import { canonicalForTest, faceFor, testPicture } from './rig-test.ts';

let canonical: CanonicalFace;
let rig: Rig;
let expressions: Expressions;

beforeAll(async () => {
  canonical = await canonicalForTest();
  rig = buildRig(canonical, faceFor(canonical), testPicture);
  expressions = makeExpressions(canonical, rig.head);
});

const body = (head: Partial<HeadMotion>, breath = 0): Parameters<typeof deform>[2] => {
  const whole = { ...headAtRest, ...head };
  return { head: whole, loose: whole, breath };
};
const nothing = new Float64Array(3 * meshPoints);
const moved = (pose: Parameters<typeof deform>[2], expression = nothing, of = rig): Float64Array =>
  deform(of, expression, pose, new Float64Array(of.rest.length));
const shift = (points: Float64Array, vertex: number, of = rig): readonly [number, number] => [
  points[3 * vertex]! - of.rest[3 * vertex]!,
  points[3 * vertex + 1]! - of.rest[3 * vertex + 1]!,
];
const expressed = (frame: MotionFrame): Float64Array => expressions.of(frame).displacements;
const y = (points: Float64Array, vertex: number): number => rig.head[3 * vertex + 1]! + points[3 * vertex + 1]!;

describe('the rig', () => {
  test('at rest nothing moves at all', () => {
    expect(moved(body({}))).toEqual(rig.rest);
  });

  test('a shift moves the whole face by so many centimetres and leaves the frame of the picture alone', () => {
    const points = moved(body({ x: 1, y: -0.5 }));
    for (let i = 0; i < meshPoints; i++) {
      expect(shift(points, i)[0]).toBeCloseTo(14, 6);
      expect(shift(points, i)[1]).toBeCloseTo(-7, 6);
    }
    for (let i = rig.turns.length - canonical.oval.length; i < rig.turns.length; i++)
      expect(shift(points, i)).toEqual([0, 0]);
  });

  test('the nose goes where the words say: yaw right, pitch up; roll turns clockwise', () => {
    expect(shift(moved(body({ yaw: 10 })), noseTip)[0]).toBeGreaterThan(10);
    expect(shift(moved(body({ pitch: 8 })), noseTip)[1]).toBeLessThan(-8);
    const rolled = moved(body({ roll: 10 }));
    expect(shift(rolled, 10)[0]).toBeGreaterThan(10);
    expect(shift(moved(body({ z: -4 })), 234)[0]).toBeLessThan(-3);
  });

  test('the outline of the hair hardly moves while the nose does', () => {
    const points = moved(body({ yaw: 10 }));
    const nose = shift(points, noseTip)[0];
    const aboveForehead = meshPoints + 6 * canonical.oval.length + canonical.oval.indexOf(10);
    expect(Math.abs(shift(points, aboveForehead)[0])).toBeLessThan(0.35 * nose);
  });

  test('loose hair is where the head was, the skull where it is', () => {
    const head = { ...headAtRest, x: 1 };
    const late = moved({ head, loose: headAtRest, breath: 0 });
    const together = moved({ head, loose: head, breath: 0 });
    const behind = rig.loose.findIndex((value, i) => value > 0.7 && rig.turns[i]! > 0.2);
    expect(shift(late, behind)[0]).toBeLessThan(0.35 * shift(together, behind)[0]);
    expect(shift(late, noseTip)).toEqual(shift(together, noseTip));
  });

  test('nothing moves beyond the reach that another face leaves', () => {
    const narrow = buildRig(canonical, faceFor(canonical), testPicture, 12);
    const points = moved(body({ x: 2 }, 0.4), nothing, narrow);
    for (let i = meshPoints; i < narrow.turns.length; i++) {
      const away = Math.hypot(...placeOf(narrow, narrow.rest[3 * i]!, narrow.rest[3 * i + 1]!));
      if (away > 14) expect(Math.hypot(...shift(points, i, narrow))).toBe(0);
    }
  });

  test('breath lifts the chest more than the head and never the last ring', () => {
    const points = moved(body({}, 0.4));
    const belowChin = meshPoints + 7 * canonical.oval.length + canonical.oval.indexOf(chin);
    expect(shift(points, belowChin)[1]).toBeLessThan(-2);
    expect(shift(points, rig.turns.length - 1)).toEqual([0, 0]);
  });

  test('a plane of the skull takes a place there and back, and moves with the head', () => {
    const at = [0.4, 1.2, -3] as const;
    const { rest, now } = skullPlane(rig, body({ x: 1 }), at);
    expect(fromPlane(rest, 0, 0, [0, 0])[0] + 14).toBeCloseTo(fromPlane(now, 0, 0, [0, 0])[0], 6);
    const [u, v] = toPlane(rest, 333.25, 351.5, [0, 0]);
    expect(fromPlane(rest, u, v, [0, 0])[0]).toBeCloseTo(333.25, 9);
    expect(fromPlane(rest, u, v, [0, 0])[1]).toBeCloseTo(351.5, 9);
  });

  test('a cheek that is turned away is unfolded: nearly none of the outline is turned over any more', () => {
    for (const yaw of [-18, -10, 10, 18]) {
      const face = faceFor(canonical, { yaw });
      const turned = buildRig(canonical, face, testPicture);
      const area = (points: Float64Array, t: number): number => {
        const [a, b, c] = [0, 1, 2].map((k) => 3 * turned.skin[t + k]!) as [number, number, number];
        const [ux, uy] = [points[b]! - points[a]!, points[b + 1]! - points[a + 1]!];
        const [vx, vy] = [points[c]! - points[a]!, points[c + 1]! - points[a + 1]!];
        return ux * vy - uy * vx;
      };
      const front = Math.sign(area(canonical.points, 0));
      const outline = new Set(canonical.oval);
      const turnedOver = (points: Float64Array): number => {
        let count = 0;
        for (let t = 0; t < turned.skin.length; t += 3) {
          const isEdge = [0, 1, 2].some((k) => outline.has(turned.skin[t + k]!));
          if (isEdge && area(points, t) * front < 0) count++;
        }
        return count;
      };
      expect(turnedOver(turned.rest)).toBeLessThan(0.7 * turnedOver(face.points));
    }
  });

  test('no edge of the outline is so steep that a small turn would pull it to many times its length', () => {
    const turned = buildRig(canonical, faceFor(canonical, { yaw: 20 }), testPicture);
    for (const vertex of canonical.oval) {
      const within = canonical.neighbours[vertex]!.filter((other) => !canonical.oval.includes(other));
      const slopes = within.map((other) => {
        const [dx, dy, dz] = [0, 1, 2].map((k) => turned.rest[3 * vertex + k]! - turned.rest[3 * other + k]!);
        return Math.abs(dz!) / Math.hypot(dx!, dy!);
      });
      expect(Math.min(...slopes)).toBeLessThan(2.1);
    }
  });
});

describe('limits', () => {
  test('small turns are kept, large ones held softly, and it is said', () => {
    expect(limitHead(rig, { ...headAtRest, yaw: 5, pitch: -4, roll: 3 })).toEqual({
      head: { ...headAtRest, yaw: 5, pitch: -4, roll: 3 },
      limits: [],
    });
    const { head, limits } = limitHead(rig, { ...headAtRest, yaw: 40, pitch: -30, roll: 25 });
    expect(head.yaw).toBeLessThanOrEqual(mostTurn.yaw);
    expect(head.yaw).toBeGreaterThan(0.95 * mostTurn.yaw);
    expect(head.pitch).toBeGreaterThanOrEqual(-mostTurn.pitch);
    expect(limits.map(({ code }) => code)).toEqual(['head.yaw', 'head.pitch', 'head.roll']);
  });

  test('more never gives less', () => {
    let before = -Infinity;
    for (let yaw = -40; yaw <= 40; yaw += 0.5) {
      const now = limitHead(rig, { ...headAtRest, yaw }).head.yaw;
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
  });

  test('a face that is turned has less room towards its hidden side, and towards profile', () => {
    const turned = buildRig(canonical, faceFor(canonical, { yaw: 24 }), testPicture);
    const back = limitHead(turned, { ...headAtRest, yaw: -12 });
    expect(back.limits).toEqual([{ code: 'head.hidden-side', value: expect.closeTo(3.5, 0) as number }]);
    expect(Math.abs(back.head.yaw)).toBeLessThan(4.5);
    expect(limitHead(turned, { ...headAtRest, yaw: 14 }).head.yaw).toBeLessThan(13);
  });
});

describe('expressions', () => {
  test('a blink brings the lids together, all along', () => {
    const displacements = expressed({ blendshapes: { eyeBlinkRight: 1 } });
    for (const [upper, lower] of [
      [160, 144],
      [159, 145],
      [158, 153],
    ] as const) {
      const before = rig.head[3 * lower + 1]! - rig.head[3 * upper + 1]!;
      const after = y(displacements, lower) - y(displacements, upper);
      expect(Math.abs(after)).toBeLessThan(0.12 * before);
    }
    // The other eye is not asked.
    for (const vertex of eyeRegions[1].upper) expect(displacements[3 * vertex + 1]).toBe(0);
  });

  test('left is the subject’s left: the viewer’s right corner of the mouth smiles', () => {
    const displacements = expressed({ blendshapes: { mouthSmileLeft: 1 } });
    const [right, left] = lips.corners;
    expect(displacements[3 * left + 1]).toBeLessThan(-0.25);
    expect(displacements[3 * left]).toBeGreaterThan(0.2);
    expect(Math.abs(displacements[3 * right + 1]!)).toBeLessThan(0.03);
  });

  test('both sides together are a mirror image', () => {
    for (const base of ['mouthSmile', 'mouthFrown', 'browDown', 'browOuterUp', 'cheekSquint', 'noseSneer'] as const) {
      const displacements = expressed({ blendshapes: { [`${base}Left`]: 1, [`${base}Right`]: 1 } });
      for (let i = 0; i < meshPoints; i++) {
        const other = canonical.mirror[i]!;
        expect(displacements[3 * i]! + displacements[3 * other]!).toBeCloseTo(0, 1);
        expect(displacements[3 * i + 1]! - displacements[3 * other + 1]!).toBeCloseTo(0, 1);
      }
    }
  });

  test('the jaw opens the lips by its two centimetres, the chin follows, the nose stays', () => {
    const displacements = expressed({ blendshapes: { jawOpen: 1 } });
    const [upper, lower] = lips.innerMiddle;
    const gap =
      y(displacements, lower) - y(displacements, upper) - (rig.head[3 * lower + 1]! - rig.head[3 * upper + 1]!);
    expect(gap).toBeGreaterThan(1.7);
    expect(gap).toBeLessThan(2.2);
    expect(displacements[3 * chin + 1]).toBeGreaterThan(1.4);
    expect(Math.abs(displacements[3 * noseTip + 1]!)).toBeLessThan(0.02);
  });

  test('an open mouth is round: at seven tenths of its half width it is open by more than half', () => {
    const displacements = expressed({ blendshapes: { jawOpen: 0.8 } });
    const opening = (upper: number, lower: number): number =>
      y(displacements, lower) - y(displacements, upper) - (rig.head[3 * lower + 1]! - rig.head[3 * upper + 1]!);
    expect(opening(80, 88)).toBeGreaterThan(0.5 * opening(13, 14));
  });

  test('mouthClose keeps the lips together while the jaw drops', () => {
    const displacements = expressed({ blendshapes: { jawOpen: 0.6, mouthClose: 1 } });
    const [upper, lower] = lips.innerMiddle;
    const before = rig.head[3 * lower + 1]! - rig.head[3 * upper + 1]!;
    expect(y(displacements, lower) - y(displacements, upper) - before).toBeLessThan(0.1);
    expect(displacements[3 * chin + 1]).toBeGreaterThan(0.7);
  });

  test('a pucker narrows the mouth and pushes it forward', () => {
    const displacements = expressed({ blendshapes: { mouthPucker: 1 } });
    const [right, left] = lips.corners;
    expect(displacements[3 * left]! - displacements[3 * right]!).toBeLessThan(-0.4);
    expect(displacements[3 * 0 + 2]).toBeLessThan(-0.3);
  });

  test('a lowered gaze takes the lids with it, and words and degrees agree', () => {
    const { closure, gaze } = expressions.of({ gaze: { x: 0, y: 15 } });
    expect(closure[0]).toBeGreaterThan(0.1);
    expect(gaze).toEqual({ x: 0, y: 15 });
    const words = expressions.of({ blendshapes: { eyeLookInRight: 0.5, eyeLookOutLeft: 0.5 } }).gaze;
    expect(words).toEqual({ x: 15, y: 0 });
  });

  test('mesh deltas are added as they are', () => {
    const mesh = new Float32Array(3 * meshPoints);
    mesh[3 * 100 + 1] = 0.25;
    expect(expressed({ mesh })[301]).toBe(0.25);
  });
});
