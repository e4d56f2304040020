/** From the weights of a motion frame to displacements of the mesh: pushes, the jaw, the lids and what the lips do as a ring. */
import type { CanonicalFace } from '../face/canonical.ts';
import { lips } from '../face/regions.ts';
import { type BlendshapeName, blendshapeNames, type Blendshapes } from '../motion/blendshapes.ts';
import type { Gaze, MotionFrame } from '../motion/track.ts';
import { smoothStep } from '../smooth-step.ts';
import { makeJaw, widestJaw } from './jaw.ts';
import { makeLids } from './lids.ts';
import { lowerLip, measureMouth, type MouthMeasure, upperLip } from './mouth-measure.ts';
import { facePushes, type Push } from './pushes.ts';

/** Degrees that an eye turns at weight 1 of `eyeLook…`. */
const lookRange = 30;
/** Share of the eye's opening by which the upper lid follows a gaze of 25 degrees downwards. */
const lidFollowsGaze = 0.45;

export interface ExpressionFrame {
  /** 468 x y z in head space, centimetres. */
  readonly displacements: Float64Array;
  /** Closure of each eye, the subject's right first: 1 shut, below 0 wide. */
  readonly closure: readonly [number, number];
  readonly gaze: Gaze;
  readonly tongue: number;
}

export interface Expressions {
  /** @param share of everything but the lids and the gaze, 0 to 1: what is held back when skin would be pulled too far. */
  of(frame: MotionFrame, share?: number): ExpressionFrame;
}

/** @param head the face at rest, 468 x y z in head space. */
export function makeExpressions(canonical: CanonicalFace, head: Float64Array): Expressions {
  const mouth = measureMouth(head);
  const jaw = makeJaw(canonical, head, mouth);
  const lids = makeLids(canonical, head);
  const fields = new Map<BlendshapeName, Float64Array>();
  for (const [name, pushes] of Object.entries(facePushes(head, mouth)) as [BlendshapeName, readonly Push[]][]) {
    fields.set(name, pushField(head, mouth, pushes));
  }
  for (const name of ['mouthPucker', 'mouthFunnel', 'mouthRollLower', 'mouthRollUpper'] as const) {
    fields.set(name, ringField(head, mouth, name));
  }
  return {
    of(frame, share = 1) {
      const weights = frame.blendshapes ?? {};
      const displacements = new Float64Array(head.length);
      frame.mesh?.forEach((value, i) => (displacements[i] = share * value));
      for (const name of blendshapeNames) {
        const weight = weights[name] ?? 0;
        const field = fields.get(name);
        if (weight === 0 || field === undefined) continue;
        for (let i = 0; i < field.length; i++) displacements[i]! += share * weight * field[i]!;
      }
      const opening = share * widestJaw * (weights.jawOpen ?? 0);
      jaw.open(displacements, opening, Math.min(1, weights.mouthClose ?? 0));
      const gaze = gazeOf(frame);
      const closure = closureOf(weights, gaze);
      for (const side of [0, 1] as const) {
        lids.close(displacements, side, closure[side]);
        lids.squint(displacements, side, squintOf(weights, side));
      }
      return { displacements, closure, gaze, tongue: weights.tongueOut ?? 0 };
    },
  };
}

function gazeOf({ gaze, blendshapes: w = {} }: MotionFrame): Gaze {
  const mean = (right: BlendshapeName, left: BlendshapeName): number => ((w[right] ?? 0) + (w[left] ?? 0)) / 2;
  // The right eye looks in, the left one out: both to the viewer's right.
  const x = mean('eyeLookInRight', 'eyeLookOutLeft') - mean('eyeLookOutRight', 'eyeLookInLeft');
  const y = mean('eyeLookDownRight', 'eyeLookDownLeft') - mean('eyeLookUpRight', 'eyeLookUpLeft');
  return { x: (gaze?.x ?? 0) + lookRange * x, y: (gaze?.y ?? 0) + lookRange * y };
}

