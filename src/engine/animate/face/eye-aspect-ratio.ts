/** How far an eye is open, as one number that does not depend on its size. */
import type { EyeShape } from './face.ts';
import { eyeRegions, lidPairs } from './regions.ts';

type Point = readonly [x: number, y: number];

/**
 * How far an eye is open: mean height of the aperture over its width (Soukupová and Čech, "Real-Time Eye Blink Detection
 * using Facial Landmarks", 2016). A relaxed eye has 0.25 to 0.4, a closed one less than 0.14.
 */
export function eyeAspectRatio({ lids }: EyeShape, side: 0 | 1): number {
  return ratioOf((vertex) => lids.get(vertex)!, side);
}

/** The same of a mesh, 468 x y z triples. */
export function meshEyeAspectRatio(points: Float64Array, side: 0 | 1): number {
  return ratioOf((vertex) => [points[3 * vertex]!, points[3 * vertex + 1]!], side);
}

function ratioOf(at: (vertex: number) => Point, side: 0 | 1): number {
  const { outer, inner } = eyeRegions[side];
  const apart = (a: number, b: number): number => {
    const [p, q] = [at(a), at(b)];
    return Math.hypot(p[0] - q[0], p[1] - q[1]);
  };
  const pairs = lidPairs[side];
  return pairs.reduce((sum, [upper, lower]) => sum + apart(upper, lower), 0) / pairs.length / apart(outer, inner);
}
