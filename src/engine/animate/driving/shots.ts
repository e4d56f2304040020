/** A driving clip between its cuts: each shot has a rest of its own, because the camera or the person is another. */
import type { MotionTrack } from '../motion/track.ts';
import { findJumps } from './jumps.ts';
import { findNeutral, type Neutral, type WantedExpression } from './neutral.ts';

export interface Shot {
  readonly from: number;
  /** The frame after its last. */
  readonly to: number;
  /** Absent where the shot is too short, or the face too rarely seen, to find a rest in. */
  readonly neutral?: Neutral;
}

/** Seen frames that a shot needs. */
const leastFrames = 6;

/** @param meshes head meshes by frame. @param wanted the photograph's own expression. */
export async function findShots(
  track: MotionTrack,
  meshes: readonly Float64Array[],
  wanted: WantedExpression,
): Promise<Shot[]> {
  const { frames } = track;
  const starts = [0, ...findJumps(track)];
  const shots: Shot[] = [];
  for (const [i, from] of starts.entries()) {
    const to = starts[i + 1] ?? frames.length;
    const seen = frames
      .slice(from, to)
      .map((frame, k) => [from + k, frame] as const)
      .filter(([, { tracked }]) => tracked !== false);
    const isEnough = seen.length >= Math.min(leastFrames, frames.length);
    shots.push({ from, to, ...(isEnough && { neutral: await findNeutral(seen, meshes, wanted) }) });
  }
  return shots;
}
