/** Things a person should be told that do not stop the job. Sentences stand in `locales/*.json` under `warnings.<code>`. */
import type { ErrorParams } from '../errors.ts';

export const warningCodes = [
  /** Damaged data was met: the decoder hid it as well as it could. `count`: messages of damage. */
  'input.damage-concealed',
  /** The file ends before its index says it should. `seconds`: where the picture ends. */
  'input.ends-early',
  /** High dynamic range was brought into the standard range. `transfer`: pq or hlg. */
  'input.tone-mapped',
  /** See-through parts were put on white. */
  'input.alpha-flattened',
  /** The result is so small that its invisible watermark may not be readable. `width`, `height`, `limit`: of the shorter side. */
  'output.small-mark',
  /** Several sound tracks: one is kept. `kept` (1-based), `count`. */
  'sound.one-kept',
  /** The kept sound could not be copied and was encoded again. `codec`. */
  'sound.encoded-again',
  /** The sound's codec cannot be read: the result is silent. `codec`. */
  'sound.unreadable',
] as const;

export type WarningCode = (typeof warningCodes)[number];

export interface MediaWarning {
  readonly code: WarningCode;
  readonly params: ErrorParams;
}
