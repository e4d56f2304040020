/** What an animation came to: the words of `--json`, and what the sentences of a reply are made of. */
import type { ErrorParams } from '../errors.ts';
import type { GivenUp } from '../media/fit.ts';
import type { Rational } from '../rational.ts';
import type { Box } from './face/face.ts';
import type { MotionLimit } from './render/portrait.ts';
import type { OutputFormat } from './request.ts';

/** Something to tell that did not stop the work; its sentence stands under `warnings.<code>`. */
export interface AnimationWarning {
  readonly code: string;
  readonly params: ErrorParams;
}

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
}

export interface AnimationReport {
  readonly output: AnimationOutput;
  /** Where the motion came from: `preset:painting`, `clip`, `speech`, `none`. */
  readonly motion: string;
  readonly faces: readonly ReportedFace[];
  readonly limits: readonly ReportedLimit[];
  readonly warnings: readonly AnimationWarning[];
  /** What the size limit cost, in the order it was given up. */
  readonly givenUp: readonly GivenUp[];
  /** Wall seconds of the whole job, and seconds inside networks. */
  readonly seconds: number;
  readonly modelSeconds: number;
  /** Execution provider of the networks; absent when none ran. */
  readonly provider?: string;
}
