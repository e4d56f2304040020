/** Draws a face as it would look with the head turned: its own pixels on its own mesh, the far triangles first. */
import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { multiply, rotationOf, toHead, toPicture } from '../../../../src/engine/animate/face/pose.ts';
import type { Picture } from '../../../../src/engine/picture.ts';

type Point = readonly [number, number];

/** @param yaw degrees by which the head is turned further. The picture behind it is one grey. */
export function turnedFace(photo: Picture, face: Face, canonical: CanonicalFace, yaw: number): Picture {
  const rotation = multiply(rotationOf({ yaw, pitch: 0, roll: 0 }), face.pose.rotation);
  const points = toPicture({ ...face.pose, rotation }, toHead(face.pose, face.points));
  const picture: Picture = { ...photo, data: new Uint8Array(photo.data.length).fill(120) };
  const { triangles } = canonical;
  const depth = (t: number): number => [0, 1, 2].reduce((sum, k) => sum + points[3 * triangles[t + k]! + 2]!, 0);
  const order = Array.from({ length: triangles.length / 3 }, (_, i) => 3 * i).sort((a, b) => depth(b) - depth(a));
  for (const t of order) {
    const corner = (from: Float64Array, k: number): Point => {
      const point = triangles[t + k]!;
      return [from[3 * point]!, from[3 * point + 1]!];
    };
    drawTriangle(
      picture,
      photo,
      [0, 1, 2].map((k) => corner(points, k)),
      [0, 1, 2].map((k) => corner(face.points, k)),
    );
  }
  return picture;
}

function drawTriangle(picture: Picture, photo: Picture, to: readonly Point[], from: readonly Point[]): void {
  const [a, b, c] = to as [Point, Point, Point];
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
  if (Math.abs(area) < 1e-9) return;
  const bounds = (k: 0 | 1, last: number): [number, number] => [
    Math.max(0, Math.floor(Math.min(a[k], b[k], c[k]))),
    Math.min(last, Math.ceil(Math.max(a[k], b[k], c[k]))),
  ];
  const [left, right] = bounds(0, picture.width - 1);
  const [top, bottom] = bounds(1, picture.height - 1);
  for (let y = top; y <= bottom; y += 1) {
    for (let x = left; x <= right; x += 1) {
      const v = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area;
      const w = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area;
      if (v < -0.01 || w < -0.01 || v + w > 1.01) continue;
      const source = (k: 0 | 1, last: number): number =>
        Math.max(0, Math.min(last, Math.round(from[0]![k] * (1 - v - w) + from[1]![k] * v + from[2]![k] * w)));
      const at = (source(1, photo.height - 1) * photo.width + source(0, photo.width - 1)) * 3;
      picture.data.set(photo.data.subarray(at, at + 3), (y * picture.width + x) * 3);
    }
  }
}
