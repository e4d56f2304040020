/** What a person should know of a face before it is animated: judged from its size, its pose and its points. */
import type { Box, Face, FaceWarning } from './face.ts';
import type { FacePart } from './face-cover.ts';
import { eyeAspectRatio } from './eye-aspect-ratio.ts';
import { anglesOf } from './pose.ts';

/** Every code that a face's warning has. */
export const faceWarningCodes: readonly FaceWarning['code'][] = [
  'face.small',
  'face.turned',
  'face.covered',
  'face.doubtful',
  'face.eyes-closed',
];

/** Faces smaller than this, in pixels, are blurred as soon as they move. */
export const smallFace = 96;
/** Heads turned further than this, in degrees, hide too much of one side. */
export const turnedFace = 35;
/** The plain and the mirrored mesh lie further apart than this, in centimetres, on what hardly is a face. */
const doubtfulDisagreement = 0.4;
/** Eyes that are less open than this on average are closed. */
const closedEyes = 0.15;

/** Pixels across a face: its larger side, because the width of a turned head is not its size. */
export const faceSize = ({ width, height }: Box): number => Math.round(Math.max(width, height));

/**
 * What is to be said of a face.
 * @param seen how far apart the plain and the mirrored mesh lie, in pixels, and what seems to be covered.
 */
export function warningsOf(
  { box, pose, eyes }: Pick<Face, 'box' | 'pose' | 'eyes'>,
  { disagreement, covered }: { readonly disagreement: number; readonly covered: readonly FacePart[] },
): readonly FaceWarning[] {
  const warnings: FaceWarning[] = [];
  const pixels = faceSize(box);
  if (pixels < smallFace) warnings.push({ code: 'face.small', params: { pixels, limit: smallFace } });
  const degrees = Math.round(Math.abs(anglesOf(pose.rotation).yaw));
  if (degrees > turnedFace) warnings.push({ code: 'face.turned', params: { degrees, limit: turnedFace } });
  if (disagreement / pose.scale > doubtfulDisagreement) warnings.push({ code: 'face.doubtful', params: {} });
  for (const part of covered) warnings.push({ code: 'face.covered', params: { part } });
  const areClosed = (eyeAspectRatio(eyes[0], 0) + eyeAspectRatio(eyes[1], 1)) / 2 < closedEyes;
  // Behind dark glasses nobody knows.
  if (areClosed && !covered.includes('eyes')) warnings.push({ code: 'face.eyes-closed', params: {} });
  return warnings;
}
