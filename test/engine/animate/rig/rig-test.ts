/** What tests of the rig share: the canonical face as a face in a picture, seen from the front or turned. */
import { loadCanonicalFace, type CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import type { EyeShape, Face } from '../../../../src/engine/animate/face/face.ts';
import { type HeadAngles, rotationOf, toPicture } from '../../../../src/engine/animate/face/pose.ts';
import { eyeRegions } from '../../../../src/engine/animate/face/regions.ts';
import { installForTest, testModelCache } from '../../../models.ts';

export async function canonicalForTest(): Promise<CanonicalFace> {
  await installForTest('canonical-face');
  return await loadCanonicalFace(testModelCache);
}

export const testPicture = { width: 640, height: 720 } as const;

/** The canonical face in the middle of `testPicture`, 14 pixels a centimetre. */
export function faceFor(canonical: CanonicalFace, angles: Partial<HeadAngles> = {}): Face {
  const rotation = rotationOf({ yaw: 0, pitch: 0, roll: 0, ...angles });
  const pose = { scale: 14, rotation, translation: [320, 330, 0] } as const;
  const points = toPicture(pose, canonical.points);
  const eyes = ([0, 1] as const).map((side): EyeShape => {
    const { lower, upper, outer, inner } = eyeRegions[side];
    const at = (v: number): readonly [number, number] => [points[3 * v]!, points[3 * v + 1]!];
    return {
      iris: [(at(outer)[0] + at(inner)[0]) / 2, (at(outer)[1] + at(inner)[1]) / 2],
      irisRadius: 8,
      lids: new Map([...lower, ...upper].map((v) => [v, at(v)])),
    };
  });
  return {
    number: 1,
    box: { x: 200, y: 180, width: 240, height: 280 },
    points,
    pose,
    eyes: [eyes[0]!, eyes[1]!],
    confidence: 1,
    warnings: [],
  };
}
