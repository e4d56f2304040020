/** A face in one frame of a clip as a frame of a motion track: absolute, in terms of the canonical face. */
import type { CanonicalFace } from '../face/canonical.ts';
import { anglesOf, toPicture } from '../face/pose.ts';
import { cameraDistance, nearestHead, neckPivot } from '../motion/head-on-neck.ts';
import type { MotionFrame } from '../motion/track.ts';
import type { Size } from '../../size.ts';
import { gazeOf } from './gaze.ts';
import { headMesh, type SeenFace } from './head-mesh.ts';

/**
 * `head` holds the pose's own angles, and where the neck's turning point lies: x and y centimetres from the picture's middle,
 * z by the face's size. `mesh` is the difference from the canonical face.
 */
export function observeFace(face: SeenFace, { points }: CanonicalFace, picture: Size): MotionFrame {
  const { pose } = face;
  const pivot = toPicture(pose, Float64Array.from(neckPivot));
  const head = headMesh(face);
  const unit = Math.max(picture.width, picture.height) / 100;
  return {
    head: {
      ...anglesOf(pose.rotation),
      x: (pivot[0]! - picture.width / 2) / pose.scale,
      y: (pivot[1]! - picture.height / 2) / pose.scale,
      z: zOfSize(pose.scale / unit),
    },
    gaze: gazeOf(face),
    mesh: Float32Array.from(head, (value, i) => value - points[i]!),
  };
}

/** Relative size of the face that `z` stands for: 1 at 0, larger when nearer, and no larger than at `nearestHead`. */
export const sizeAt = (z: number): number => cameraDistance / (cameraDistance + Math.max(nearestHead, z));

/** The `z` at which the face has that size; the inverse of `sizeAt`. */
export const zOfSize = (size: number): number => cameraDistance * (1 / size - 1);
