/**
 * Relighting: how bright the skin is for each direction it faces is read off the photograph (the first four spherical
 * harmonics, after Ramamoorthi and Hanrahan 2001), and a part of the face that turns is made as bright as its new direction.
 */
import { meshPoints } from '../face/face.ts';
import type { Picture } from '../../picture.ts';
import type { Rig } from '../rig/rig.ts';
import { colourAt, lumaOf, type Rgb } from './cutting.ts';

/** Brightness goes no further than this from the photograph's own: a wrong guess must not show. */
const range = [0.84, 1.16] as const;
/** Share of what the model says: cast shadows and paint do not follow it. */
const trust = 0.7;

export interface Light {
  /** Luma, 0 to 1, of a surface with this normal is `ambient + x nx + y ny + z nz`. */
  readonly coefficients: readonly [ambient: number, x: number, y: number, z: number];
}

/** Unit normals of the mesh's points, towards the viewer (z below 0 at the front). */
export function meshNormals(triangles: readonly number[], points: Float64Array, out: Float64Array): Float64Array {
  out.fill(0);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!];
    const [ux, uy, uz] = [points[b]! - points[a]!, points[b + 1]! - points[a + 1]!, points[b + 2]! - points[a + 2]!];
    const [vx, vy, vz] = [points[c]! - points[a]!, points[c + 1]! - points[a + 1]!, points[c + 2]! - points[a + 2]!];
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (const corner of [a, b, c]) for (let k = 0; k < 3; k++) out[corner + k]! += normal[k]!;
  }
  for (let i = 0; i < 3 * meshPoints; i += 3) {
    const length = Math.hypot(out[i]!, out[i + 1]!, out[i + 2]!) || 1;
    for (let k = 0; k < 3; k++) out[i + k]! /= length;
  }
  return out;
}

/** Least squares over the skin's points, with a little weight on no direction at all. */
export function estimateLight(photo: Picture, rig: Rig): Light {
  const normals = meshNormals(rig.canonical.triangles, rig.rest, new Float64Array(3 * meshPoints));
  const isSkin = new Set(rig.skin);
  const matrix = Array.from({ length: 4 }, (_, k) => Array.from({ length: 5 }, (_, j) => (j === k && k > 0 ? 8 : 0)));
  const colour: Rgb = [0, 0, 0];
  for (const i of isSkin) {
    if (i >= meshPoints) continue;
    const basis = [1, normals[3 * i]!, normals[3 * i + 1]!, normals[3 * i + 2]!];
    const luma = lumaOf(colourAt(photo, rig.rest[3 * i]!, rig.rest[3 * i + 1]!, colour)) / 255;
    for (let k = 0; k < 4; k++) {
      for (let j = 0; j < 4; j++) matrix[k]![j]! += basis[k]! * basis[j]!;
      matrix[k]![4]! += basis[k]! * luma;
    }
  }
  return { coefficients: solve(matrix) };
}

/** Gauss-Jordan with pivots on a 4 x 5 matrix. */
function solve(matrix: number[][]): [number, number, number, number] {
  for (let k = 0; k < 4; k++) {
    let best = k;
    for (let row = k + 1; row < 4; row++) if (Math.abs(matrix[row]![k]!) > Math.abs(matrix[best]![k]!)) best = row;
    [matrix[k], matrix[best]] = [matrix[best]!, matrix[k]!];
    const pivot = matrix[k]![k]! || 1e-9;
    for (let row = 0; row < 4; row++) {
      if (row === k) continue;
      const share = matrix[row]![k]! / pivot;
      for (let j = k; j < 5; j++) matrix[row]![j]! -= share * matrix[k]![j]!;
    }
  }
  return [0, 1, 2, 3].map((k) => matrix[k]![4]! / (matrix[k]![k]! || 1e-9)) as [number, number, number, number];
}

/** Brightness of each point of the rig now against at rest; exactly 1 where nothing has turned. */
export function shadeRig(
  rig: Rig,
  { coefficients: [ambient, x, y, z] }: Light,
  before: Float64Array,
  now: Float64Array,
  out: Float32Array,
): Float32Array {
  const bright = (normals: Float64Array, i: number): number =>
    Math.max(0.12, ambient + x * normals[i]! + y * normals[i + 1]! + z * normals[i + 2]!);
  for (let i = 0; i < meshPoints; i++) {
    const ratio = 1 + trust * (bright(now, 3 * i) / bright(before, 3 * i) - 1);
    out[i] = Math.min(range[1], Math.max(range[0], ratio));
  }
  for (let i = meshPoints; i < out.length; i++) out[i] = 1 + rig.expression[i]! * (out[rig.follows[i]!]! - 1);
  return out;
}
