/**
 * A motion track: the one thing between where motion comes from (presets, driving clips, speech) and what renders it. Plain
 * data, written as JSON by `track-file.ts`; `docs/motion-track.md` is its specification.
 */
import type { Rational } from '../../rational.ts';
import type { Blendshapes } from './blendshapes.ts';

/** Where the head is. Turns in degrees, shifts in centimetres of the canonical face. */
export interface HeadMotion {
  /** Above 0: the nose moves to the viewer's right. */
  readonly yaw: number;
  /** Above 0: the nose moves up. */
  readonly pitch: number;
  /** Above 0: clockwise in the picture. */
  readonly roll: number;
  /** To the viewer's right. */
  readonly x: number;
  /** Down. */
  readonly y: number;
  /** Away from the viewer. */
  readonly z: number;
}

/** Where both eyes look, in degrees from straight ahead out of the head: x to the viewer's right, y down. */
export interface Gaze {
  readonly x: number;
  readonly y: number;
}

/** One frame. What is left out is at rest. */
export interface MotionFrame {
  readonly blendshapes?: Blendshapes;
  readonly head?: HeadMotion;
  /** Where hair and cloth are, which come later than the head (`followSoftly`); with the head when left out. */
  readonly loose?: HeadMotion;
  readonly gaze?: Gaze;
  /** Rise of the chest, centimetres. */
  readonly breath?: number;
  /** 468 x y z displacements in head space, centimetres, added to what the blendshapes do. Never with `-0` or NaN. */
  readonly mesh?: Float32Array;
  /** False where the face was lost in a driving clip and the motion is held. */
  readonly tracked?: false;
}

export interface MotionTrack {
  /**
   * `photo`: frames are differences from the photograph's own face, ready to render. `canonical-face`: absolute, as extracted
   * from a clip; `retarget` turns it into the former for one face.
   */
  readonly relativeTo: 'photo' | 'canonical-face';
  /** Frames a second, exact. */
  readonly rate: Rational;
  /** The frame after the last is the first. */
  readonly loops: boolean;
  readonly frames: readonly MotionFrame[];
  /** What it was made from: `preset:painting`, `clip`, `speech`. Never a file name. */
  readonly source: string;
}

export const headAtRest: HeadMotion = { yaw: 0, pitch: 0, roll: 0, x: 0, y: 0, z: 0 };
