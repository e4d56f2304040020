/** Where LivePortrait looks: the square in which eyes, nose and mouth lie as in the FFHQ data set's 512 x 512 pictures. */
import type { Crop } from '../face/crop.ts';
import { eyeRegions, lips, noseTip } from '../face/regions.ts';
import { paintedSide } from './signature.ts';

/** Eyes, tip of the nose, corners of the mouth in 512 x 512 pixels, the viewer's left first (Karras et al. 2019; FaceXLib's values). */
const template: readonly (readonly [number, number])[] = [
  [192.98138, 239.94708],
  [318.90277, 240.1936],
  [256.63416, 314.01935],
  [201.26117, 371.41043],
  [313.08905, 371.15118],
];
/** The template is that of a face alone: LivePortrait sees it with hair and chin, so much further away from the nose. */
const wider = 1.5;

type Point = readonly [number, number];

function landmarks(points: Float64Array): readonly Point[] {
  const mean = (vertices: readonly number[]): Point => {
    const sum = (axis: 0 | 1): number => vertices.reduce((all, vertex) => all + points[3 * vertex + axis]!, 0);
    return [sum(0) / vertices.length, sum(1) / vertices.length];
  };
  const [right, left] = eyeRegions;
  return [
    mean([...right.lower, ...right.upper]),
    mean([...left.lower, ...left.upper]),
    mean([noseTip]),
    mean([lips.corners[0]]),
    mean([lips.corners[1]]),
  ];
}

/**
 * The square around a face.
 * @param points 468 x y z in picture space.
 */
export function alignToFfhq(points: Float64Array): Crop {
  const found = landmarks(points);
  const nose = found[2]!;
  const seen = found.map(([x, y]): Point => [nose[0] + wider * (x - nose[0]), nose[1] + wider * (y - nose[1])]);
  const middle = (all: readonly Point[]): Point => [
    all.reduce((sum, [x]) => sum + x, 0) / all.length,
    all.reduce((sum, [, y]) => sum + y, 0) / all.length,
  ];
  const [from, to] = [middle(seen), middle(template)];
  // template = [a -b; b a] * (seen - from) + to, with the least squares.
  let [a, b, spread] = [0, 0, 0];
  for (const [index, [sx, sy]] of seen.entries()) {
    const [x, y] = [sx - from[0], sy - from[1]];
    const [u, v] = [template[index]![0] - to[0], template[index]![1] - to[1]];
    a += x * u + y * v;
    b += x * v - y * u;
    spread += x * x + y * y;
  }
  a /= spread;
  b /= spread;
  const square = a * a + b * b;
  // The middle of the 512 pixels, which are counted from 0 at their own middles, back in the picture.
  const centre = (paintedSide - 1) / 2;
  const [u, v] = [centre - to[0], centre - to[1]];
  return {
    x: from[0] + (a * u + b * v) / square,
    y: from[1] + (a * v - b * u) / square,
    size: paintedSide / Math.sqrt(square),
    angle: Math.atan2(-b, a),
  };
}
