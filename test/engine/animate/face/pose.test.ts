import { beforeAll, describe, expect, test } from 'vitest';

import { loadCanonicalFace, type CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import { largestEigenvector } from '../../../../src/engine/animate/face/eigenvector.ts';
import type { FacePose } from '../../../../src/engine/animate/face/face.ts';
import {
  anglesOf,
  multiply,
  rotationOf,
  solvePose,
  toHead,
  toPicture,
  transpose,
  turn,
  type HeadAngles,
} from '../../../../src/engine/animate/face/pose.ts';
import { installForTest, testModelCache } from '../../../models.ts';

let canonical: CanonicalFace;

beforeAll(async () => {
  await installForTest('canonical-face');
  canonical = await loadCanonicalFace(testModelCache);
});

const poseAt = (angles: HeadAngles): FacePose => ({
  scale: 17,
  rotation: rotationOf(angles),
  translation: [310, 205, -4],
});

describe('the pose of a head', () => {
  test.each<HeadAngles>([
    { yaw: 0, pitch: 0, roll: 0 },
    { yaw: 31, pitch: -12, roll: 7 },
    { yaw: -60, pitch: 20, roll: -170 },
    { yaw: 80, pitch: -40, roll: 90 },
  ])('is found again: $yaw $pitch $roll', (angles) => {
    const found = solvePose(canonical, toPicture(poseAt(angles), canonical.points));
    expect(found.scale).toBeCloseTo(17, 9);
    expect(found.translation[0]).toBeCloseTo(310, 9);
    for (const [name, value] of Object.entries(anglesOf(found.rotation))) {
      expect(value, name).toBeCloseTo(angles[name as keyof HeadAngles], 8);
    }
  });

  test('is that of the landmarks alone: other points may move with the expression', () => {
    const points = toPicture(poseAt({ yaw: 10, pitch: 5, roll: 0 }), canonical.points);
    const counted = new Set(canonical.landmarks.map(([index]) => index));
    for (let i = 0; i < 468; i += 1) if (!counted.has(i)) points[3 * i + 1]! += 50;
    expect(anglesOf(solvePose(canonical, points).rotation).pitch).toBeCloseTo(5, 8);
  });

  test('moves the nose where the words say', () => {
    const nose: [number, number, number] = [0, 0, -1];
    expect(turn(rotationOf({ yaw: 10, pitch: 0, roll: 0 }), nose)[0]).toBeGreaterThan(0.1);
    expect(turn(rotationOf({ yaw: 0, pitch: 10, roll: 0 }), nose)[1]).toBeLessThan(-0.1);
    // Clockwise in a picture whose y points down: what points right comes to point down.
    expect(turn(rotationOf({ yaw: 0, pitch: 0, roll: 10 }), [1, 0, 0])[1]).toBeGreaterThan(0.1);
  });

  test('takes points to head space and back', () => {
    const pose = poseAt({ yaw: 25, pitch: -8, roll: 14 });
    const head = toHead(pose, toPicture(pose, canonical.points));
    expect(Math.max(...head.map((value, i) => Math.abs(value - canonical.points[i]!)))).toBeLessThan(1e-12);
  });

  test('rotations undo themselves', () => {
    const rotation = rotationOf({ yaw: 25, pitch: -8, roll: 14 });
    const identity = multiply(rotation, transpose(rotation));
    expect(identity.map((value) => Math.round(value * 1e12) / 1e12 + 0)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });
});

describe('the largest eigenvector', () => {
  test('is found where the two largest eigenvalues lie close together', () => {
    // 2 and 2 + 1e-9, about axes turned by 30 degrees.
    const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    const gap = 1e-9;
    const vector = largestEigenvector([
      [2 + gap * c * c, gap * c * s, 0],
      [gap * c * s, 2 + gap * s * s, 0],
      [0, 0, -5],
    ]);
    expect(Math.abs(vector[0]! * c + vector[1]! * s)).toBeCloseTo(1, 5);
  });
});
