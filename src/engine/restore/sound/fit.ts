/**
 * Fits sound to the length of a clip. Longer: cut, fading out over the last second and a half. Shorter: played again and
 * again, each time fading over into the next within a second; but a file that covers nine tenths of the clip is played
 * once and left to end, because starting over for the last moments would sound like a mistake.
 */
import { type Read, sampleRate, type Stereo, stereo } from './synth/block.ts';

/** Sound that can be read from anywhere; outside of it is silence. */
export interface Recording {
  /** Samples. */
  readonly length: number;
  read(out: Stereo, position: number): void;
}

export type Fit = 'whole' | 'cut' | 'looped';

const fadeOutSeconds = 1.5;
const crossfadeSeconds = 1;
const nearlyCovers = 0.9;

/** What is done to a file of `length` samples for a clip of `wanted`. */
export function fitFor(length: number, wanted: number): Fit {
  if (length > wanted) return 'cut';
  return length >= nearlyCovers * wanted ? 'whole' : 'looped';
}

/** Gain of an equal-power fade, `along` 0..1. */
function fadeIn(along: number): number {
  return Math.sin((Math.PI / 2) * Math.max(0, Math.min(1, along)));
}

/** Reads `recording` from its start, made to last `wanted` samples. An empty recording gives silence. */
export function fitted(recording: Recording, wanted: number): Read {
  const { length } = recording;
  const fit = fitFor(length, wanted);
  const fade = Math.min(fadeOutSeconds * sampleRate, wanted / 4);
  const cross = Math.floor(Math.min(crossfadeSeconds * sampleRate, length / 4));
  const period = fit === 'looped' ? Math.max(1, length - cross) : Infinity;
  let position = 0;

  /** `count` samples from `position`, all within one turn of the loop. */
  function turn(out: Stereo, at: number, count: number): void {
    const inTurn = fit === 'looped' ? position % period : position;
    const part = stereo(count);
    recording.read(part, inTurn);
    if (position >= period && inTurn < cross) {
      const old = stereo(count);
      recording.read(old, period + inTurn);
      for (let i = 0; i < count; i++) {
        const along = (inTurn + i) / cross;
        if (along >= 1) break;
        const [rise, fall] = [fadeIn(along), fadeIn(1 - along)];
        part.left[i] = part.left[i]! * rise + old.left[i]! * fall;
        part.right[i] = part.right[i]! * rise + old.right[i]! * fall;
      }
    }
    out.left.set(part.left, at);
    out.right.set(part.right, at);
  }

  return (out) => {
    const start = position;
    for (let at = 0; at < out.left.length;) {
      const left = fit === 'looped' ? period - (position % period) : Infinity;
      const count = Math.min(out.left.length - at, left);
      turn(out, at, count);
      position += count;
      at += count;
    }
    if (fit === 'whole') return;
    for (let i = Math.max(0, Math.floor(wanted - fade) - start); i < out.left.length; i++) {
      const gain = fadeIn((wanted - start - i) / fade);
      out.left[i]! *= gain;
      out.right[i]! *= gain;
    }
  };
}
