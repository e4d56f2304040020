/** What an expression is in six numbers that do not depend on the head's size: how neutral frames and repeats are found. */
import { meshEyeAspectRatio } from './eye-aspect-ratio.ts';
import { eyeRegions, lidPairs, lips } from './regions.ts';

/** All in distances between the outer corners of the eyes, but the eyes' openings, which are in widths of the eye. */
export interface ExpressionSignature {
  readonly mouthOpening: number;
  readonly mouthWidth: number;
  /** The subject's right eye first. */
  readonly eyeOpenings: readonly [number, number];
  /** How high the brows stand over the eyes. */
  readonly browHeights: readonly [number, number];
}

/** Middle of the upper edge of each brow. */
const browMiddles = [105, 334] as const;

/** @param head a mesh in head space (`toHead`). */
export function expressionSignature(head: Float64Array): ExpressionSignature {
  const [right, left] = eyeRegions;
  const apart = (a: number, b: number): number =>
    Math.hypot(head[3 * a]! - head[3 * b]!, head[3 * a + 1]! - head[3 * b + 1]!);
  const below = (a: number, b: number): number => head[3 * b + 1]! - head[3 * a + 1]!;
  const unit = Math.abs(head[3 * right.outer]! - head[3 * left.outer]!);
  const browHeight = (side: 0 | 1): number => below(browMiddles[side], lidPairs[side][1]![0]) / unit;
  return {
    mouthOpening: below(...lips.innerMiddle) / unit,
    mouthWidth: apart(...lips.corners) / unit,
    eyeOpenings: [meshEyeAspectRatio(head, 0), meshEyeAspectRatio(head, 1)],
    browHeights: [browHeight(0), browHeight(1)],
  };
}
