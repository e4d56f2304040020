/**
 * How loud each part of the result is. Sound that is added alone comes to -16 LUFS; under real sound an ambience lies
 * 13 LU below it, a file 6 LU, and the whole comes to -16 LUFS. Pure arithmetic over measured loudness.
 */

export const targetLufs = -16;
/** dBTP set for the limiter: coding to AAC, and a meter that interpolates otherwise, add up to half a decibel. */
export const ceilingDbtp = -1.5;
/** LU below the clip's own sound. 12 is what is promised; the rest is room for how integrated loudness is gated. */
const ambienceBelow = 13;
const fileBelow = 6;
/** A clip whose own sound is softer than this holds noise of the transfer and nothing else. */
const nearSilence = -50;
/** Decibels by which peaks of real sound may be held down to reach the target; beyond it the whole stays softer instead. */
const mostLimiting = 6;
/** Decibels by which the clip's own sound is raised at the most: its noise comes up with it. */
const mostBoost = 20;

export interface Measured {
  /** Integrated, LUFS; -Infinity for silence. */
  readonly loudness: number;
  /** dBTP. */
  readonly peak: number;
}

export interface Balance {
  /** Decibels applied to the clip's own sound, -Infinity when it is left out. */
  readonly own: number;
  /** Decibels applied to what is added, -Infinity when it is silent. */
  readonly added: number;
}

export function isRealSound({ loudness }: Measured): boolean {
  return loudness > nearSilence;
}

/** Gains for a clip's own sound (absent when it has none) and what is added to it. */
export function balance(own: Measured | undefined, added: Measured, kind: 'ambience' | 'file'): Balance {
  if (own === undefined || !isRealSound(own)) {
    const toTarget = targetLufs - added.loudness;
    // Noise of the transfer is left as it is: neither raised nor taken away.
    const ownGain = own !== undefined && own.loudness > -Infinity ? 0 : -Infinity;
    return { own: ownGain, added: Number.isFinite(toTarget) ? withinPeaks(toTarget, added, kind) : -Infinity };
  }
  const below = kind === 'ambience' ? ambienceBelow : fileBelow;
  // Powers add: what is added makes the whole a little louder than the clip's own sound.
  const sum = 10 * Math.log10(1 + 10 ** (-below / 10));
  const ownGain = Math.min(mostBoost, withinPeaks(targetLufs - sum - own.loudness, own, 'file'));
  const addedGain = ownGain + own.loudness - below - added.loudness;
  return { own: ownGain, added: Number.isFinite(addedGain) ? addedGain : -Infinity };
}

/** An ambience is of our own making and meant to be limited; a recording is not to be squashed. */
function withinPeaks(gain: number, { peak }: Measured, kind: 'ambience' | 'file'): number {
  return kind === 'ambience' ? gain : Math.min(gain, ceilingDbtp + mostLimiting - peak);
}
