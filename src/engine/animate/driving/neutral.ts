/**
 * The frame of a shot that counts as rest: the one whose expression is nearest the photograph's own, with the head where it
 * mostly is. Frame 0 is as good as any only by chance.
 */
import { expressionDistance, expressionSignature, type ExpressionSignature } from '../face/signature.ts';
import { headAtRest, type MotionFrame } from '../motion/track.ts';

/** What 10 degrees away from the usual pose weigh, in expression distance. */
const poseWeight = 0.07;
/** Frames to either side that are averaged with it, where they are nearly as near. */
const around = 2;

export interface Neutral {
  /** Number of the frame. */
  readonly frame: number;
  /** The mean head mesh of it and its like neighbours. */
  readonly mesh: Float64Array;
  /** The frames that were averaged. */
  readonly averaged: readonly number[];
}

/**
 * @param frames of one shot, with their numbers; only those in which the face was seen.
 * @param meshes head meshes by frame number.
 */
export function findNeutral(
  frames: readonly (readonly [number: number, frame: MotionFrame])[],
  meshes: readonly Float64Array[],
  wanted: ExpressionSignature,
): Neutral {
  const heads = frames.map(([, { head = headAtRest }]) => head);
  const usual = { yaw: median(heads.map(({ yaw }) => yaw)), pitch: median(heads.map(({ pitch }) => pitch)) };
  const costs = new Map<number, number>();
  for (const [number, { head = headAtRest }] of frames) {
    const turned = (Math.abs(head.yaw - usual.yaw) + Math.abs(head.pitch - usual.pitch)) / 10;
    const expression = expressionDistance(expressionSignature(meshes[number]!), wanted);
    costs.set(number, expression + poseWeight * turned);
  }
  const [best, cost] = [...costs].reduce((least, one) => (one[1] < least[1] ? one : least));
  const averaged = [...costs]
    .filter(([number, other]) => Math.abs(number - best) <= around && other < 1.6 * cost + 0.02)
    .map(([number]) => number);
  const mesh = new Float64Array(meshes[best]!.length);
  for (const number of averaged) {
    const one = meshes[number]!;
    for (let i = 0; i < mesh.length; i++) mesh[i]! += one[i]! / averaged.length;
  }
  return { frame: best, mesh, averaged };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
