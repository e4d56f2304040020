/**
 * Weights say what a mouth does from rest, and take for granted that it rests closed. A photograph that laughs does not: its
 * lips would never meet for a P, nor round for a kiss. For such a face the missing part is added to each frame as mesh
 * displacements: the lips come together where they press, and the smile gives way to whatever else the mouth has to do.
 */
import type { CanonicalFace } from '../face/canonical.ts';
import { headMesh } from '../driving/head-mesh.ts';
import type { Face } from '../face/face.ts';
import { lips } from '../face/regions.ts';
import { smoothStep } from '../smooth-step.ts';
import { makeExpressions } from '../rig/expression.ts';
import { makeJaw } from '../rig/jaw.ts';
import { measureMouth } from '../rig/mouth-measure.ts';
import type { Blendshapes } from './blendshapes.ts';
import type { MotionFrame, MotionTrack } from './track.ts';

/** Centimetres between the lips below which a mouth counts as closed. */
const closed = 0.15;
/** Of the smile, how much is let go for speech; all of it is for lips that purse. */
const speaksThrough = 0.5;
const framesAtOnce = 32;

/** The track itself for a mouth that rests closed; otherwise one with the same weights and displacements for this face. */
export async function settleMouth(track: MotionTrack, face: Face, canonical: CanonicalFace): Promise<MotionTrack> {
  const own = headMesh(face);
  const mouth = measureMouth(own);
  if (mouth.gap <= closed || track.relativeTo !== 'photo') return track;
  const smiling = makeExpressions(canonical, own).of({
    blendshapes: { mouthSmileLeft: 1, mouthSmileRight: 1 },
  }).displacements;
  const smile = smileOf(own, canonical.points, smiling);
  const jaw = makeJaw(canonical, own, mouth);
  const frames: MotionFrame[] = [];
  for (const frame of track.frames) {
    frames.push(settle(frame));
    if (frames.length % framesAtOnce === 0) await new Promise(setImmediate);
  }
  return { ...track, frames };

  function settle(frame: MotionFrame): MotionFrame {
    const { meets, purses, speaks } = demandsOf(frame.blendshapes ?? {});
    if (meets + purses + speaks < 1e-3) return frame;
    const mesh = Float64Array.from(smiling, (value) => -smile * Math.max(purses, speaksThrough * speaks) * value);
    jaw.open(mesh, -mouth.gap * meets, 0);
    if (frame.mesh) for (let i = 0; i < mesh.length; i++) mesh[i]! += frame.mesh[i]!;
    return { ...frame, mesh: Float32Array.from(mesh, (value) => value + 0) };
  }
}

/** How much of a smile the photograph has, 0 to 1.5: how much wider its mouth is than the canonical one, by what a smile adds. */
function smileOf(own: Float64Array, canonical: Float64Array, smiling: Float64Array): number {
  const [right, left] = lips.corners;
  const width = (mesh: ArrayLike<number>): number => mesh[3 * left]! - mesh[3 * right]!;
  const added = width(smiling);
  return added <= 0 ? 0 : Math.min(1.5, Math.max(0, (width(own) - width(canonical)) / added));
}

/** What a frame asks of the lips, each 0 to 1: to meet, to purse, to speak at all. */
function demandsOf(w: Blendshapes): { readonly meets: number; readonly purses: number; readonly speaks: number } {
  const press = ((w.mouthPressLeft ?? 0) + (w.mouthPressRight ?? 0)) / 2;
  const purses = smoothStep(0.05, 0.6, Math.max(w.mouthPucker ?? 0, w.mouthFunnel ?? 0));
  const bites = 0.7 * smoothStep(0.1, 0.4, w.mouthRollLower ?? 0);
  const meets = Math.max(smoothStep(0.06, 0.24, press), bites, 0.85 * smoothStep(0.2, 0.85, w.mouthPucker ?? 0));
  return { meets, purses, speaks: smoothStep(0.02, 0.2, Math.max(w.jawOpen ?? 0, press)) };
}
