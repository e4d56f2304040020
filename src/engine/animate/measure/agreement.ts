/**
 * How well the mesh found in the frames agrees with the mesh that was meant: average keypoint distance (AKD, Siarohin et al.,
 * "First Order Motion Model for Image Animation", 2019) as a ratio to a still photograph's, and unrest from frame to frame.
 */
import { ringsAround, type CanonicalFace } from '../face/canonical.ts';
import { cropAround, meanDistance } from '../face/mesh.ts';
import { eyeRegions, lipLandmarks, lips } from '../face/regions.ts';
import { meshPoints } from '../face/face.ts';

/**
 * What the network itself makes of a picture that only slides, in pixels of a crop of 512: 0.06 to 0.11 on four portraits.
 */
const slidingUnrest = 0.08;
/** A part whose second difference is meant to be larger than this, in the same pixels, changes its pace. */
const fastestCalm = 0.5;
/** Motion smaller than this, in pixels of a crop of 256, is nothing to be followed. */
const leastMotion = 0.5;

/** What the still photograph gives: where the mesh is meant at rest, and where the network finds it there. */
export interface RestingMesh {
  readonly intended: Float64Array;
  readonly found: Float64Array;
}

export interface Agreement {
  /** @param isSteady false in a blink, whose fast lids no mesh follows. */
  add(index: number, intended: Float64Array, found: Float64Array, isSteady: boolean): void;
  /** Distance to what was meant over that of the still photograph; undefined without motion. */
  ratio(part: 'face' | 'lips'): number | undefined;
  /** Pixels of a crop of 512; undefined without three frames in a row. */
  jitter(): number | undefined;
}

export function measureAgreement(rest: RestingMesh, canonical: CanonicalFace): Agreement {
  const { size } = cropAround(rest.intended);
  const sums = { face: { result: 0, still: 0 }, lips: { result: 0, still: 0 } };
  let frames = 0;
  /** By frame, the last ones that could still have neighbours. */
  const steady = new Map<number, Seen>();
  const parts = partsOf(canonical);
  const unrest = { squares: 0, points: 0 };

  function addUnrest(middle: number): void {
    const [before, at, after] = [middle - 1, middle, middle + 1].map((index) => steady.get(index));
    if (before === undefined || at === undefined || after === undefined) return;
    const runs = parts.map((part) => ({ part, ...unrestOf(part, [before, at, after]) }));
    // Where one part changes its pace, the network moves the others a little with it.
    const isCalm = runs.every(({ part, meant }) => (Math.sqrt(meant / part.length) * 512) / size <= fastestCalm);
    if (!isCalm) return;
    unrest.squares += runs.reduce((sum, { beyond }) => sum + beyond, 0);
    unrest.points += meshPoints;
  }

  return {
    add(index, intended, found, isSteady) {
      frames += 1;
      const corrected = found.map((value, i) => value - rest.found[i]! + rest.intended[i]!);
      for (const [part, points] of [
        ['face', undefined],
        ['lips', lipLandmarks],
      ] as const) {
        sums[part].result += meanDistance(corrected, intended, points);
        sums[part].still += meanDistance(rest.intended, intended, points);
      }
      if (!isSteady) return;
      steady.set(index, { intended, found });
      // Frames may come a little out of order; each completes up to three runs.
      for (const middle of [index - 1, index, index + 1]) addUnrest(middle);
      steady.delete(index - 8);
    },
    ratio(part) {
      const { result, still } = sums[part];
      const pixels = frames === 0 ? 0 : ((still / frames) * 256) / size;
      return pixels < leastMotion ? undefined : result / still;
    },
    jitter() {
      if (unrest.points === 0) return undefined;
      const pixels = (Math.sqrt(unrest.squares / unrest.points) * 512) / size;
      return Math.max(0, pixels - slidingUnrest);
    },
  };
}

/**
 * The parts of a face that move each by itself: mouth and jaw, eyes and brows, and all the rest. A mesh that follows a part
 * too little or too much is not unrest, so the part's own motion is taken off at whatever size it was found.
 */
function partsOf(canonical: CanonicalFace): readonly (readonly number[])[] {
  const mouth = ringsAround(canonical, [...lips.outerUpper, ...lips.outerLower, ...lips.corners], 3);
  const eyes = ringsAround(canonical, [...eyeRegions.flatMap(({ lower, upper }) => [...lower, ...upper])], 3);
  const all = Array.from({ length: meshPoints }, (_, i) => i);
  return [
    all.filter((i) => mouth.has(i)),
    all.filter((i) => eyes.has(i) && !mouth.has(i)),
    all.filter((i) => !eyes.has(i) && !mouth.has(i)),
  ];
}

interface Seen {
  readonly intended: Float64Array;
  readonly found: Float64Array;
}

/** Squared second differences of the points of a part: of those that were meant, and of what was found beyond them. */
function unrestOf(
  part: readonly number[],
  [before, at, after]: readonly [Seen, Seen, Seen],
): { readonly meant: number; readonly beyond: number } {
  let [meant, both, all] = [0, 0, 0];
  for (const point of part) {
    for (const i of [3 * point, 3 * point + 1]) {
      const wanted = before.intended[i]! - 2 * at.intended[i]! + after.intended[i]!;
      const got = before.found[i]! - 2 * at.found[i]! + after.found[i]!;
      meant += wanted * wanted;
      both += wanted * got;
      all += got * got;
    }
  }
  const share = meant === 0 ? 0 : Math.max(0, Math.min(1.5, both / meant));
  return { meant, beyond: Math.max(0, all - 2 * share * both + share * share * meant) };
}
