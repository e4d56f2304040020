/**
 * What hangs loose comes later than the head: hair and cloth follow it on a critically damped spring. Worked out over the whole
 * track, so that a frame needs no memory; a track that loops is run through twice, so that its end meets its beginning.
 */
import { toNumber } from '../../rational.ts';
import { type HeadMotion, headAtRest, type MotionTrack } from './track.ts';

/** Seconds by which loose hair is behind. */
const lag = 0.14;

const axes = ['yaw', 'pitch', 'roll', 'x', 'y', 'z'] as const;

/** The track with `loose` in every frame. */
export function followSoftly(track: MotionTrack): MotionTrack {
  const heads = track.frames.map(({ head }) => head ?? headAtRest);
  const rounds = track.loops ? 2 : 1;
  const late = heads.map((): Record<(typeof axes)[number], number> => ({ ...headAtRest }));
  // Two exponential filters in a row are a critically damped spring, and stable at any rate.
  const share = 1 - Math.exp(-2 / (lag * toNumber(track.rate)));
  for (const axis of axes) {
    let first = heads[0]?.[axis] ?? 0;
    let second = first;
    for (let round = 0; round < rounds; round++) {
      heads.forEach((head: HeadMotion, i) => {
        first += share * (head[axis] - first);
        second += share * (first - second);
        late[i]![axis] = second;
      });
    }
  }
  return { ...track, frames: track.frames.map((frame, i) => ({ ...frame, loose: late[i]! })) };
}
