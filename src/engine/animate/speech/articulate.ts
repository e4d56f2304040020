/**
 * From visemes to the mouth: each is reached before it is heard and left after it (coarticulation, as overlapping dominance,
 * Cohen and Massaro 1993), how far the mouth opens follows how loud the voice is, and lips that must meet do meet.
 */
import type { BlendshapeName, Blendshapes } from '../motion/blendshapes.ts';
import { featureIndex, levelAt, type Loudness } from './loudness.ts';
import { type Viseme, visemePoses, visemes } from './viseme-poses.ts';

/** Seconds: how far a viseme reaches into its neighbours, as the width of a Gaussian; less for those that close the lips. */
const reach = 0.045;
const closingReach = 0.028;
/** Lips that meet or touch the teeth; their dominance is stronger than that of an open mouth. */
const closing: ReadonlySet<Viseme> = new Set(['PP', 'FF']);
const closingStrength = 1.7;
/** Opening of an ordinary vowel: voices that the prototypes cannot tell apart still open and close the mouth. */
const usualOpening = 0.4;
const usualShare = 0.35;
/** What opens a mouth: all of it grows with loudness and gives way to lips that close. */
const opens: ReadonlySet<string> = new Set([
  'jawOpen',
  ...['mouthLowerDownLeft', 'mouthLowerDownRight', 'mouthUpperUpLeft', 'mouthUpperUpRight', 'mouthFunnel'],
]);

export interface Articulation {
  /** The mouth at `time` seconds. */
  mouthAt(time: number): Blendshapes;
}

/** @param path the viseme of each feature vector, from `recognise`. */
export function articulate(path: Uint8Array, loudness: Loudness): Articulation {
  return {
    mouthAt(time) {
      const dominance = dominanceAt(path, featureIndex(time));
      const level = levelAt(loudness, time);
      const closed = Math.min(
        1,
        closingStrength * [...closing].reduce((sum, name) => sum + dominance[visemes.indexOf(name)]!, 0),
      );
      const weights: Partial<Record<BlendshapeName, number>> = {};
      visemes.forEach((viseme, v) => {
        for (const [name, weight] of Object.entries(visemePoses[viseme])) {
          const shape = name as BlendshapeName;
          weights[shape] = (weights[shape] ?? 0) + dominance[v]! * weight;
        }
      });
      weights.jawOpen = (1 - usualShare) * (weights.jawOpen ?? 0) + usualShare * usualOpening;
      for (const name of Object.keys(weights) as BlendshapeName[]) {
        const size = opens.has(name) ? level * (1 - (name === 'mouthFunnel' ? 0 : closed)) : Math.min(1, 1.6 * level);
        weights[name] = Math.min(1, weights[name]! * size);
      }
      return Object.fromEntries(Object.entries(weights).filter(([, weight]) => weight > 1e-3));
    },
  };
}

/** Shares of the visemes around a place in the path, 1 together. */
function dominanceAt(path: Uint8Array, place: number): Float64Array {
  const shares = new Float64Array(visemes.length);
  const step = 0.016;
  const far = Math.ceil((3 * reach) / step);
  for (let k = Math.floor(place) - far; k <= Math.ceil(place) + far; k++) {
    const viseme = path[Math.min(path.length - 1, Math.max(0, k))]!;
    const width = closing.has(visemes[viseme]!) ? closingReach : reach;
    shares[viseme]! += Math.exp(-0.5 * (((k - place) * step) / width) ** 2);
  }
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}
