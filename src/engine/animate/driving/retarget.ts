/**
 * A driver's motion for one photograph: the difference from the frame nearest the photograph's own expression, scaled to its
 * face, smoothed without delay. Where the lips meet is absolute, how far the eyes are open relative to the clip's median.
 */
import { toNumber } from '../../rational.ts';
import type { BlendshapeName } from '../motion/blendshapes.ts';
import type { CanonicalFace } from '../face/canonical.ts';
import type { Face } from '../face/face.ts';
import { lips } from '../face/regions.ts';
import { wantedExpression } from './neutral.ts';
import type { HeadMotion, MotionFrame, MotionTrack } from '../motion/track.ts';
import type { Region } from '../request.ts';
import { type Differences, differencesOf, headAxes } from './differences.ts';
import { driverMeshes } from './driver-meshes.ts';
import { depthShare, motionGains } from './gains.ts';
import { headMesh } from './head-mesh.ts';
import { type MouthContact, mouthContact } from './mouth-contact.ts';
import { findShots, type Shot } from './shots.ts';

export interface RetargetOptions {
  readonly region: Region;
  /** 0 to 2. */
  readonly strength: number;
}

/** How much larger or smaller a mouth than the driver's its motion is fitted to. */
const mouthScales = [0.7, 1.3] as const;
/** `eyeWide` at weight 1, as closure below 0. */
const widest = 0.6;
const framesAtOnce = 24;

/** What moves by region: skin (its gains tell more), lips, eyes, head. */
const moves: Readonly<Record<Region, { readonly mouth: boolean; readonly eyes: boolean; readonly head: boolean }>> = {
  all: { mouth: true, eyes: true, head: true },
  expression: { mouth: true, eyes: true, head: false },
  head: { mouth: false, eyes: false, head: true },
  eyes: { mouth: false, eyes: true, head: false },
  lips: { mouth: true, eyes: false, head: false },
};

/**
 * Turns a `canonical-face` track into a `photo` track for one face, at the same rate.
 *
 * Long tracks take their time (a second a minute of clip); others get their turn on this thread meanwhile. Throws RangeError
 * for a track that is relative to a photograph already.
 */
export async function retarget(
  given: MotionTrack,
  face: Face,
  canonical: CanonicalFace,
  { region, strength }: RetargetOptions,
): Promise<MotionTrack> {
  if (given.relativeTo !== 'canonical-face') throw new RangeError('expected a track relative to the canonical face');
  const own = headMesh(face);
  const { track, meshes } = await driverMeshes(given, canonical);
  const shots = await findShots(track, meshes, wantedExpression(own, canonical.points));
  const neutral = longestShot(shots)?.neutral;
  // Nothing to take over: the photograph stays as it is.
  if (neutral === undefined) return { ...track, relativeTo: 'photo', frames: track.frames.map(() => ({})) };
  const mouthScale = Math.min(mouthScales[1], Math.max(mouthScales[0], mouthWidth(own) / mouthWidth(neutral.mesh)));
  const fit: Fit = {
    ...moves[region],
    strength,
    gains: region === 'head' ? undefined : motionGains(canonical, own, region, mouthScale),
    differences: await differencesOf(track, meshes, shots),
    contact: await mouthContact(canonical, own, meshes, { mouthScale, rate: toNumber(track.rate) }),
  };
  const frames: MotionFrame[] = [];
  for (const [k, { tracked, blendshapes }] of track.frames.entries()) {
    frames.push({ ...fitFrame(fit, k, blendshapes?.tongueOut), ...(tracked === false && { tracked }) });
    if (k % framesAtOnce === 0) await new Promise(setImmediate);
  }
  return { ...track, relativeTo: 'photo', frames };
}

function longestShot(shots: readonly Shot[]): Shot | undefined {
  return shots
    .filter(({ neutral }) => neutral !== undefined)
    .reduce<Shot | undefined>(
      (best, shot) => (best && best.to - best.from >= shot.to - shot.from ? best : shot),
      undefined,
    );
}

function mouthWidth(mesh: Float64Array): number {
  const [right, left] = lips.corners;
  return Math.hypot(mesh[3 * left]! - mesh[3 * right]!, mesh[3 * left + 1]! - mesh[3 * right + 1]!);
}

interface Fit {
  readonly mouth: boolean;
  readonly eyes: boolean;
  readonly head: boolean;
  readonly strength: number;
  /** By point; absent where the skin stays at rest. */
  readonly gains: Float64Array | undefined;
  readonly differences: Differences;
  readonly contact: MouthContact;
}

/** @param tongue a weight, which no mesh can tell. */
function fitFrame({ differences, gains, contact, strength, ...parts }: Fit, k: number, tongue = 0): MotionFrame {
  const presence = differences.presence[k]!;
  const share = presence * strength;
  const weights: Partial<Record<BlendshapeName, number>> = {};
  let mesh: Float64Array | undefined;
  if (gains) {
    const width = 3 * gains.length;
    // Nobody needs the difference itself again.
    mesh = differences.mesh.subarray(k * width, (k + 1) * width);
    for (let i = 0; i < width; i++) mesh[i]! *= gains[Math.floor(i / 3)]! * share * (i % 3 === 2 ? depthShare : 1);
    if (parts.mouth) weights.jawOpen = contact.settle(mesh, k, presence * Math.min(1, strength));
    for (let i = 0; i < width; i++) mesh[i]! += 0;
  }
  if (parts.mouth) weights.tongueOut = Math.min(1, share * tongue);
  if (parts.eyes) {
    // A blink stays whole down to a quarter of the strength.
    const size = presence * Math.min(1, 4 * strength);
    for (const [i, side] of (['Right', 'Left'] as const).entries()) {
      const closure = differences.lids[2 * k + i]! * size;
      if (closure > 0) weights[`eyeBlink${side}`] = Math.min(1, closure);
      else weights[`eyeWide${side}`] = Math.min(1, -closure / widest);
    }
  }
  const [x, y] = [differences.gaze[2 * k]! * share, differences.gaze[2 * k + 1]! * share];
  return {
    blendshapes: Object.fromEntries(Object.entries(weights).filter(([, weight]) => weight > 1e-6)),
    ...(mesh && { mesh: new Float32Array(mesh) }),
    ...(parts.eyes && { gaze: { x: x + 0, y: y + 0 } }),
    ...(parts.head && {
      head: Object.fromEntries(
        headAxes.map((axis, i) => [axis, differences.head[6 * k + i]! * share + 0]),
      ) as unknown as HeadMotion,
    }),
  };
}
