/** The mesh of a face with the pose taken out and the lids where the iris network sees them: what faces are compared by. */
import type { EyeShape, FacePose } from '../face/face.ts';
import { toHead } from '../face/pose.ts';
import { eyeRegions, lidPairs } from '../face/regions.ts';

export interface SeenFace {
  /** 468 x y z in picture space. */
  readonly points: Float64Array;
  readonly pose: FacePose;
  readonly eyes: readonly [EyeShape, EyeShape];
}

/** 468 x y z in head space, centimetres. */
export function headMesh({ points, pose, eyes }: SeenFace): Float64Array {
  const seen = Float64Array.from(points);
  for (const { lids } of eyes) {
    for (const [vertex, [x, y]] of lids) {
      seen[3 * vertex] = x;
      seen[3 * vertex + 1] = y;
    }
  }
  return toHead(pose, seen);
}

/** How far an eye of a head mesh is open: mean height of the aperture over its width (Soukupová and Čech 2016). */
export function eyeOpening(head: Float64Array, side: 0 | 1): number {
  const apart = (a: number, b: number): number =>
    Math.hypot(head[3 * a]! - head[3 * b]!, head[3 * a + 1]! - head[3 * b + 1]!);
  const { outer, inner } = eyeRegions[side];
  const pairs = lidPairs[side];
  return pairs.reduce((sum, [upper, lower]) => sum + apart(upper, lower), 0) / pairs.length / apart(outer, inner);
}
