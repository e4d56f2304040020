/** The points that the neural back end moves, and what a face does in numbers, each against a closed form. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import type { Blendshapes } from '../../../../src/engine/animate/motion/blendshapes.ts';
import { headAtRest } from '../../../../src/engine/animate/motion/track.ts';
import { expressionChange } from '../../../../src/engine/animate/neural/expression-map.ts';
import { openingsOf, readAction, type FaceAction } from '../../../../src/engine/animate/neural/face-action.ts';
import { motionPoints, moveHead, type MotionInfo } from '../../../../src/engine/animate/neural/motion-points.ts';
import { makeExpressions } from '../../../../src/engine/animate/rig/expression.ts';
import { limitHead } from '../../../../src/engine/animate/rig/limits.ts';
import { faceFor } from '../rig/rig-test.ts';
import { canonicalForTest } from './made-face.ts';

let canonical: CanonicalFace;
beforeAll(async () => {
  canonical = await canonicalForTest();
});

const info = (change: Partial<MotionInfo> = {}): MotionInfo => ({
  pitch: 0,
  yaw: 0,
  roll: 0,
  scale: 1,
  translation: [0, 0, 0],
  expression: new Float32Array(63),
  // The tip of a nose, an ear to the viewer's right, a chin.
  canonical: Float32Array.from([0, 0, -1, 1, 0, 0, 0, 1, 0, ...new Array<number>(54).fill(0)]),
  ...change,
});
const point = (points: Float32Array, index: number): readonly number[] => [
  ...points.subarray(3 * index, 3 * index + 3),
];
const expectPoint = (actual: readonly number[], expected: readonly number[]): void => {
  expected.forEach((value, axis) => {
    expect(actual[axis]).toBeCloseTo(value, 5);
  });
};

describe('the points of a frame', () => {
  test('are scale * (canonical @ R^T + expression) + translation', () => {
    const [pitch, yaw, roll] = [20, -35, 10];
    const [cx, sx, cy, sy, cz, sz] = [pitch, yaw, roll].flatMap((degrees) => {
      const radians = (degrees * Math.PI) / 180;
      return [Math.cos(radians), Math.sin(radians)];
    }) as [number, number, number, number, number, number];
    // Rz Ry Rx, multiplied out.
    const r = [
      [cy * cz, sx * sy * cz - cx * sz, cx * sy * cz + sx * sz],
      [cy * sz, sx * sy * sz + cx * cz, cx * sy * sz - sx * cz],
      [-sy, sx * cy, cx * cy],
    ];
    const some = Float32Array.from({ length: 63 }, (_, index) => Math.sin(7 * index));
    const expression = Float32Array.from({ length: 63 }, (_, index) => Math.cos(5 * index) / 10);
    const points = motionPoints(
      info({ pitch, yaw, roll, scale: 1.7, translation: [0.1, -0.2, 0.3], canonical: some, expression }),
    );
    for (let i = 0; i < 21; i += 1) {
      const p = point(some, i);
      const expected = r.map(
        (row, axis) =>
          1.7 * (row.reduce((sum, value, k) => sum + value * p[k]!, 0) + expression[3 * i + axis]!) +
          [0.1, -0.2, 0.3][axis]!,
      );
      expectPoint(point(points, i), expected);
    }
  });

  test('follow the head: yaw to the viewer’s right, pitch up, roll clockwise', () => {
    const place = { unit: 100, scale: 10, angle: 0 };
    const quarter = (change: Partial<typeof headAtRest>, index: number): readonly number[] =>
      point(motionPoints(moveHead(info(), { ...headAtRest, ...change }, place).info), index);
    const [sin, cos] = [Math.sin(Math.PI / 9), Math.cos(Math.PI / 9)];
    expectPoint(quarter({ yaw: 20 }, 0), [sin, 0, -cos]);
    expectPoint(quarter({ pitch: 20 }, 0), [0, -sin, -cos]);
    expectPoint(quarter({ roll: 20 }, 1), [cos, sin, 0]);
  });

  test('shift with the head in the crop’s own axes, and grow when it comes nearer', () => {
    const moved = moveHead(
      info(),
      { ...headAtRest, x: 1.5, y: 1, z: -2 },
      { unit: 100, scale: 10, angle: Math.PI / 2 },
    ).info;
    // The crop lies on its side: the picture's right is its up, the picture's down its right.
    expectPoint(moved.translation, [0.1, -0.15, 0]);
    expect(moved.scale).toBeCloseTo(60 / 58, 6);
  });

  test('are held where the generator has learned nothing; a face that is turned further keeps its own angle', () => {
    const place = { unit: 100, scale: 10, angle: 0 };
    const { head, limits } = moveHead(info({ pitch: 25, roll: -40 }), { ...headAtRest, pitch: -10, roll: -5 }, place);
    expect(limits).toEqual([
      { code: 'head.pitch', value: 5 },
      { code: 'head.roll', value: 0 },
    ]);
    expect(head).toMatchObject({ pitch: -5, yaw: 0, roll: 0 });
  });

  test('shift no further than the mesh renderer lets a head go, and never through the camera', () => {
    const place = { unit: 100, scale: 10, angle: 0 };
    for (const z of [-60, -55, 500]) {
      const far = { ...headAtRest, x: 500, y: -500, z };
      const { info: moved, head, limits } = moveHead(info(), far, place);
      expect(moved.scale).toBeGreaterThan(60 / 65);
      expect(moved.scale).toBeLessThan(60 / 55);
      expectPoint(moved.translation, [0.25, -0.2, 0]);
      const { head: meshHead } = limitHead(faceFor(canonical), far);
      expect(head).toEqual({ ...far, x: meshHead.x, y: meshHead.y, z: meshHead.z });
      expect(limits).toEqual([{ code: 'head.shift', value: 2.5 }]);
    }
  });
});

describe('what a face does', () => {
  const actionOf = (blendshapes: Blendshapes): FaceAction => {
    const { displacements, gaze } = makeExpressions(canonical, canonical.points).of({ blendshapes });
    return readAction(canonical.points, displacements, gaze);
  };
  const rest = (): Pick<FaceAction, 'eyes' | 'lips'> => openingsOf(canonical.points);

  test('at rest is nothing, and changes no point', () => {
    const action = actionOf({});
    const { smile, pucker, stretch, mouthShift, browsUp, browsDown } = action;
    for (const value of [smile, pucker, stretch, mouthShift, browsUp, browsDown]) expect(Math.abs(value)).toBe(0);
    expect(Math.max(...expressionChange(action, rest(), false).map(Math.abs))).toBe(0);
  });

  test.each<[string, Blendshapes, keyof FaceAction, number]>([
    ['a smile', { mouthSmileLeft: 1, mouthSmileRight: 1 }, 'smile', 1],
    ['half a smile', { mouthSmileLeft: 0.5, mouthSmileRight: 0.5 }, 'smile', 0.5],
    ['a frown', { mouthFrownLeft: 1, mouthFrownRight: 1 }, 'smile', -0.92],
    ['a pucker', { mouthPucker: 1 }, 'pucker', 1],
    ['a stretched mouth', { mouthStretchLeft: 1, mouthStretchRight: 1 }, 'stretch', 1],
    ['a mouth to the side', { mouthLeft: 1 }, 'mouthShift', 1],
    ['raised brows', { browInnerUp: 1, browOuterUpLeft: 1, browOuterUpRight: 1 }, 'browsUp', 1],
    ['lowered brows', { browDownLeft: 1, browDownRight: 1 }, 'browsDown', 1],
  ])('%s is seen', (_, blendshapes, key, value) => {
    expect(actionOf(blendshapes)[key]).toBeCloseTo(value, 1);
  });

  test('an open jaw is no frown and no pucker', () => {
    const { smile, pucker, stretch, lips } = actionOf({ jawOpen: 1 });
    for (const value of [smile, pucker, stretch]) expect(Math.abs(value)).toBeLessThan(0.1);
    expect(lips).toBeGreaterThan(rest().lips + 0.3);
  });

  test('the displacements of a clip say the same as the blendshapes that made them', () => {
    const blendshapes = { mouthSmileLeft: 0.6, mouthSmileRight: 0.6, jawOpen: 0.3, browInnerUp: 0.5 };
    const expressions = makeExpressions(canonical, canonical.points);
    const { displacements } = expressions.of({ blendshapes });
    const again = expressions.of({ mesh: Float32Array.from(displacements) });
    const [direct, indirect] = [displacements, again.displacements].map((moved) =>
      expressionChange(readAction(canonical.points, moved, { x: 0, y: 0 }), rest(), false),
    );
    direct!.forEach((value, index) => {
      expect(indirect![index]).toBeCloseTo(value, 5);
    });
  });

  test('a shut eye moves its own points; with retargeters only a wink is left to them', () => {
    const wink = actionOf({ eyeBlinkRight: 1 });
    const both = actionOf({ eyeBlinkRight: 1, eyeBlinkLeft: 1 });
    const y = (change: Float32Array, index: number): number => change[3 * index + 1]!;
    const plain = expressionChange(wink, rest(), false);
    expect(y(plain, 11)).toBeGreaterThan(0.01);
    expect(y(plain, 15)).toBeCloseTo(0, 4);
    const shut = expressionChange(both, rest(), true);
    expect(Math.abs(y(shut, 11)) + Math.abs(y(shut, 15))).toBeLessThan(0.002);
    const left = expressionChange(wink, rest(), true);
    expect(y(left, 11)).toBeGreaterThan(0.005);
    expect(y(left, 15)).toBeCloseTo(-y(left, 11), 5);
  });

  test('a gaze to the viewer’s right and down goes there', () => {
    const change = expressionChange(
      actionOf({ eyeLookInRight: 0.5, eyeLookOutLeft: 0.5, eyeLookDownRight: 0.3, eyeLookDownLeft: 0.3 }),
      rest(),
      true,
    );
    for (const eye of [11, 15]) {
      expect(change[3 * eye]).toBeGreaterThan(0.005);
      expect(change[3 * eye + 1]).toBeGreaterThan(0.003);
    }
  });
});
