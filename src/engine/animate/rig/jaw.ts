/**
 * The jaw: it turns about its hinge before the ears, and each point follows as much as it hangs on it. The edge of an open
 * mouth is nearly an ellipse, so the weights along the lips follow one: straight ones make pointed corners.
 */
import type { CanonicalFace } from '../face/canonical.ts';
import { smoothStep } from '../smooth-step.ts';
import { lowerLip, type MouthMeasure, mouthCorners, upperLip } from './mouth-measure.ts';

/** In head space, centimetres: just before the ear. */
const hinge = { y: 0.2, z: 5.5 } as const;
/** Centimetres between the lips at jawOpen 1. */
export const widestJaw = 2;
/** How far the corners go with the jaw. */
const cornerShare = 0.45;
/** How much further back the chin goes in nature than in a picture that has nothing behind it. */
const backward = 0.7;

export interface Jaw {
  /** Adds the displacement of a jaw opened by so many centimetres at the lips; `lipsClosed` 1 keeps the lips together. */
  open(out: Float64Array, centimetres: number, lipsClosed: number): void;
}

export function makeJaw(canonical: CanonicalFace, head: Float64Array, mouth: MouthMeasure): Jaw {
  const weights = jawWeights(canonical, head, mouth);
  const arm = Math.hypot(mouth.middle[1] - hinge.y, mouth.middle[2] - hinge.z);
  return {
    open(out, centimetres, lipsClosed) {
      if (centimetres === 0) return;
      const angle = centimetres / arm;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = 0; i < weights.length; i++) {
        const isLip = upperLip.has(i) || lowerLip.has(i) || mouthCorners.has(i);
        const weight = isLip ? weights[i]! + (0.5 - weights[i]!) * lipsClosed : weights[i]!;
        if (weight < 1e-3) continue;
        const y = head[3 * i + 1]! - hinge.y;
        const z = head[3 * i + 2]! - hinge.z;
        out[3 * i + 1]! += weight * (c * y - s * z - y);
        out[3 * i + 2]! += weight * (s * y + c * z - z) * backward;
        // An open mouth is narrower: the corners come in, the cheeks with them.
        const side = Math.sign(head[3 * i]! - mouth.middle[0]);
        const near = Math.exp(-(((Math.abs(head[3 * i]! - mouth.middle[0]) - mouth.halfWidth) / 0.9) ** 2));
        const level = Math.exp(-(((head[3 * i + 1]! - mouth.lipLine) / 1.2) ** 2));
        out[3 * i]! -= side * 0.12 * centimetres * near * level * (1 - lipsClosed);
      }
    },
  };
}

function jawWeights(canonical: CanonicalFace, head: Float64Array, mouth: MouthMeasure): Float64Array {
  const { middle, lipLine, chin } = mouth;
  const weights = new Float64Array(head.length / 3);
  for (let i = 0; i < weights.length; i++) {
    const aside = Math.abs(head[3 * i]! - middle[0]);
    const below = head[3 * i + 1]! - lipLine - 0.25 * aside;
    weights[i] = smoothStep(-0.2, 2.2, below) * (1 - smoothStep(0.55 * chin, 1.05 * chin, aside));
  }
  const isLip = (i: number): boolean => upperLip.has(i) || lowerLip.has(i) || mouthCorners.has(i);
  for (let i = 0; i < weights.length; i++) {
    if (!isLip(i)) continue;
    const round = mouthCorners.has(i) ? 0 : (1 - mouth.along(i) ** 2) ** 0.75;
    weights[i] = lowerLip.has(i) ? cornerShare + (1 - cornerShare) * round : cornerShare * (1 - round);
  }
  // The skin around takes over what the lips do, softly.
  for (let pass = 0; pass < 3; pass++) {
    const before = Float64Array.from(weights);
    for (let i = 0; i < weights.length; i++) {
      if (isLip(i)) continue;
      const around = canonical.neighbours[i]!;
      const mean = around.reduce((sum, other) => sum + before[other]!, 0) / around.length;
      weights[i] = 0.5 * before[i]! + 0.5 * mean;
    }
  }
  return weights;
}
