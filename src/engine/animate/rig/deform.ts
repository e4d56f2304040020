/** One frame of a rig: expression in head space, then the head's turn about the neck, falling off over hair, neck and chest. */
import { meshPoints } from '../face/face.ts';
import { type Rotation, rotationOf, toPicture } from '../face/pose.ts';
import { cameraDistance, headRise } from '../motion/head-on-neck.ts';
import type { HeadMotion } from '../motion/track.ts';
import type { Rig } from './rig.ts';
import { limitStrain } from './strain.ts';

export interface BodyPose {
  readonly head: HeadMotion;
  /** The same, later: what hangs loose. */
  readonly loose: HeadMotion;
  /** Centimetres. */
  readonly breath: number;
}

interface Motion {
  readonly turn: Rotation;
  readonly zoom: number;
  /** Pixels. */
  readonly x: number;
  readonly y: number;
}

function motionOf(head: HeadMotion, scale: number): Motion {
  return {
    turn: rotationOf(head),
    zoom: cameraDistance / (cameraDistance + head.z),
    x: head.x * scale,
    y: head.y * scale,
  };
}

/**
 * Where every point of the rig goes, x y z in picture space.
 * @param expression 468 x y z displacements in head space, centimetres.
 */
export function deform(rig: Rig, expression: Float64Array, body: BodyPose, out: Float64Array): Float64Array {
  const { rest, turns, loose, breath, follows, pose, pivot, down } = rig;
  const { scale, rotation: r } = pose;
  const head = motionOf(body.head, scale);
  const late = motionOf(body.loose, scale);
  const [hx, hy] = [r[0]! * scale, r[3]! * scale];
  const [vx, vy] = [r[1]! * scale, r[4]! * scale];
  const [dx, dy] = [r[2]! * scale, r[5]! * scale];
  const rise = -body.breath * scale;
  const [px, py, pz] = pivot as unknown as [number, number, number];
  for (let i = 0; i < turns.length; i++) {
    let x = rest[3 * i]!;
    let y = rest[3 * i + 1]!;
    let z = rest[3 * i + 2]!;
    const share = rig.expression[i]!;
    if (share > 0) {
      const from = 3 * follows[i]!;
      const [a, b, c] = [expression[from]! * share, expression[from + 1]! * share, expression[from + 2]! * share];
      x += hx * a + vx * b + dx * c;
      y += hy * a + vy * b + dy * c;
      z += scale * (r[6]! * a + r[7]! * b + r[8]! * c);
    }
    const turns1 = turns[i]!;
    const [ox, oy, oz] = [x - px, y - py, z - pz];
    const moved = (m: Motion, k: number): number => {
      const t = m.turn;
      if (k === 2) return t[6]! * ox + t[7]! * oy + t[8]! * oz - oz;
      const at = 3 * k;
      const turned = (t[at]! * ox + t[at + 1]! * oy + t[at + 2]! * oz) * m.zoom;
      return k === 0 ? turned - ox + m.x : turned - oy + m.y;
    };
    const lag = i < meshPoints ? 0 : loose[i]!;
    const step = (k: number): number =>
      lag === 0 ? moved(head, k) : moved(head, k) * (1 - lag) + moved(late, k) * lag;
    const lift = rise * (headRise * turns1 + (1 - headRise * turns1) * breath[i]!);
    out[3 * i] = x + turns1 * step(0) + down[0] * lift;
    out[3 * i + 1] = y + turns1 * step(1) + down[1] * lift;
    out[3 * i + 2] = z + turns1 * step(2);
  }
  limitStrain(rig.strain, out);
  return out;
}

/**
 * How the plane through a point of the skull moves: `now = origin1 + u * right1 + v * down1` where at rest it was
 * `origin0 + u * right0 + v * down0`; u and v in centimetres of head space.
 */
export interface SkullPlane {
  readonly rest: PlaneFrame;
  readonly now: PlaneFrame;
}

export interface PlaneFrame {
  readonly x: number;
  readonly y: number;
  readonly rightX: number;
  readonly rightY: number;
  readonly downX: number;
  readonly downY: number;
}

/** @param at a point in head space. @param shift how far the thing itself has moved in it (teeth with the jaw). */
export function skullPlane(
  { pose, pivot, down }: Pick<Rig, 'pose' | 'pivot' | 'down'>,
  body: BodyPose,
  at: readonly [number, number, number],
  shift: readonly [number, number, number] = [0, 0, 0],
): SkullPlane {
  const { scale } = pose;
  const { turn: t, zoom, x: sx, y: sy } = motionOf(body.head, scale);
  const rise = -body.breath * scale * headRise;
  const [px, py, pz] = pivot as unknown as [number, number, number];
  const restOf = (h: readonly [number, number, number]): Float64Array => toPicture(pose, Float64Array.from(h));
  const nowOf = (h: readonly [number, number, number]): [number, number] => {
    const [x, y, z] = restOf(h) as unknown as [number, number, number];
    const [ox, oy, oz] = [x - px, y - py, z - pz];
    return [
      px + (t[0]! * ox + t[1]! * oy + t[2]! * oz) * zoom + sx + down[0] * rise,
      py + (t[3]! * ox + t[4]! * oy + t[5]! * oz) * zoom + sy + down[1] * rise,
    ];
  };
  const frameOf = (
    place: (h: readonly [number, number, number]) => ArrayLike<number>,
    [x, y, z]: readonly [number, number, number],
  ): PlaneFrame => {
    const origin = place([x, y, z]);
    const right = place([x + 1, y, z]);
    const below = place([x, y + 1, z]);
    return {
      x: origin[0]!,
      y: origin[1]!,
      rightX: right[0]! - origin[0]!,
      rightY: right[1]! - origin[1]!,
      downX: below[0]! - origin[0]!,
      downY: below[1]! - origin[1]!,
    };
  };
  const moved = [at[0] + shift[0], at[1] + shift[1], at[2] + shift[2]] as const;
  return { rest: frameOf(restOf, at), now: frameOf(nowOf, moved) };
}

/** A place in the picture as u, v of a plane, written to `out`. */
export function toPlane(frame: PlaneFrame, x: number, y: number, out: [number, number]): [number, number] {
  const dx = x - frame.x;
  const dy = y - frame.y;
  const determinant = frame.rightX * frame.downY - frame.rightY * frame.downX;
  out[0] = (dx * frame.downY - dy * frame.downX) / determinant;
  out[1] = (dy * frame.rightX - dx * frame.rightY) / determinant;
  return out;
}

/** The place in the picture of u, v. */
export function fromPlane(frame: PlaneFrame, u: number, v: number, out: [number, number]): [number, number] {
  out[0] = frame.x + u * frame.rightX + v * frame.downX;
  out[1] = frame.y + u * frame.rightY + v * frame.downY;
  return out;
}
