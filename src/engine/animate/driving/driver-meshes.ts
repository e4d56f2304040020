/**
 * The driver's face in each frame of a track, whether it was seen in a clip (`mesh`) or told by ARKit's weights: those move the
 * canonical face with its lips closed, as whoever writes weights takes a face at rest to be.
 */
import type { CanonicalFace } from '../face/canonical.ts';
import type { MotionFrame, MotionTrack } from '../motion/track.ts';
import { makeExpressions } from '../rig/expression.ts';
import { makeJaw } from '../rig/jaw.ts';
import { measureMouth } from '../rig/mouth-measure.ts';

export interface DriverMeshes {
  /** By frame: 468 x y z in head space, centimetres. */
  readonly meshes: readonly Float64Array[];
  /** The track with what the weights say of the eyes' direction in its `gaze`. */
  readonly track: MotionTrack;
}

const framesAtOnce = 24;

/** @param track relative to the canonical face. */
export async function driverMeshes(track: MotionTrack, canonical: CanonicalFace): Promise<DriverMeshes> {
  const { points } = canonical;
  const closed = Float64Array.from(points);
  const mouth = measureMouth(closed);
  makeJaw(canonical, closed, mouth).open(closed, -mouth.gap, 0);
  const expressions = makeExpressions(canonical, closed);
  // One piece of memory for all: thousands of small ones keep the garbage collector busy for longer than others can wait.
  const all = new Float64Array(track.frames.length * points.length);
  const meshes: Float64Array[] = [];
  const frames: MotionFrame[] = [];
  for (const frame of track.frames) {
    const { blendshapes, mesh, gaze } = frame;
    const one = all.subarray(points.length * meshes.length, points.length * (meshes.length + 1));
    one.set(mesh ? points : closed);
    if (mesh) for (let i = 0; i < one.length; i++) one[i]! += mesh[i]!;
    if (blendshapes && Object.keys(blendshapes).length > 0) {
      const { displacements, gaze: turned } = expressions.of({ blendshapes });
      for (let i = 0; i < one.length; i++) one[i]! += displacements[i]!;
      frames.push({ ...frame, gaze: { x: (gaze?.x ?? 0) + turned.x, y: (gaze?.y ?? 0) + turned.y } });
    } else {
      frames.push(frame);
    }
    meshes.push(one);
    if (meshes.length % framesAtOnce === 0) await new Promise(setImmediate);
  }
  return { meshes, track: { ...track, frames } };
}
