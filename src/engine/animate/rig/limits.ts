/**
 * How far a head may turn from the photograph's own pose. Beyond these the photograph has nothing to show: the far cheek, the
 * underside of the chin. Motion is held back softly, and it is said.
 */
import { anglesOf } from '../face/pose.ts';
import { type HeadMotion, headAtRest } from '../motion/track.ts';
import type { MotionLimit } from '../motion/motion-limit.ts';
import type { Rig } from './rig.ts';

/** Degrees to either side. */
export const mostTurn = { yaw: 14, pitch: 10, roll: 12 } as const;
/** Centimetres to either side. */
export const mostShift = { x: 2.5, y: 2, z: 4 } as const;
/** What is held back by less than this, in degrees and in centimetres, is not seen to be. */
const noticedTurn = 0.75;
export const noticedShift = 0.3;
/** A face turned this far has no room left towards its hidden side. */
const noRoomAt = 32;
/** Degrees at which the far eye begins to go. */
const profileAt = 36;
/** Degrees that every head may turn. */
const leastTurn = 3;

/** Straight up to 0.6 of the limit, then bending towards it. */
export function bend(value: number, limit: number): number {
  const knee = 0.6 * limit;
  const size = Math.abs(value);
  if (size <= knee) return value;
  return Math.sign(value) * (knee + (limit - knee) * Math.tanh((size - knee) / (limit - knee)));
}

export interface LimitedHead {
  readonly head: HeadMotion;
  readonly limits: readonly MotionLimit[];
}

/** `head` within what this face allows. */
export function limitHead({ pose }: Pick<Rig, 'pose'>, head: HeadMotion = headAtRest): LimitedHead {
  const own = anglesOf(pose.rotation).yaw;
  // Turning back towards the viewer uncovers the far cheek; turning further away hides the far eye behind the nose.
  const uncovers = head.yaw * own < 0;
  const left = uncovers ? mostTurn.yaw * (1 - Math.abs(own) / noRoomAt) : profileAt - Math.abs(own);
  const room = Math.min(mostTurn.yaw, Math.max(leastTurn, left));
  const held: HeadMotion = {
    yaw: bend(head.yaw, room),
    pitch: bend(head.pitch, mostTurn.pitch),
    roll: bend(head.roll, mostTurn.roll),
    x: bend(head.x, mostShift.x),
    y: bend(head.y, mostShift.y),
    z: bend(head.z, mostShift.z),
  };
  const limits: MotionLimit[] = [];
  const say = (
    code: MotionLimit['code'],
    axes: readonly (keyof HeadMotion)[],
    noticed: number,
    value: number,
  ): void => {
    if (axes.some((axis) => Math.abs(head[axis] - held[axis]) > noticed)) limits.push({ code, value });
  };
  say(uncovers ? 'head.hidden-side' : 'head.yaw', ['yaw'], noticedTurn, room);
  say('head.pitch', ['pitch'], noticedTurn, mostTurn.pitch);
  say('head.roll', ['roll'], noticedTurn, mostTurn.roll);
  say('head.shift', ['x', 'y', 'z'], noticedShift, mostShift.x);
  return {
    head: held,
    limits,
  };
}
