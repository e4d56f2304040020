/** Things a person should be told of a photograph; sentences stand in `locales/*.json` under `warnings.<code>`. */
import type { ErrorParams } from '../errors.ts';

export const photoWarningCodes = [
  /** See-through parts were put on white. */
  'input.alpha-flattened',
  /** Several pictures in one file: the first is used. */
  'photo.first-frame',
  /** The photograph was reduced before anything was done. `width`, `height`, `to`. */
  'photo.reduced',
] as const;

export interface PhotoWarning {
  readonly code: (typeof photoWarningCodes)[number];
  readonly params: ErrorParams;
}
