/** A driver made of the canonical face, so that what must come out of fitting its motion to a face is known. */
import { retarget } from '../../../../src/engine/animate/driving/retarget.ts';
import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import type { Face } from '../../../../src/engine/animate/face/face.ts';
import { toPicture } from '../../../../src/engine/animate/face/pose.ts';
import { headAtRest, type MotionFrame, type MotionTrack } from '../../../../src/engine/animate/motion/track.ts';
import type { Region } from '../../../../src/engine/animate/request.ts';
import { type Expressions, makeExpressions } from '../../../../src/engine/animate/rig/expression.ts';
import { makeJaw } from '../../../../src/engine/animate/rig/jaw.ts';
import { measureMouth } from '../../../../src/engine/animate/rig/mouth-measure.ts';
import { canonicalForTest, faceFor } from '../rig/rig-test.ts';

export interface MadeDriver {
  readonly canonical: CanonicalFace;
  /** The photograph's face, with closed lips. */
  readonly face: Face;
  /** The driver's and the photograph's face in head space. */
  readonly rest: Float64Array;
  readonly driver: Expressions;
  /** A clip of a driver with the canonical face's shape that makes these expressions. */
  readonly clip: (frames: readonly MotionFrame[], rate?: number) => MotionTrack;
  readonly fit: (track: MotionTrack, region?: Region, strength?: number, to?: Face) => Promise<MotionTrack>;
  /** What a frame does to the mesh as a renderer draws it, the jaw included, in head space. */
  readonly drawn: (frame: MotionFrame) => Float64Array;
}

export async function makeDriver(): Promise<MadeDriver> {
  const canonical = await canonicalForTest();
  // The canonical face has its lips half a centimetre apart: closed by the jaw, as a photograph mostly has them.
  const rest = Float64Array.from(canonical.points);
  makeJaw(canonical, rest, measureMouth(rest)).open(rest, -gap(rest), 0);
  const face = { ...faceFor(canonical), points: toPicture(faceFor(canonical).pose, rest) };
  const driver = makeExpressions(canonical, rest);
  return {
    canonical,
    face,
    rest,
    driver,
    clip: (frames, rate = 30) => ({
      relativeTo: 'canonical-face',
      rate: { num: rate, den: 1 },
      loops: false,
      source: 'clip',
      frames: frames.map(({ blendshapes = {}, head = headAtRest, gaze = { x: 0, y: 0 }, tracked }) => ({
        head,
        gaze,
        mesh: Float32Array.from(
          driver.of({ blendshapes }).displacements,
          (value, i) => value + rest[i]! - canonical.points[i]!,
        ),
        ...(tracked === false && { tracked }),
      })),
    }),
    fit: (track, region = 'all', strength = 1, to = face) => retarget(track, to, canonical, { region, strength }),
    drawn: (frame) => driver.of({ ...frame, gaze: { x: 0, y: 0 } }).displacements,
  };
}

export const frames = (count: number, frame: (k: number) => MotionFrame): MotionFrame[] =>
  Array.from({ length: count }, (_, k) => frame(k));
/** Inner edges of the lips apart. */
export const gap = (mesh: ArrayLike<number>): number => mesh[3 * 14 + 1]! - mesh[3 * 13 + 1]!;
/** The farthest that one of the points goes along an axis. */
export const largest = (mesh: ArrayLike<number> | undefined, points: readonly number[]): number =>
  Math.max(0, ...points.flatMap((i) => [0, 1, 2].map((k) => Math.abs(mesh?.[3 * i + k] ?? 0))));
