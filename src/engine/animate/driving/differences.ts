/** A driver's motion as differences from the rest of each shot, still in the driver's own measure; and their smoothing. */
import { toNumber } from '../../rational.ts';
import { anglesOf, multiply, rotationOf, transpose } from '../face/pose.ts';
import { smoothCurves } from '../motion/one-euro.ts';
import { headAtRest, type HeadMotion, type MotionTrack } from '../motion/track.ts';
import { smoothStep } from '../smooth-step.ts';
import { lidClosures } from './eyelids.ts';
import { median } from './percentile.ts';
import { sizeAt, zOfSize } from './observe.ts';
import { presenceOf } from './presence.ts';
import type { Shot } from './shots.ts';

/** Curves by frame, one frame's numbers after another. */
export interface Differences {
  /** 468 x y z, head space, centimetres. */
  readonly mesh: Float64Array;
  /** yaw, pitch, roll in degrees, x, y, z in centimetres. */
  readonly head: Float64Array;
  /** x and y in degrees. */
  readonly gaze: Float64Array;
  /** Closure of the right and the left eye. */
  readonly lids: Float64Array;
  /** Share of the motion that is shown, by frame: less than 1 where the face was lost. */
  readonly presence: Float64Array;
}

export const headAxes = ['yaw', 'pitch', 'roll', 'x', 'y', 'z'] as const;

/** Hertz at rest, and more by speed, in each curve's own unit a second. */
const filters = {
  mesh: { minCutoff: 3, beta: 1.5 },
  head: { minCutoff: 1.2, beta: 0.04 },
  gaze: { minCutoff: 2.5, beta: 0.08 },
  lids: { minCutoff: 6, beta: 4 },
} as const;

/** Centimetres that no point of a face goes from its rest. */
const farthest = 2.6;
/** Share of what the driver's neck moves in the room: a portrait stays about where it is. */
const shiftShare = 0.5;
/** Degrees that the rest of a head lies away from the neutral frame's at most. */
const towardsUsual = 6;
/** Under a lid shut this far nobody sees where an eye looks, the network least of all. */
const hidesGaze = 0.55;
/** Between the lids an iris is seen higher and lower than it is. */
const verticalShare = 0.6;
/** Seconds in which the leap of a cut fades. */
const cutFade = 0.3;
const framesAtOnce = 24;

/** @param meshes head meshes by frame. */
export async function differencesOf(
  { frames, rate: exactRate }: MotionTrack,
  meshes: readonly Float64Array[],
  shots: readonly Shot[],
): Promise<Differences> {
  const rate = toNumber(exactRate);
  const width = meshes[0]!.length;
  const curves = (size: number): Float64Array => new Float64Array(frames.length * size);
  const [mesh, head, gaze, lids] = [curves(width), curves(6), curves(2), curves(2)];
  const seen = frames.map(({ tracked }) => tracked !== false);
  for (const { from, to, neutral } of shots) if (neutral === undefined) seen.fill(false, from, to);
  const closures = lidClosures(meshes, seen);
  for (const { from, to, neutral } of shots) {
    if (neutral === undefined) continue;
    const seenFrames = frames.slice(from, to).filter(({ tracked }) => tracked !== false);
    const rest = restingHead(
      frames[neutral.frame]!.head ?? headAtRest,
      seenFrames.map(({ head: posed }) => posed ?? headAtRest),
    );
    // At the frame of rest the eyes may be anywhere; most of the time they look where the photograph's do.
    const usual = (axis: 'x' | 'y'): number => median(seenFrames.map(({ gaze: seenGaze }) => seenGaze?.[axis] ?? 0));
    const restGaze = { x: usual('x'), y: usual('y') };
    for (let k = from; k < to; k++) {
      const one = meshes[k]!;
      for (let i = 0; i < width; i++) {
        mesh[k * width + i] = Math.min(farthest, Math.max(-farthest, one[i]! - neutral.mesh[i]!));
      }
      const moved = relativeHead(frames[k]!.head ?? headAtRest, rest);
      head.set(
        headAxes.map((axis) => moved[axis]),
        6 * k,
      );
      lids.set(closures[k]!, 2 * k);
      const hidden = k > from && Math.max(...closures[k]!) > hidesGaze;
      const { x, y } = frames[k]!.gaze ?? { x: 0, y: 0 };
      gaze.set(hidden ? gaze.subarray(2 * k - 2, 2 * k) : [x - restGaze.x, verticalShare * (y - restGaze.y)], 2 * k);
      if (k % framesAtOnce === 0) await new Promise(setImmediate);
    }
  }
  const shut = [...lids.keys()].filter((at) => lids[at] === 1);
  for (const [name, values] of Object.entries({ mesh, head, gaze, lids })) {
    const options = { rate, ...filters[name as keyof typeof filters] };
    for (const { from, to } of shots) await smoothCurves(values, values.length / frames.length, options, [from, to]);
  }
  // A blink is shut for a frame or two: smoothed, its lids would not meet.
  for (const at of shut) lids[at] = 1;
  for (const { from } of shots.slice(1)) {
    for (const values of [mesh, head, gaze]) fadeLeap(values, values.length / frames.length, from, rate);
  }
  return { mesh, head, gaze, lids, presence: presenceOf(seen, rate) };
}

/**
 * The pose that counts as rest: that of the neutral frame, moved towards the usual one. A face may well be calm in the middle of
 * a nod; measured from there, half of the clip would be beyond what the photograph can turn.
 */
function restingHead(neutral: HeadMotion, all: readonly HeadMotion[]): HeadMotion {
  const between = (axis: 'yaw' | 'pitch' | 'roll'): number => {
    const off = median(all.map((head) => head[axis])) - neutral[axis];
    return neutral[axis] + Math.max(-towardsUsual, Math.min(towardsUsual, off));
  };
  return { ...neutral, yaw: between('yaw'), pitch: between('pitch'), roll: between('roll') };
}

/** How a head moved from `rest`: its turn in the room, and its shift in centimetres at the size it had at rest. */
export function relativeHead(now: HeadMotion, rest: HeadMotion): HeadMotion {
  const turn = anglesOf(multiply(rotationOf(now), transpose(rotationOf(rest))));
  const growth = sizeAt(now.z) / sizeAt(rest.z);
  return {
    ...turn,
    x: shiftShare * (now.x * growth - rest.x),
    y: shiftShare * (now.y * growth - rest.y),
    z: zOfSize(1 + shiftShare * (growth - 1)),
  };
}

/** After a cut the motion goes on where it was and finds its own place within a moment. */
function fadeLeap(values: Float64Array, width: number, cut: number, rate: number): void {
  const leap = Array.from({ length: width }, (_, i) => values[(cut - 1) * width + i]! - values[cut * width + i]!);
  const frames = Math.ceil(cutFade * rate);
  for (let k = cut; k < cut + frames && (k + 1) * width <= values.length; k++) {
    const share = 1 - smoothStep(cut, cut + frames, k);
    for (let i = 0; i < width; i++) values[k * width + i]! += share * leap[i]!;
  }
}
