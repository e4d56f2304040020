/**
 * What each muscle does to a face, as soft pushes in head space: a place, how far it reaches, and where it moves what is
 * there. No scanned faces are needed, so none had to be; the places come from the face itself.
 */
import type { BlendshapeName } from '../motion/blendshapes.ts';
import { browRegions, chin } from '../face/regions.ts';
import type { MouthMeasure } from './mouth-measure.ts';

type Vector = readonly [number, number, number];

export interface Push {
  readonly at: Vector;
  /** Centimetres: standard deviations across and down of the Gaussian it falls off with. */
  readonly reach: readonly [number, number];
  /** Centimetres at weight 1. */
  readonly move: Vector;
  /** Nothing of the other lip, and nothing on its side of the mouth. */
  readonly lip?: 'upper' | 'lower';
}

/** Wings of the nose, the subject's right first. */
const noseWings = [129, 358] as const;

type Sided<Name extends string> = Name extends `${infer Base}Left` ? Base : never;
type SidedShape = Sided<BlendshapeName>;

/**
 * @param head 468 x y z in head space.
 * @returns the pushes of every blendshape that is made of pushes alone.
 */
export function facePushes(head: Float64Array, mouth: MouthMeasure): Partial<Record<BlendshapeName, readonly Push[]>> {
  const point = (i: number): Vector => [head[3 * i]!, head[3 * i + 1]!, head[3 * i + 2]!];
  const { middle, halfWidth } = mouth;
  const size = halfWidth / 2.45;
  const pushes: Partial<Record<BlendshapeName, readonly Push[]>> = {};
  for (const [sideName, side, s] of [
    ['Right', 0, -1],
    ['Left', 1, 1],
  ] as const) {
    const corner: Vector = [middle[0] + s * halfWidth, middle[1], middle[2] + 0.6];
    const cheek: Vector = [corner[0] + s * 0.9, corner[1] - 2.3, corner[2] + 0.6];
    const brow = browRegions[side].map(point);
    const mean = (k: number): number => brow.reduce((sum, at) => sum + at[k]!, 0) / brow.length;
    const browAt = (across: number): Vector => [mean(0) + s * across, mean(1), mean(2)];
    const lipAt = (k: number): Vector => [middle[0] + s * k * halfWidth, mouth.lipLine, middle[2]];
    const wing = point(noseWings[side]);
    const define = (name: SidedShape, ...list: Push[]): void => {
      pushes[`${name}${sideName}` as BlendshapeName] = list;
    };
    define(
      'mouthSmile',
      { at: corner, reach: [1.25, 1.25], move: [s * 0.34 * size, -0.36 * size, 0.18 * size] },
      { at: cheek, reach: [1.3, 1.3], move: [s * 0.06, -0.2, -0.06] },
    );
    define('mouthFrown', { at: corner, reach: [1.1, 1], move: [s * 0.06, 0.36 * size, 0.08] });
    define('mouthDimple', { at: corner, reach: [0.9, 0.9], move: [s * 0.2 * size, -0.03, 0.16] });
    define('mouthStretch', { at: corner, reach: [1.2, 1.2], move: [s * 0.38 * size, 0.1, 0.16] });
    define(
      'mouthPress',
      { at: lipAt(0.35), reach: [1, 0.35], move: [0, 0.1, 0.06], lip: 'upper' },
      { at: lipAt(0.35), reach: [1, 0.35], move: [0, -0.12, 0.06], lip: 'lower' },
    );
    define('mouthLowerDown', { at: lipAt(0.4), reach: [0.85, 0.7], move: [s * 0.04, 0.36 * size, 0.03], lip: 'lower' });
    define('mouthUpperUp', { at: lipAt(0.4), reach: [0.85, 0.75], move: [s * 0.04, -0.3 * size, 0.02], lip: 'upper' });
    define('cheekSquint', { at: cheek, reach: [1.4, 0.9], move: [s * 0.04, -0.26, -0.08] });
    define(
      'noseSneer',
      { at: wing, reach: [0.7, 0.9], move: [s * 0.03, -0.24, 0.03] },
      { at: lipAt(0.4), reach: [0.8, 0.7], move: [0, -0.12, 0], lip: 'upper' },
    );
    define('browDown', { at: browAt(-0.3), reach: [1.6, 0.8], move: [-s * 0.12, 0.34, -0.02] });
    define('browOuterUp', { at: browAt(0.9), reach: [1.3, 1.1], move: [0, -0.46, 0.02] });
  }
  const inner = [0, 1].map((side) => point(browRegions[side as 0 | 1][4]!));
  pushes.browInnerUp = inner.map((at) => ({ at, reach: [1.15, 1.15], move: [0, -0.46, 0] }));
  pushes.jawLeft = [
    { at: [middle[0], mouth.lipLine + 1.6, middle[2]], reach: [3, 1.7], move: [0.5, 0, 0], lip: 'lower' },
  ];
  pushes.jawRight = [{ ...pushes.jawLeft[0]!, move: [-0.5, 0, 0] }];
  pushes.jawForward = [{ ...pushes.jawLeft[0]!, move: [0, 0.06, -0.5] }];
  pushes.mouthLeft = [{ at: [middle[0], mouth.lipLine, middle[2]], reach: [2.2, 1.2], move: [0.5, 0, 0.05] }];
  pushes.mouthRight = [{ ...pushes.mouthLeft[0]!, move: [-0.5, 0, 0.05] }];
  pushes.mouthShrugLower = [
    { at: [middle[0], mouth.lipLine + 0.5, middle[2]], reach: [1.5, 0.8], move: [0, -0.24, -0.12], lip: 'lower' },
    { at: point(chin), reach: [1.6, 1.2], move: [0, -0.16, -0.06] },
  ];
  pushes.mouthShrugUpper = [
    { at: [middle[0], mouth.lipLine - 0.4, middle[2]], reach: [1.4, 0.7], move: [0, -0.16, -0.14], lip: 'upper' },
  ];
  pushes.cheekPuff = [-1, 1].map((s) => ({
    at: [middle[0] + s * (halfWidth + 1.5), middle[1] - 0.5, middle[2] + 1.6],
    reach: [1.4, 1.5],
    move: [s * 0.42, 0, -0.35],
  }));
  return pushes;
}
