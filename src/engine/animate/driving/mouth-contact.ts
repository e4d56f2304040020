/**
 * Where a driver's lips meet, the photograph's meet too, whatever its mouth does at rest; and how much of what the mouth does
 * is the jaw's, because the lower teeth go with it.
 */
import type { CanonicalFace } from '../face/canonical.ts';
import { lips } from '../face/regions.ts';
import { smoothCurves } from '../motion/one-euro.ts';
import { makeJaw, widestJaw } from '../rig/jaw.ts';
import { measureMouth } from '../rig/mouth-measure.ts';

/** What the mesh network says of closed lips is the smallest gaps of a clip; as a share of its frames, and at the most. */
const closedShare = 0.04;
const widestClosed = 0.12;
/** Share of what is missing to the wanted gap that the jaw makes up, and how far it goes for that, centimetres. */
const makesUp = 0.9;
const closesAtMost = 0.9;
const opensAtMost = 0.5;
/** Points of the chin's edge. */
const chinPoints = [152, 148, 377] as const;

const gapOf = (mesh: ArrayLike<number>): number => {
  const [upper, lower] = lips.innerMiddle;
  return mesh[3 * lower + 1]! - mesh[3 * upper + 1]!;
};

export interface MouthContact {
  /**
   * Brings the lips of a frame's displacements as far apart as the driver's are, in place, takes the jaw's part out of them
   * and returns it as a weight of `jawOpen`.
   * @param share how much of the driver's motion is shown.
   */
  settle(displacements: Float64Array, frame: number, share: number): number;
}

/**
 * @param own the photograph's face in head space.
 * @param meshes the driver's head meshes, by frame.
 * @param mouthScale the photograph's mouth over the driver's.
 */
export async function mouthContact(
  canonical: CanonicalFace,
  own: Float64Array,
  meshes: readonly Float64Array[],
  { mouthScale, rate }: { readonly mouthScale: number; readonly rate: number },
): Promise<MouthContact> {
  const jaw = makeJaw(canonical, own, measureMouth(own));
  const gaps = Float64Array.from(meshes, gapOf);
  const closed = Math.min(widestClosed, gaps.toSorted()[Math.floor(gaps.length * closedShare)] ?? 0);
  await smoothCurves(gaps, 1, { rate, minCutoff: 5, beta: 3 }, [0, gaps.length]);
  const field = new Float64Array(own.length);
  // A photograph's lips that are as good as closed stay as they are, open ones close whole.
  const ownClosed = Math.max(0, Math.min(gapOf(own), 2 * widestClosed - gapOf(own)));
  return {
    settle(displacements, frame, share) {
      const wanted = ownClosed + Math.max(0, gaps[frame]! - closed) * mouthScale;
      const missing = makesUp * share * (wanted - gapOf(own) - gapOf(displacements));
      jaw.open(displacements, Math.max(-closesAtMost, Math.min(opensAtMost, missing)), 0);
      const sinks = chinPoints.reduce((sum, point) => sum + displacements[3 * point + 1]!, 0) / chinPoints.length;
      const opening = Math.min(widestJaw, Math.max(0, sinks));
      jaw.open(field.fill(0), opening, 0);
      for (let i = 0; i < field.length; i++) displacements[i]! -= field[i]!;
      return opening / widestJaw;
    },
  };
}
