/**
 * The frame of a shot that counts as rest: the one whose expression is nearest the photograph's own. Frame 0 is a good
 * one only by chance. How wide a mouth is or how high brows stand is first of all a person's own, so those are compared as
 * differences: the driver's from what is usual in the clip, the photograph's from the canonical face. Taken as they are, a
 * narrow painted mouth finds the frame in which the driver purses the lips, and grins ever after.
 */
import { expressionSignature, type ExpressionSignature } from '../face/signature.ts';
import { lips } from '../face/regions.ts';
import { type HeadMotion, headAtRest, type MotionFrame } from '../motion/track.ts';
import { median, percentile } from './percentile.ts';

/** What 10 degrees away from the usual pose weigh; a glance to the side weighs half. */
const poseWeight = 0.07;
/** Beyond this difference a mouth is simply another one: a laughing photograph is no reason to start from a grimace. */
const farOpening = 0.07;
/** Frames to either side that are averaged with it, where they are nearly as near. */
const around = 2;
/** Frames looked at before others get their turn on this thread. */
const framesAtOnce = 24;

/** An expression, with the lift of the mouth's corners in distances between the eyes' outer corners. */
interface Expression extends ExpressionSignature {
  readonly cornerLift: number;
}

interface Look {
  readonly number: number;
  readonly head: HeadMotion;
  /** Degrees that the eyes look to the viewer's right. */
  readonly aside: number;
  readonly face: Expression;
}

export interface Neutral {
  /** Number of the frame. */
  readonly frame: number;
  /** The mean head mesh of it and its like neighbours. */
  readonly mesh: Float64Array;
}

/** What the photograph shows, as far as it is expression and not shape. */
export interface WantedExpression {
  readonly mouthOpening: number;
  /** Beyond the canonical face's: a smile widens a mouth, and few people pose with pursed lips. */
  readonly smileWidth: number;
  readonly cornerLift: number;
}

function expressionOf(mesh: Float64Array): Expression {
  const signature = expressionSignature(mesh);
  const y = (point: number): number => mesh[3 * point + 1]!;
  const [right, left] = lips.corners;
  const [upper, lower] = lips.innerMiddle;
  const width = Math.hypot(mesh[3 * left]! - mesh[3 * right]!, y(left) - y(right));
  const lift = (y(upper) + y(lower)) / 2 - (y(right) + y(left)) / 2;
  return { ...signature, cornerLift: (lift / width) * signature.mouthWidth };
}

/** @param own the photograph's face, and `canonical` the canonical one, in head space. */
export function wantedExpression(own: Float64Array, canonical: Float64Array): WantedExpression {
  const [photo, usual] = [expressionOf(own), expressionOf(canonical)];
  return {
    mouthOpening: photo.mouthOpening,
    smileWidth: Math.max(0, photo.mouthWidth - usual.mouthWidth),
    cornerLift: Math.max(0, photo.cornerLift - usual.cornerLift),
  };
}

/**
 * @param frames of one shot, with their numbers; only those in which the face was seen.
 * @param meshes head meshes by frame number.
 */
export async function findNeutral(
  frames: readonly (readonly [number: number, frame: MotionFrame])[],
  meshes: readonly Float64Array[],
  wanted: WantedExpression,
): Promise<Neutral> {
  const looks: Look[] = [];
  for (const [number, { head = headAtRest, gaze }] of frames) {
    looks.push({ number, head, aside: gaze?.x ?? 0, face: expressionOf(meshes[number]!) });
    if (looks.length % framesAtOnce === 0) await new Promise(setImmediate);
  }
  const usual = (of: (look: Look) => number, among = looks): number => median(among.map(of));
  // Lips that are nearly closed are neither pursed for an O nor drawn for an E.
  const closedBelow = percentile(
    looks.map(({ face }) => face.mouthOpening),
    0.35,
  );
  const closed = looks.filter(({ face }) => face.mouthOpening <= closedBelow);
  const [yaw, pitch] = [usual(({ head }) => head.yaw), usual(({ head }) => head.pitch)];
  const aside = usual((look) => look.aside);
  const width = usual(({ face }) => face.mouthWidth, closed) + wanted.smileWidth;
  const lift = usual(({ face }) => face.cornerLift, closed) + wanted.cornerLift;
  const eyes = ([0, 1] as const).map((side) => usual(({ face }) => face.eyeOpenings[side]));
  const brows = ([0, 1] as const).map((side) => usual(({ face }) => face.browHeights[side]));
  const cost = ({ head, face, ...look }: Look): number =>
    3 * Math.min(farOpening, Math.abs(face.mouthOpening - wanted.mouthOpening)) +
    Math.abs(face.mouthWidth - width) +
    1.5 * Math.abs(face.cornerLift - lift) +
    0.5 * (Math.abs(face.eyeOpenings[0] - eyes[0]!) + Math.abs(face.eyeOpenings[1] - eyes[1]!)) +
    // Not a wink, whatever the mouth does: its brow and cheek would be missing everywhere else.
    1.5 * Math.abs(face.eyeOpenings[0] - face.eyeOpenings[1] - eyes[0]! + eyes[1]!) +
    Math.abs(face.browHeights[0] - brows[0]!) +
    Math.abs(face.browHeights[1] - brows[1]!) +
    (poseWeight * (Math.abs(head.yaw - yaw) + Math.abs(head.pitch - pitch) + 0.5 * Math.abs(look.aside - aside))) / 10;
  const costs = new Map(looks.map((look) => [look.number, cost(look)]));
  const [best, least] = [...costs].reduce((nearest, one) => (one[1] < nearest[1] ? one : nearest));
  const averaged = [...costs]
    .filter(([number, other]) => Math.abs(number - best) <= around && other < 1.6 * least + 0.02)
    .map(([number]) => number);
  const mesh = new Float64Array(meshes[best]!.length);
  for (const number of averaged) {
    const one = meshes[number]!;
    for (let i = 0; i < mesh.length; i++) mesh[i]! += one[i]! / averaged.length;
  }
  return { frame: best, mesh };
}
