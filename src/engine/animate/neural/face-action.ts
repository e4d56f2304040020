/**
 * What a face does, in a few numbers, read off its mesh before and after: the same for blendshapes and for the displacements
 * of a driving clip. Each is 1 where the mesh renderer's blendshape at weight 1 takes it.
 */
import { browRegions, eyeRegions, lidPairs, lips } from '../face/regions.ts';
import type { Gaze } from '../motion/track.ts';

export interface FaceAction {
  /** Opening of each eye, the subject's right first: middle of the lids apart, over the eye's width. */
  readonly eyes: readonly [number, number];
  /** Inner edges of the lips apart, over the mouth's width. */
  readonly lips: number;
  /** Corners of the mouth up, below 0 down. */
  readonly smile: number;
  readonly pucker: number;
  /** Corners of the mouth outwards without a smile. */
  readonly stretch: number;
  /** To the viewer's right. */
  readonly mouthShift: number;
  /** Brows up. */
  readonly browsUp: number;
  /** Brows down and together. */
  readonly browsDown: number;
  readonly gaze: Gaze;
}

function apart(head: Float64Array, a: number, b: number): number {
  return Math.hypot(head[3 * a]! - head[3 * b]!, head[3 * a + 1]! - head[3 * b + 1]!);
}

/** Openings of both eyes and the lips of a mesh in head space. */
export function openingsOf(head: Float64Array): Pick<FaceAction, 'eyes' | 'lips'> {
  const eye = (side: 0 | 1): number => {
    const { outer, inner } = eyeRegions[side];
    // The middle pair alone, as the network that is given the number learnt it.
    const [upper, lower] = lidPairs[side][1]!;
    return apart(head, upper, lower) / apart(head, outer, inner);
  };
  return { eyes: [eye(0), eye(1)], lips: apart(head, ...lips.innerMiddle) / apart(head, ...lips.corners) };
}

/** Centimetres that each action moves the mesh at 1, as the mesh renderer's blendshapes do. */
const reach = {
  smile: 0.36,
  pucker: 1.04,
  smileWidth: 0.65,
  stretch: 0.71,
  shift: 0.31,
  browInner: 0.48,
  browOuter: 0.19,
  browDown: 0.13,
};
/** What an open jaw does to the corners of the mouth, for each centimetre that the lower lip goes down. */
const jaw = { corner: 0.4, width: -0.245 };

const within = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

/**
 * @param head the face at rest, 468 x y z in head space (centimetres, y down).
 * @param displacements of the same points.
 */
export function readAction(head: Float64Array, displacements: Float64Array, gaze: Gaze): FaceAction {
  const moved = head.map((value, index) => value + displacements[index]!);
  const mean = (vertices: readonly number[], axis: number): number =>
    vertices.reduce((sum, vertex) => sum + displacements[3 * vertex + axis]!, 0) / vertices.length;
  const lowerLip = Math.max(0, mean([lips.innerMiddle[1]], 1));
  const smile = within(-(mean(lips.corners, 1) - jaw.corner * lowerLip) / reach.smile, -1, 1.3);
  const width = apart(moved, ...lips.corners) - apart(head, ...lips.corners) - jaw.width * lowerLip;
  const brow = (places: readonly number[]): number =>
    mean(
      browRegions.flatMap((brows) => places.map((place) => brows[place]!)),
      1,
    );
  // Points 0 to 4 are the upper edge, from the temple to the nose.
  const [outer, inner] = [brow([0]), brow([4])];
  const raised = -0.6 * (inner / reach.browInner) - 0.4 * (outer / reach.browOuter);
  return {
    ...openingsOf(moved),
    smile,
    pucker: within(-width / reach.pucker, 0, 1),
    stretch: within((width - reach.smileWidth * Math.max(0, smile)) / reach.stretch, 0, 1),
    mouthShift: within(mean([0, 17], 0) / reach.shift, -1, 1),
    browsUp: within(raised, 0, 1),
    browsDown: within(inner / reach.browDown, 0, 1),
    gaze,
  };
}
