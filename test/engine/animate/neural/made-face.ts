/** Faces made of the canonical mesh, at a pose of the test's choice: no network has to find them. */
import { readFile } from 'node:fs/promises';
import { readCanonicalFace, type CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import type { EyeShape, Face } from '../../../../src/engine/animate/face/face.ts';
import { rotationOf, toPicture } from '../../../../src/engine/animate/face/pose.ts';
import { eyeRegions } from '../../../../src/engine/animate/face/regions.ts';
import type { Picture } from '../../../../src/engine/picture.ts';
import { installForTest } from '../../../models.ts';

export async function canonicalForTest(): Promise<CanonicalFace> {
  const { files } = await installForTest('canonical-face');
  return readCanonicalFace(await readFile(Object.values(files)[0]!));
}

export function makeFace(
  canonical: CanonicalFace,
  { x, y, scale, roll = 0, number = 1 }: { x: number; y: number; scale: number; roll?: number; number?: number },
): Face {
  const pose = { scale, rotation: rotationOf({ yaw: 0, pitch: 0, roll }), translation: [x, y, 0] as const };
  const points = toPicture(pose, canonical.points);
  const at = (vertex: number): [number, number] => [points[3 * vertex]!, points[3 * vertex + 1]!];
  const eye = (side: 0 | 1): EyeShape => {
    const { outer, inner, lower, upper } = eyeRegions[side];
    const [a, b] = [at(outer), at(inner)];
    return {
      iris: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
      irisRadius: 0.6 * scale,
      lids: new Map([...lower, ...upper].map((vertex) => [vertex, at(vertex)])),
    };
  };
  const half = 9 * scale;
  return {
    number,
    box: { x: x - half, y: y - half, width: 2 * half, height: 2 * half },
    points,
    pose,
    eyes: [eye(0), eye(1)],
    confidence: 1,
    warnings: [],
  };
}

/** One colour all over. */
export function plainPhoto(width: number, height: number, colour: readonly [number, number, number]): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < data.length; at += 3) data.set(colour, at);
  return { width, height, data };
}
