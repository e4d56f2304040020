/** What had to be held back of a motion, and to what. */

/** Sentences stand under `limits.<code>`. `value` is what it was held to: degrees, centimetres, or times its length. */
export interface MotionLimit {
  readonly code: 'head.yaw' | 'head.pitch' | 'head.roll' | 'head.hidden-side' | 'head.shift' | 'mouth.stretch';
  readonly value: number;
}
