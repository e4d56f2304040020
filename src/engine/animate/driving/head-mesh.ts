/** The mesh of a face with the pose taken out and the lids where the iris network sees them: what faces are compared by. */
import type { EyeShape, FacePose } from '../face/face.ts';
import { toHead } from '../face/pose.ts';

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
