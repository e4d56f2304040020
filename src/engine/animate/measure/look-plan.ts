/** Which frames get the costly looks: a few evenly over the clip, the farthest turn of the head, and the shut eyes. */
import type { MotionFrame } from '../motion/track.ts';

export interface LookPlan {
  /** Frames whose identity, detail and edges are looked at. */
  readonly close: ReadonlySet<number>;
  /** Frames in which eyes are meant to be shut, and which: the subject's right first. */
  readonly shut: ReadonlyMap<number, readonly [boolean, boolean]>;
  /** Whether the lids of a frame move fast. */
  readonly blinksIn: (index: number) => boolean;
}

const mostClose = 6;
const mostShut = 4;
/** From this weight on an eye is meant to be shut. */
const shutWeight = 0.97;
/** Below it the lids hardly move. */
const openWeight = 0.3;

/** @param frames of one face. */
export function planLooks(frames: readonly MotionFrame[]): LookPlan {
  const weights = frames.map(({ blendshapes = {} }): [number, number] => [
    blendshapes.eyeBlinkRight ?? 0,
    blendshapes.eyeBlinkLeft ?? 0,
  ]);
  const isShut = (index: number): boolean => Math.max(...weights[index]!) >= shutWeight;
  // The first frame of each time the eyes are shut.
  const peaks = [...frames.keys()].filter((index) => isShut(index) && (index === 0 || !isShut(index - 1)));
  const turn = ({ head }: MotionFrame): number => Math.hypot(head?.yaw ?? 0, head?.pitch ?? 0);
  const farthest = frames.reduce((best, frame, index) => (turn(frame) > turn(frames[best]!) ? index : best), 0);
  const blinksIn = (index: number): boolean => Math.max(...(weights[index] ?? [0])) > openWeight;
  const steady = [...frames.keys()].filter((index) => !blinksIn(index));
  return {
    close: new Set([...spread(steady, mostClose - 1), farthest]),
    shut: new Map(
      spread(peaks, mostShut).map((index) => [
        index,
        weights[index]!.map((w) => w >= shutWeight) as [boolean, boolean],
      ]),
    ),
    blinksIn,
  };
}

/** Up to `most` of them, evenly. */
function spread(indices: readonly number[], most: number): number[] {
  const count = Math.min(most, indices.length);
  return Array.from({ length: count }, (_, k) => indices[Math.floor(((k + 0.5) * indices.length) / count)]!);
}
