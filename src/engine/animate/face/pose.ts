/**
 * Where a head is: the similarity that takes the canonical face onto a mesh, by weighted Procrustes on the canonical
 * landmarks (Horn, "Closed-form solution of absolute orientation using unit quaternions", 1987), and the angles of it.
 * Rotations are 3 x 3, row-major, in the axes of pictures: x right, y down, z away from the viewer.
 */
import type { CanonicalFace } from './canonical.ts';
import type { FacePose } from './face.ts';
import { largestEigenvector } from './eigenvector.ts';

export type Rotation = readonly number[];

/** Degrees. Above 0: yaw moves the nose to the viewer's right, pitch moves it up, roll turns clockwise in the picture. */
export interface HeadAngles {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

const radians = Math.PI / 180;

/** The pose of a mesh (x y z triples in picture space). */
export function solvePose(canonical: CanonicalFace, points: Float64Array): FacePose {
  return procrustes(canonical.points, points, canonical.landmarks);
}

/**
 * The similarity `to = scale * rotation * from + translation` with the least weighted squares.
 * @param from x y z triples, as many as `to` has.
 * @param pairs indices of the points that count, with their weights.
 */
function procrustes(
  from: Float64Array,
  to: Float64Array,
  pairs: readonly (readonly [index: number, weight: number])[],
): FacePose {
  const a = centroid(from, pairs);
  const b = centroid(to, pairs);
  // m[3 u + v]: how much the u-th coordinate of the one goes with the v-th of the other.
  const m = new Array<number>(9).fill(0);
  let spread = 0;
  for (const [index, weight] of pairs) {
    for (let u = 0; u < 3; u += 1) {
      const p = from[3 * index + u]! - a[u]!;
      spread += weight * p * p;
      for (let v = 0; v < 3; v += 1) m[3 * u + v]! += weight * p * (to[3 * index + v]! - b[v]!);
    }
  }
  const rotation = rotationFor(m);
  let agreement = 0;
  for (let u = 0; u < 3; u += 1) for (let v = 0; v < 3; v += 1) agreement += rotation[3 * v + u]! * m[3 * u + v]!;
  const scale = agreement / spread;
  const turned = turn(rotation, a);
  return {
    scale,
    rotation,
    translation: [b[0] - scale * turned[0], b[1] - scale * turned[1], b[2] - scale * turned[2]],
  };
}

type Vector = readonly [number, number, number];

function centroid(points: Float64Array, pairs: readonly (readonly [number, number])[]): Vector {
  const sum: [number, number, number] = [0, 0, 0];
  let total = 0;
  for (const [index, weight] of pairs) {
    total += weight;
    for (let k = 0; k < 3; k += 1) sum[k]! += weight * points[3 * index + k]!;
  }
  return [sum[0] / total, sum[1] / total, sum[2] / total];
}

/** Horn's 4 x 4 matrix of the correlation `m`; its largest eigenvector is the quaternion of the rotation. */
function rotationFor(m: readonly number[]): Rotation {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = m as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [w, x, y, z] = largestEigenvector([
    [xx + yy + zz, yz - zy, zx - xz, xy - yx],
    [yz - zy, xx - yy - zz, xy + yx, zx + xz],
    [zx - xz, xy + yx, -xx + yy - zz, yz + zy],
    [xy - yx, zx + xz, yz + zy, -xx - yy + zz],
  ]) as [number, number, number, number];
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    ...[2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

/** `rotation` applied to a vector. */
export function turn(rotation: Rotation, [x, y, z]: Vector): [number, number, number] {
  const row = (k: number): number => rotation[k]! * x + rotation[k + 1]! * y + rotation[k + 2]! * z;
  return [row(0), row(3), row(6)];
}

/** The product of two rotations: `b` first, then `a`. */
export function multiply(a: Rotation, b: Rotation): Rotation {
  const at = (row: number, column: number): number =>
    a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!;
  return Array.from({ length: 9 }, (_, k) => at(Math.floor(k / 3), k % 3));
}

/** The inverse of a rotation. */
export const transpose = (r: Rotation): Rotation => [0, 3, 6, 1, 4, 7, 2, 5, 8].map((k) => r[k]!);

/** The rotation of these angles: pitch first, then yaw, then roll. */
export function rotationOf({ yaw, pitch, roll }: HeadAngles): Rotation {
  const [cy, sy] = [Math.cos(yaw * radians), Math.sin(yaw * radians)];
  const [cp, sp] = [Math.cos(pitch * radians), Math.sin(pitch * radians)];
  const [cr, sr] = [Math.cos(roll * radians), Math.sin(roll * radians)];
  const aboutY = [cy, 0, -sy, 0, 1, 0, sy, 0, cy];
  const aboutX = [1, 0, 0, 0, cp, sp, 0, -sp, cp];
  return multiply([cr, -sr, 0, sr, cr, 0, 0, 0, 1], multiply(aboutY, aboutX));
}

/** The angles of a rotation; the inverse of `rotationOf` for a yaw within 90 degrees. */
export function anglesOf(rotation: Rotation): HeadAngles {
  return {
    yaw: Math.asin(Math.min(1, Math.max(-1, rotation[6]!))) / radians,
    pitch: Math.atan2(-rotation[7]!, rotation[8]!) / radians,
    roll: Math.atan2(rotation[3]!, rotation[0]!) / radians,
  };
}

/** Points of a picture in head space: centimetres, the pose taken away. */
export function toHead({ scale, rotation, translation }: FacePose, points: Float64Array): Float64Array {
  const head = new Float64Array(points.length);
  const back = transpose(rotation);
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i]! - translation[0];
    const y = points[i + 1]! - translation[1];
    const z = points[i + 2]! - translation[2];
    for (let k = 0; k < 3; k += 1) {
      head[i + k] = (back[3 * k]! * x + back[3 * k + 1]! * y + back[3 * k + 2]! * z) / scale;
    }
  }
  return head;
}

/** Points of head space in the picture; the inverse of `toHead`. */
export function toPicture({ scale, rotation, translation }: FacePose, head: Float64Array): Float64Array {
  const points = new Float64Array(head.length);
  for (let i = 0; i < head.length; i += 3) {
    for (let k = 0; k < 3; k += 1) {
      const turned =
        rotation[3 * k]! * head[i]! + rotation[3 * k + 1]! * head[i + 1]! + rotation[3 * k + 2]! * head[i + 2]!;
      points[i + k] = scale * turned + translation[k]!;
    }
  }
  return points;
}
