/** What a person asks of an animation, with defaults that suit most portraits. */
import type { Rational } from '../rational.ts';
import type { FaceChoice } from './face/face.ts';
import type { CameraMove } from './camera/camera-move.ts';
import type { PresetName } from './motion/preset-names.ts';

/** What of a driving clip's motion is taken over. */
export const regions = ['all', 'expression', 'head', 'eyes', 'lips'] as const;
export type Region = (typeof regions)[number];

/** Where the motion comes from. Paths are local files. */
export type MotionSource =
  | { readonly kind: 'preset'; readonly name: PresetName }
  | { readonly kind: 'clip'; readonly path: string; readonly region: Region }
  | { readonly kind: 'speech'; readonly path: string; readonly style: 'speak' | 'sing' }
  | { readonly kind: 'track'; readonly path: string }
  /** Only the camera moves. */
  | { readonly kind: 'none' };

export const outputFormats = ['mp4', 'gif', 'webp'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export interface AnimateRequest {
  readonly motion: MotionSource;
  /** Not `none` where `motion` is: then nothing would move. */
  readonly camera: CameraMove;
  readonly face: FaceChoice;
  /** Multiplies the motion: 0 to 2. */
  readonly strength: number;
  /** Multiplies the speed of a preset: 0.25 to 4. A driving clip and speech keep their own. */
  readonly speed: number;
  /** Seconds of a preset or a camera move; the preset's own length when left out. 1 to 30. */
  readonly seconds?: number;
  /** The whole picture, or a square around the head. */
  readonly crop: 'none' | 'head';
  /** Longest side of the result, in pixels; a larger photograph is reduced. 64 to 4096. */
  readonly longestSide: number;
  /** Frames a second of a preset or a camera move. A driving clip keeps its own, unless `smooth` raises it. */
  readonly rate: Rational;
  /** Fill up to 60 frames a second by the interpolator. */
  readonly smooth: boolean;
  /** Enlarge the result by the restore engine. */
  readonly upscale: 1 | 2 | 4;
  readonly format: OutputFormat;
  readonly caption: { readonly above?: string; readonly below?: string };
  /** Keep the driving clip's or the speech's sound. GIF and WebP have none. */
  readonly sound: 'keep' | 'none';
  /** Up to 3 more photographs of the same person, which lend teeth and lids. */
  readonly morePhotos: readonly string[];
  readonly backEnd: 'mesh' | 'live-portrait';
  readonly seed: number;
  readonly maxBytes?: number;
  /** The visible label; it is always drawn. */
  readonly label: string;
}

/** Every file that an animation is made from: none of them may be written over. */
export function inputsOf(photoPath: string, { motion, morePhotos }: AnimateRequest): readonly string[] {
  return [photoPath, ...('path' in motion ? [motion.path] : []), ...morePhotos];
}

export const maxDrivingSeconds = 60;

export const defaultAnimation: Omit<AnimateRequest, 'label'> = {
  motion: { kind: 'preset', name: 'painting' },
  camera: 'none',
  face: 'largest',
  strength: 1,
  speed: 1,
  crop: 'none',
  longestSide: 1920,
  rate: { num: 25, den: 1 },
  smooth: false,
  upscale: 1,
  format: 'mp4',
  caption: {},
  sound: 'keep',
  morePhotos: [],
  backEnd: 'mesh',
  seed: 1,
};
