/**
 * LivePortrait's 21 points: where they are for a pose and an expression (the paper's equation 2),
 * `scale * (canonical @ R^T + expression) + translation`, with R = Rz(roll) Ry(yaw) Rx(pitch).
 *
 * Axes: x to the viewer's right, y down, z away, a face's crop reaching from -1 to 1. That z points away is read off
 * FaceFusion's editor, which turns pitch and yaw round and leaves roll: so a pitch above 0 looks down and a yaw above 0 turns
 * the nose to the viewer's left.
 */
import { rotationOf, turn } from '../face/pose.ts';
import type { HeadMotion } from '../motion/track.ts';
import { cameraDistance } from '../motion/head-on-neck.ts';
import type { MotionLimit } from '../motion/motion-limit.ts';
import { bend, mostShift, noticedShift } from '../rig/limits.ts';

/** What the motion extractor says of a crop. Angles in degrees; `expression` and `canonical` 21 x y z. */
export interface MotionInfo {
  readonly pitch: number;
  readonly yaw: number;
  readonly roll: number;
  readonly scale: number;
  readonly translation: readonly [number, number, number];
  readonly expression: Float32Array;
  readonly canonical: Float32Array;
}

/** 21 x y z. */
export function motionPoints({
  pitch,
  yaw,
  roll,
  scale,
  translation,
  expression,
  canonical,
}: MotionInfo): Float32Array {
  // Our angles count the other way round, but for roll.
  const rotation = rotationOf({ yaw: -yaw, pitch: -pitch, roll });
  const points = new Float32Array(canonical.length);
  for (let i = 0; i < canonical.length; i += 3) {
    const turned = turn(rotation, [canonical[i]!, canonical[i + 1]!, canonical[i + 2]!]);
    for (let k = 0; k < 3; k += 1) points[i + k] = scale * (turned[k]! + expression[i + k]!) + translation[k]!;
  }
  return points;
}

/** How far a face may be turned in all, in degrees: beyond, the generator has seen too few. FaceFusion's limits. */
const mostAngle = { pitch: 30, yaw: 60, roll: 20 } as const;

export interface MovedHead {
  readonly info: MotionInfo;
  /** The motion that was left after holding it back. */
  readonly head: HeadMotion;
  readonly limits: readonly MotionLimit[];
}

/**
 * `info` after the head has moved.
 * @param unit pixels of the picture that one unit of the crop is long: half its side.
 * @param scale pixels a centimetre.
 * @param angle radians that the crop is turned clockwise in the picture.
 */
export function moveHead(
  info: MotionInfo,
  head: HeadMotion,
  { unit, scale, angle }: { readonly unit: number; readonly scale: number; readonly angle: number },
): MovedHead {
  const limits: MotionLimit[] = [];
  const hold = (own: number, change: number, name: 'pitch' | 'yaw' | 'roll'): number => {
    // A face that is turned further already keeps its own angle.
    const most = Math.max(mostAngle[name], Math.abs(own));
    const held = Math.max(-most, Math.min(most, own + change)) - own;
    if (held !== change) limits.push({ code: `head.${name}`, value: Math.abs(held) });
    return held;
  };
  const pitch = hold(info.pitch, -head.pitch, 'pitch');
  const yaw = hold(info.yaw, -head.yaw, 'yaw');
  const roll = hold(info.roll, head.roll, 'roll');
  const shift = {
    x: bend(head.x, mostShift.x),
    y: bend(head.y, mostShift.y),
    z: bend(head.z, mostShift.z),
  };
  if ((['x', 'y', 'z'] as const).some((axis) => Math.abs(head[axis] - shift[axis]) > noticedShift))
    limits.push({ code: 'head.shift', value: mostShift.x });
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [x, y, z] = info.translation;
  const pixels = scale / unit;
  return {
    info: {
      ...info,
      pitch: info.pitch + pitch,
      yaw: info.yaw + yaw,
      roll: info.roll + roll,
      scale: (info.scale * cameraDistance) / (cameraDistance + shift.z),
      translation: [x + (shift.x * cos + shift.y * sin) * pixels, y + (shift.y * cos - shift.x * sin) * pixels, z],
    },
    // Adding 0 turns -0 into 0.
    head: { ...shift, pitch: 0 - pitch, yaw: 0 - yaw, roll },
    limits,
  };
}
