/** Makes a finished track stronger or weaker: one that was read from a file, whose source is not there to be played anew. */
import type { Blendshapes } from './motion/blendshapes.ts';
import { headAtRest, type MotionFrame, type MotionTrack } from './motion/track.ts';

/** Every motion of a track that is relative to a photograph, times `strength`, 0 to 2; weights stay within 0 and 1. */
export function scaledTrack(track: MotionTrack, strength: number): MotionTrack {
  if (strength === 1) return track;
  return { ...track, frames: track.frames.map((frame) => scaledFrame(frame, strength)) };
}

function scaledFrame(frame: MotionFrame, strength: number): MotionFrame {
  const { blendshapes, head = headAtRest, gaze, breath, mesh } = frame;
  return {
    ...frame,
    ...(blendshapes && { blendshapes: scaledWeights(blendshapes, strength) }),
    head: {
      yaw: head.yaw * strength,
      pitch: head.pitch * strength,
      roll: head.roll * strength,
      x: head.x * strength,
      y: head.y * strength,
      z: head.z * strength,
    },
    ...(gaze && { gaze: { x: gaze.x * strength, y: gaze.y * strength } }),
    ...(breath !== undefined && { breath: breath * strength }),
    ...(mesh && { mesh: mesh.map((value) => value * strength) }),
  };
}

function scaledWeights(weights: Blendshapes, strength: number): Blendshapes {
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]): [string, number] => [name, Math.min(1, weight * strength)]),
  );
}
