/** What an animation came to: the words of `--json`, and what the sentences of a reply are made of. */
import type { ErrorParams } from '../errors.ts';
import type { GivenUp } from '../media/fit.ts';
import type { MediaWarning } from '../media/warnings.ts';
import type { Rational } from '../rational.ts';
import type { MotionWarning } from './driving/warnings.ts';
import type { ChoiceWarning } from './face/choose-faces.ts';
import type { Box, FaceWarning } from './face/face.ts';
import type { Measure } from './measure/measures.ts';
import type { Realism } from './measure/realism.ts';
import type { PhotoWarning } from '../media/photo-warnings.ts';
import type { MotionLimit } from './motion/motion-limit.ts';
import type { OutputFormat } from './request.ts';

/** What the scene itself has to tell; sentences stand under `warnings.<code>`. */
export const sceneWarningCodes = [
  /** A face that is large in the photograph is small in the result. `pixels`, `limit`. */
  'animation.small-face',
  /** The same where the result is cut to the head already. `pixels`, `limit`. */
  'animation.small-head',
  /** A GIF or WebP was made smaller than asked for. `format`, `pixels` of its longest side. */
  'animation.small-format',
  /** Nobody stands before the background: the picture leans in place of parting. */
  'camera.no-subject',
  /** A further photograph has no face that can be used. `number` of it, 1 first. */
  'lender.no-face',
  /** A further photograph seems to show somebody else. `number` of it, 1 first. */
  'lender.other-person',
  /** Only the mesh borrows from further photographs, and only for a face that moves. */
  'lender.unused',
] as const;

/** Something to tell that did not stop the work; its sentence stands under `warnings.<code>`. */
export type AnimationWarning =
  | MediaWarning
  | PhotoWarning
  | FaceWarning
  | ChoiceWarning
  | MotionWarning
  | { readonly code: (typeof sceneWarningCodes)[number]; readonly params: ErrorParams };

/** A face of the photograph, and whether it was moved. */
export interface ReportedFace {
  /** 1 for the leftmost. */
  readonly number: number;
  /** In pixels of the photograph as it was animated. */
  readonly box: Box;
  readonly confidence: number;
  readonly animated: boolean;
}

/** A bound that some frames were held to; its sentence stands under `limits.<code>`. */
export interface ReportedLimit extends MotionLimit {
  readonly frames: number;
}

export interface AnimationOutput {
  readonly path: string;
  readonly format: OutputFormat;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  readonly rate: Rational;
  readonly frames: number;
  /** Seconds. */
  readonly duration: Rational;
  /** The frame after the last is the first. */
  readonly loops: boolean;
  /** Path of a picture grid of frames by time, where one was asked for. */
  readonly contactSheet?: string;
}

export interface AnimationReport {
  readonly output: AnimationOutput;
  /** Where the motion came from: `preset:painting`, `clip`, `speech`, `none`. */
  readonly motion: string;
  readonly faces: readonly ReportedFace[];
  readonly limits: readonly ReportedLimit[];
  /** What was measured on the drawn frames, before camera and encoder; empty when no face moved. */
  readonly measures: readonly Measure[];
  /** Absent when no face moved. */
  readonly realism?: Realism;
  readonly warnings: readonly AnimationWarning[];
  /** What the size limit cost, in the order it was given up. */
  readonly givenUp: readonly GivenUp[];
  /** Wall seconds of the whole job, and seconds inside networks. */
  readonly seconds: number;
  readonly modelSeconds: number;
  /** Execution provider of the networks; absent when none ran. */
  readonly provider?: string;
}
