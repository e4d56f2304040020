/**
 * From what a face does to LivePortrait's expression, 21 x y z in units of the crop. An approximation: LivePortrait learned
 * its points from clips and nobody named them. The directions are those of the sliders in its own demonstration and in
 * FaceFusion's editor, written down in `docs/neural-back-end.md`; none was seen with the published weights.
 */
import type { FaceAction } from './face-action.ts';
import { pointCount } from './signature.ts';

type Axis = 0 | 1 | 2;
/** Point, axis (x, y down, z away), how far it goes at 1. */
type Push = readonly [point: number, axis: Axis, by: number];

const [x, y, z] = [0, 1, 2] as const;

const smile: readonly Push[] = [
  [14, y, -0.026],
  [20, y, -0.013],
  [17, y, 0.0085],
  [17, z, 0.004],
  [13, y, -0.0036],
  [16, y, -0.0036],
  [3, y, -0.0046],
  [7, y, -0.0046],
];
const frown: readonly Push[] = [
  [14, y, 0.02],
  [17, y, -0.003],
  [19, y, -0.02],
  [19, z, 0.005],
  [20, z, -0.01],
];
const pucker: readonly Push[] = [
  [14, y, 0.015],
  [3, y, -0.0075],
  [7, y, -0.0075],
  [17, z, -0.0075],
];
const stretch: readonly Push[] = [
  [20, z, -0.015],
  [20, y, -0.015],
  [14, y, -0.015],
];
const mouthRight: readonly Push[] = [
  [19, x, 0.05],
  [20, x, 0.04],
];
const browsUp: readonly Push[] = [
  [1, y, 0.015],
  [2, y, -0.015],
];
const browsDown: readonly Push[] = [
  [1, x, 0.015],
  [1, y, -0.005],
  [2, x, -0.02],
  [2, y, 0.005],
];
/** Lips apart by the width of the mouth; only without the lip retargeter. */
const jawOpen: readonly Push[] = [
  [19, y, 0.16],
  [19, z, 0.016],
  [17, y, -0.016],
];
/** An eye shut, the subject's right first. */
const blink: readonly [readonly Push[], readonly Push[]] = [
  [
    [11, y, 0.02],
    [13, y, -0.006],
  ],
  [
    [15, y, 0.02],
    [16, y, -0.006],
  ],
];
/** Each degree of gaze. The eye that looks away from the nose goes further. */
const gazeNear = 0.000525;
const gazeFar = 0.00075;
const gazeDown = 0.00075;

/** How much of its opening an eye has lost: 1 shut, below 0 wider. */
function closures({ eyes }: FaceAction, rest: readonly [number, number]): [number, number] {
  const of = (side: 0 | 1): number => Math.max(-0.5, Math.min(1, 1 - eyes[side] / Math.max(rest[side], 1e-3)));
  return [of(0), of(1)];
}

/**
 * What to add to the photograph's own expression, 21 x y z.
 * @param rest openings of the face at rest.
 * @param retargets whether the retargeters open and close eyes and lips: then only what differs between the eyes is left here.
 */
export function expressionChange(
  action: FaceAction,
  rest: Pick<FaceAction, 'eyes' | 'lips'>,
  retargets: boolean,
): Float32Array {
  const change = new Float32Array(3 * pointCount);
  const add = (pushes: readonly Push[], amount: number): void => {
    for (const [point, axis, by] of pushes) change[3 * point + axis]! += amount * by;
  };
  add(action.smile > 0 ? smile : frown, Math.abs(action.smile));
  add(pucker, action.pucker);
  add(stretch, action.stretch);
  add(mouthRight, action.mouthShift);
  add(browsUp, action.browsUp);
  add(browsDown, action.browsDown);
  if (!retargets) add(jawOpen, action.lips - rest.lips);
  const closed = closures(action, rest.eyes);
  const both = retargets ? (closed[0] + closed[1]) / 2 : 0;
  add(blink[0], closed[0] - both);
  add(blink[1], closed[1] - both);
  const { x: across, y: down } = action.gaze;
  change[3 * 11 + x]! += across * (across > 0 ? gazeNear : gazeFar);
  change[3 * 15 + x]! += across * (across > 0 ? gazeFar : gazeNear);
  for (const point of [11, 15]) change[3 * point + y]! += down * gazeDown;
  return change;
}
