/** Which frames get the costly looks: a few evenly over the clip, the farthest turn of the head, the shut eyes, the largest motion. */
import type { MotionFrame } from '../motion/track.ts';

export interface LookPlan {
  /** Frames whose identity and edges are looked at. */
  readonly close: ReadonlySet<number>;
  /** Frames whose detail is looked at: those that move the most, because a face at rest is as sharp as its photograph. */
  readonly moved: ReadonlySet<number>;
  /** Frames in which eyes are meant to be shut, and which: the subject's right first. */
  readonly shut: ReadonlyMap<number, readonly [boolean, boolean]>;
  /** Whether the lids of a frame move fast. */
  readonly blinksIn: (index: number) => boolean;
}

const mostClose = 6;
const mostMoved = 6;
const mostShut = 4;
/** From this weight on an eye is meant to be shut, however long. */
const shutWeight = 0.97;
/** A blink that was smoothed or weakened peaks lower; a lid that peaks below this was not meant to shut. */
const leastBlink = 0.6;
/** Seconds for which the lids of a blink are beyond half of its peak, at most: eyes that look down stay there longer. */
const longestBlink = 0.6;
/** Below it the lids hardly move. */
const openWeight = 0.3;

type Weights = readonly [right: number, left: number];

/**
 * @param frames of one face.
 * @param fps frames a second.
 */
export function planLooks(frames: readonly MotionFrame[], fps: number): LookPlan {
  const weights = frames.map(({ blendshapes = {} }): Weights => [
    blendshapes.eyeBlinkRight ?? 0,
    blendshapes.eyeBlinkLeft ?? 0,
  ]);
  const turn = ({ head }: MotionFrame): number => Math.hypot(head?.yaw ?? 0, head?.pitch ?? 0);
  const farthest = frames.reduce((best, frame, index) => (turn(frame) > turn(frames[best]!) ? index : best), 0);
  const blinksIn = (index: number): boolean => Math.max(...(weights[index] ?? [0])) > openWeight;
  const steady = [...frames.keys()].filter((index) => !blinksIn(index));
  const shut = spread(blinkPeaks(weights, longestBlink * fps), mostShut);
  return {
    close: new Set([...spread(steady, mostClose - 1), farthest]),
    moved: new Set(farApart(frames, steady)),
    shut: new Map(shut.map((index) => [index, weights[index]!.map((w) => w >= leastBlink) as [boolean, boolean]])),
    blinksIn,
  };
}

/** The frame in which each blink is at its peak, and the first of each time the eyes are meant to stay shut. */
function blinkPeaks(weights: readonly Weights[], longest: number): number[] {
  const closures = weights.map((both) => Math.max(...both));
  const peaks: number[] = [];
  for (let from = 0; from < closures.length;) {
    if (closures[from]! < leastBlink) {
      from += 1;
      continue;
    }
    let [to, peak] = [from, from];
    for (; to < closures.length && closures[to]! >= leastBlink; to += 1) if (closures[to]! > closures[peak]!) peak = to;
    const half = closures[peak]! / 2;
    let [first, last] = [from, to - 1];
    while (first > 0 && closures[first - 1]! > half) first -= 1;
    while (last < closures.length - 1 && closures[last + 1]! > half) last += 1;
    if (closures[peak]! >= shutWeight || last - first + 1 <= longest) peaks.push(peak);
    from = to;
  }
  return peaks;
}

/** Those of `steady` that move the most, none beside another. */
function farApart(frames: readonly MotionFrame[], steady: readonly number[]): number[] {
  const motion = frames.map(motionOf);
  const apart = Math.floor(frames.length / (3 * mostMoved));
  const chosen: number[] = [];
  for (const index of steady.toSorted((a, b) => motion[b]! - motion[a]!)) {
    if (chosen.length === mostMoved) break;
    if (chosen.every((other) => Math.abs(other - index) > apart)) chosen.push(index);
  }
  return chosen;
}

/** How far a frame is from rest, in degrees of the head or what moves as many pixels. */
function motionOf({ head, blendshapes = {}, mesh }: MotionFrame): number {
  const turned = head === undefined ? 0 : Math.hypot(head.yaw, head.pitch, head.roll);
  const shifted = head === undefined ? 0 : Math.hypot(head.x, head.y, head.z);
  const shaped = Object.values(blendshapes).reduce((sum, weight) => sum + Math.abs(weight), 0);
  const bent = mesh === undefined ? 0 : mesh.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return turned + 5 * shifted + 5 * shaped + 10 * bent;
}

/** Up to `most` of them, evenly. */
function spread(indices: readonly number[], most: number): number[] {
  const count = Math.min(most, indices.length);
  return Array.from({ length: count }, (_, k) => indices[Math.floor(((k + 0.5) * indices.length) / count)]!);
}
