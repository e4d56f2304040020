/**
 * Where an eye looks, out of where its iris stands between the corners. The iris lies nearer to the viewer than the corners
 * do, so a head that turns moves it sideways although the eye has not moved: that part is taken out.
 */
import type { EyeShape } from '../face/face.ts';
import { eyeRegions } from '../face/regions.ts';
import type { Gaze } from '../motion/track.ts';
import type { SeenFace } from './head-mesh.ts';

/** Centimetres of a grown-up's eye: from the ball's turning point to the iris, and from the plane of the corners to it. */
const irisFromTurning = 1.1;
const irisAhead = 0.45;
const degrees = 180 / Math.PI;

/** Degrees from straight out of the head: x to the viewer's right, y down. The mean of both eyes. */
export function gazeOf(face: SeenFace): Gaze {
  const [right, left] = face.eyes.map((eye, side) => gazeOfEye(face, eye, side as 0 | 1)) as [Gaze, Gaze];
  return { x: (right.x + left.x) / 2, y: (right.y + left.y) / 2 };
}

function gazeOfEye({ points, pose: { rotation: r, scale } }: SeenFace, { iris }: EyeShape, side: 0 | 1): Gaze {
  const { outer, inner } = eyeRegions[side];
  const middle = (k: number): number => (points[3 * outer + k]! + points[3 * inner + k]!) / 2;
  // The picture shows rotation * (x, y, -ahead): two equations for x and y.
  const u = (iris[0] - middle(0)) / scale + irisAhead * r[2]!;
  const v = (iris[1] - middle(1)) / scale + irisAhead * r[5]!;
  const determinant = r[0]! * r[4]! - r[1]! * r[3]!;
  const angle = (value: number): number => degrees * Math.asin(Math.min(1, Math.max(-1, value / irisFromTurning)));
  return { x: angle((u * r[4]! - v * r[1]!) / determinant), y: angle((v * r[0]! - u * r[3]!) / determinant) };
}
