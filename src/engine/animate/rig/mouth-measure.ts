/** Where a face's mouth is, in head space, and which points belong to which lip. */
import { chin, lips } from '../face/regions.ts';

export const upperLip: ReadonlySet<number> = new Set([...lips.outerUpper, ...lips.middleUpper, ...lips.innerUpper]);
export const lowerLip: ReadonlySet<number> = new Set([...lips.outerLower, ...lips.middleLower, ...lips.innerLower]);
/** Both corners of every ring of the lips. */
export const mouthCorners: ReadonlySet<number> = new Set([...lips.corners, ...lips.innerCorners, 62, 76, 292, 306]);

export interface MouthMeasure {
  /** Half-way between the corners. */
  readonly middle: readonly [number, number, number];
  /** Centimetres. */
  readonly halfWidth: number;
  /** Between the lips. */
  readonly lipLine: number;
  readonly chin: number;
  /** Opening in the photograph, centimetres. */
  readonly gap: number;
  /** From 0 in the middle to 1 at the corners, along the ring that the point lies on. */
  along(point: number): number;
}

/** @param head 468 x y z in head space. */
export function measureMouth(head: Float64Array): MouthMeasure {
  const [right, left] = lips.corners;
  const [innerRight, innerLeft] = lips.innerCorners;
  const at = (point: number, k: number): number => head[3 * point + k]!;
  const middle = [0, 1, 2].map((k) => (at(right, k) + at(left, k)) / 2) as [number, number, number];
  const halfWidth = Math.hypot(at(left, 0) - at(right, 0), at(left, 1) - at(right, 1)) / 2;
  const innerHalf = Math.abs(at(innerLeft, 0) - at(innerRight, 0)) / 2;
  const inner = new Set<number>([...lips.innerUpper, ...lips.innerLower]);
  const [upper, lower] = lips.innerMiddle;
  return {
    middle,
    halfWidth,
    lipLine: (at(upper, 1) + at(lower, 1)) / 2,
    chin: at(chin, 1),
    gap: Math.max(0, at(lower, 1) - at(upper, 1)),
    along: (point) => Math.min(1, Math.abs(at(point, 0) - middle[0]) / (inner.has(point) ? innerHalf : halfWidth)),
  };
}