function closureOf(w: Blendshapes, gaze: Gaze): [number, number] {
  // Lids follow a lowered gaze half-way; a raised one lifts them less.
  const follow = gaze.y * (gaze.y > 0 ? lidFollowsGaze : 0.6 * lidFollowsGaze) * 0.04;
  const one = (blink: number, wide: number): number => {
    const closed = Math.min(1, blink + Math.max(0, follow) * (1 - blink));
    return closed > 0 ? closed : -Math.min(1, wide - Math.min(0, follow));
  };
  return [one(w.eyeBlinkRight ?? 0, w.eyeWideRight ?? 0), one(w.eyeBlinkLeft ?? 0, w.eyeWideLeft ?? 0)];
}

function squintOf(w: Blendshapes, side: 0 | 1): number {
  const [squint, cheek, smile] =
    side === 0
      ? [w.eyeSquintRight, w.cheekSquintRight, w.mouthSmileRight]
      : [w.eyeSquintLeft, w.cheekSquintLeft, w.mouthSmileLeft];
  return (squint ?? 0) + 0.5 * (cheek ?? 0) + 0.45 * (smile ?? 0);
}

function pushField(head: Float64Array, mouth: MouthMeasure, pushes: readonly Push[]): Float64Array {
  const field = new Float64Array(head.length);
  for (const { at, reach, move, lip } of pushes) {
    for (let i = 0; i < head.length / 3; i++) {
      const [x, y, z] = [head[3 * i]! - at[0], head[3 * i + 1]! - at[1], head[3 * i + 2]! - at[2]];
      const near = (x / reach[0]) ** 2 + (y / reach[1]) ** 2 + 0.6 * (z / Math.max(...reach)) ** 2;
      const weight = Math.exp(-0.5 * near) * (lip === undefined ? 1 : shareOfLip(head, mouth, i, lip));
      for (let k = 0; k < 3; k++) field[3 * i + k]! += weight * move[k]!;
    }
  }
  return field;
}

/** 1 on the lip meant and beyond it, 0 on the other, none at the corners. */
function shareOfLip(head: Float64Array, mouth: MouthMeasure, i: number, lip: 'upper' | 'lower'): number {
  const isUpper = upperLip.has(i) ? 1 : lowerLip.has(i) ? 0 : undefined;
  const above = isUpper ?? 1 - smoothStep(mouth.lipLine - 0.2, mouth.lipLine + 0.4, head[3 * i + 1]!);
  const share = lip === 'upper' ? above : 1 - above;
  return isUpper === undefined ? share : share * Math.sqrt(Math.max(0, 1 - mouth.along(i) ** 2));
}

/** What the muscle round the mouth does: it draws the lips together, forward, or inwards over the teeth. */
function ringField(
  head: Float64Array,
  mouth: MouthMeasure,
  name: 'mouthPucker' | 'mouthFunnel' | 'mouthRollLower' | 'mouthRollUpper',
): Float64Array {
  const field = new Float64Array(head.length);
  const { middle, lipLine } = mouth;
  const rim = new Set<number>([...lips.innerUpper, ...lips.innerLower]);
  for (let i = 0; i < head.length / 3; i++) {
    const [x, y] = [head[3 * i]! - middle[0], head[3 * i + 1]! - lipLine];
    const near = Math.exp(-(x * x) / (2 * 2.1 ** 2) - (y * y) / (2 * 1.25 ** 2));
    const round = Math.sqrt(Math.max(0, 1 - mouth.along(i) ** 2));
    const upper = upperLip.has(i);
    const lower = lowerLip.has(i);
    if (name === 'mouthPucker') {
      field[3 * i] = -0.42 * x * near;
      field[3 * i + 1] = (rim.has(i) ? 0 : 0.22 * y) * near;
      field[3 * i + 2] = -0.55 * near;
    } else if (name === 'mouthFunnel') {
      field[3 * i] = -0.34 * x * near;
      field[3 * i + 1] = upper ? -0.26 * round : lower ? 0.34 * round : Math.sign(y) * 0.2 * near;
      field[3 * i + 2] = -0.5 * near;
    } else if (name === (upper ? 'mouthRollUpper' : lower ? 'mouthRollLower' : '')) {
      const outer = rim.has(i) ? 0.2 : 1;
      field[3 * i + 1] = (upper ? 0.22 : -0.26) * outer * round;
      field[3 * i + 2] = 0.22 * round;
    }
  }
  return field;
}
