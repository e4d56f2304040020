/** What a person should know of a driving clip that was used all the same. Sentences stand under `warnings.<code>`. */
import type { ErrorParams } from '../../errors.ts';

export const motionWarningCodes = [
  /** Several faces: the largest is followed. `count`. */
  'driver.several-faces',
  /** The face was lost; the motion was held, then eased back. `frames`, `seconds` in all. */
  'driver.face-lost',
  /** The clip has cuts; each shot has a rest of its own. `count`. */
  'driver.cuts',
  /** Only the beginning is used. `seconds` of the clip, `limit`. */
  'driver.shortened',
  /** Only the beginning of the sound is used. `seconds`, `limit`. */
  'speech.shortened',
  /** The sound is equally loud throughout: there is no speech for the mouth to follow. */
  'speech.steady',
] as const;

export interface MotionWarning {
  readonly code: (typeof motionWarningCodes)[number];
  readonly params: ErrorParams;
}
