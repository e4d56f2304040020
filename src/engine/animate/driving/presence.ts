/** How much of the driver's motion is shown where the face was lost: held for a moment, eased back to rest, and taken up again. */
import { ease } from '../motion/ease.ts';

/** Seconds. */
const held = 0.3;
const easingBack = 0.7;
const takingUp = 0.35;

/** A share from 0 to 1 for each frame. @param seen whether the face was there. @param rate frames a second. */
export function presenceOf(seen: readonly boolean[], rate: number): Float64Array {
  const shares = new Float64Array(seen.length);
  // Linear in time, then eased: its steps are what a frame may change at most.
  let level = seen[0] === true ? 1 : 0;
  let lostFor = 0;
  seen.forEach((isThere, k) => {
    lostFor = isThere ? 0 : lostFor + 1 / rate;
    if (isThere) level = Math.min(1, level + (k === 0 ? 0 : 1 / (rate * takingUp)));
    else if (lostFor > held) level = Math.max(0, level - 1 / (rate * easingBack));
    shares[k] = ease('smooth', level);
  });
  return shares;
}
