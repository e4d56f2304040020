/** Draws a head of triangles: what a track does, without a photograph in the way. Orthographic, lit from the upper left. */
import type { CanonicalFace } from '../../face/canonical.ts';
import type { Rotation } from '../../face/pose.ts';
import { eyeRegions } from '../../face/regions.ts';
import type { Picture } from '../../../picture.ts';
import type { Gaze } from '../track.ts';

export interface PosedHead {
  /** 468 x y z in head space, centimetres. */
  readonly mesh: Float64Array;
  readonly rotation: Rotation;
  /** Centimetres in the picture. */
  readonly shift: readonly [number, number];
  readonly gaze: Gaze;
}

type Colour = readonly [number, number, number];

/** Centimetres across the picture. */
const fieldOfView = 24;
const background: Colour = [38, 40, 46];
const skin: Colour = [226, 190, 164];
const mouth: Colour = [70, 22, 28];
const white: Colour = [238, 238, 234];
const iris: Colour = [70, 96, 120];
const pupil: Colour = [16, 18, 22];
/** Towards the light. */
const light = [-0.35, -0.5, -0.79] as const;
/** Centimetres: the ball of the eye, its iris and its pupil. */
const ball = 1.15;
const irisRadius = 0.58;
const pupilRadius = 0.24;

/** A square picture of `size` pixels. */
export function drawHead(
  canonical: CanonicalFace,
  { mesh, rotation: r, shift, gaze }: PosedHead,
  size: number,
): Picture {
  const scale = size / fieldOfView;
  const data = new Uint8Array(size * size * 3);
  for (let i = 0; i < data.length; i++) data[i] = background[i % 3]!;
  const placed = new Float64Array(mesh.length);
  for (let i = 0; i < mesh.length; i += 3) {
    const turned = (k: number): number => r[k]! * mesh[i]! + r[k + 1]! * mesh[i + 1]! + r[k + 2]! * mesh[i + 2]!;
    placed[i] = size / 2 + scale * (turned(0) + shift[0]);
    placed[i + 1] = size / 2 + scale * (turned(3) + shift[1]);
    placed[i + 2] = scale * turned(6);
  }
  const depth = new Float64Array(size * size).fill(Infinity);
  const fill = (corners: readonly number[], colour: (x: number, y: number) => Colour, behind = 0): void => {
    fillTriangle({ placed, corners, size, depth, data, colour, behind: behind * scale });
  };
  for (const corners of threes(canonical.skin)) {
    const shade = 0.32 + 0.68 * Math.abs(facing(placed, corners));
    const lit = skin.map((value) => value * shade) as unknown as Colour;
    fill(corners, () => lit);
  }
  for (const corners of threes(canonical.mouthFill)) fill(corners, () => mouth, 0.2);
  canonical.eyeFills.forEach((triangles, side) => {
    const { outer, inner } = eyeRegions[side]!;
    const middle = (k: number): number => (placed[3 * outer + k]! + placed[3 * inner + k]!) / 2;
    const sine = (degrees: number): number => Math.sin((degrees * Math.PI) / 180);
    const [x, y] = [middle(0) + scale * ball * sine(gaze.x), middle(1) + scale * ball * sine(gaze.y)];
    const eye = (px: number, py: number): Colour => {
      const away = Math.hypot(px - x, py - y) / scale;
      return away < pupilRadius ? pupil : away < irisRadius ? iris : white;
    };
    for (const corners of threes(triangles)) fill(corners, eye, 0.05);
  });
  return { width: size, height: size, data };
}

function* threes(triangles: readonly number[]): Generator<readonly number[]> {
  for (let t = 0; t < triangles.length; t += 3) yield triangles.slice(t, t + 3);
}

/** Cosine between a triangle's normal and the light. */
function facing(placed: Float64Array, [a, b, c]: readonly number[]): number {
  const side = (from: number, to: number): [number, number, number] => [
    placed[3 * to]! - placed[3 * from]!,
    placed[3 * to + 1]! - placed[3 * from + 1]!,
    placed[3 * to + 2]! - placed[3 * from + 2]!,
  ];
  const [u, v] = [side(a!, b!), side(a!, c!)];
  const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
  const length = Math.hypot(...normal) || 1;
  return (normal[0]! * light[0] + normal[1]! * light[1] + normal[2]! * light[2]) / length;
}

interface Filling {
  readonly placed: Float64Array;
  readonly corners: readonly number[];
  readonly size: number;
  readonly depth: Float64Array;
  readonly data: Uint8Array;
  readonly colour: (x: number, y: number) => Colour;
  /** Pixels by which it lies deeper than its corners. */
  readonly behind: number;
}

function fillTriangle({ placed, corners, size, depth, data, colour, behind }: Filling): void {
  const [a, b, c] = corners.map((i) => [placed[3 * i]!, placed[3 * i + 1]!, placed[3 * i + 2]!] as const) as [
    Colour,
    Colour,
    Colour,
  ];
  const area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  if (area === 0) return;
  const clip = (value: number): number => Math.max(0, Math.min(size - 1, value));
  const [left, right] = [Math.min(a[0], b[0], c[0]), Math.max(a[0], b[0], c[0])];
  const [top, bottom] = [Math.min(a[1], b[1], c[1]), Math.max(a[1], b[1], c[1])];
  for (let y = Math.ceil(clip(top)); y <= Math.floor(clip(bottom)); y++) {
    for (let x = Math.ceil(clip(left)); x <= Math.floor(clip(right)); x++) {
      const v = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area;
      const w = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area;
      if (v < 0 || w < 0 || v + w > 1) continue;
      const z = a[2] + v * (b[2] - a[2]) + w * (c[2] - a[2]) + behind;
      const at = y * size + x;
      if (z >= depth[at]!) continue;
      depth[at] = z;
      data.set(colour(x, y), 3 * at);
    }
  }
}
