/**
 * How well the mesh found in the frames agrees with the mesh that was meant: average keypoint distance (AKD, Siarohin et al.,
 * "First Order Motion Model for Image Animation", 2019) as a ratio to a still photograph's, and unrest from frame to frame.
 */
import { cropAround, meanDistance } from '../face/mesh.ts';
import { lipLandmarks } from '../face/regions.ts';
import { meshPoints } from '../face/face.ts';

/** Motion smaller than this, in pixels of a crop of 256, is nothing to be followed. */
const leastMotion = 0.5;

/** What the still photograph gives: where the mesh is meant at rest, and where the network finds it there. */
export interface RestingMesh {
  readonly intended: Float64Array;
  readonly found: Float64Array;
  /** Root mean square second difference of what the network finds while the picture only slides, in pixels. */
  readonly unrest: number;
}

export interface Agreement {
  /** @param isSteady false in a blink, whose fast lids no mesh follows. */
  add(index: number, intended: Float64Array, found: Float64Array, isSteady: boolean): void;
  /** Distance to what was meant over that of the still photograph; undefined without motion. */
  ratio(part: 'face' | 'lips'): number | undefined;
  /** Pixels of a crop of 512; undefined without three frames in a row. */
  jitter(): number | undefined;
}

export function measureAgreement(rest: RestingMesh): Agreement {
  const { size } = cropAround(rest.intended);
  const sums = { face: { result: 0, still: 0 }, lips: { result: 0, still: 0 } };
  let frames = 0;
  /** What was found beyond what was meant, by frame; only the last ones that could still have neighbours. */
  const residuals = new Map<number, Float32Array>();
  const unrest = { squares: 0, frames: 0 };

  function addUnrest(middle: number): void {
    const [before, at, after] = [middle - 1, middle, middle + 1].map((index) => residuals.get(index));
    if (before === undefined || at === undefined || after === undefined) return;
    let squares = 0;
    for (let i = 0; i < at.length; i += 1) squares += (before[i]! - 2 * at[i]! + after[i]!) ** 2;
    unrest.squares += squares / meshPoints;
    unrest.frames += 1;
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
      const residual = new Float32Array(2 * meshPoints);
      for (let i = 0; i < meshPoints; i += 1) {
        residual[2 * i] = found[3 * i]! - intended[3 * i]!;
        residual[2 * i + 1] = found[3 * i + 1]! - intended[3 * i + 1]!;
      }
      residuals.set(index, residual);
      // Frames may come a little out of order; each completes up to three runs.
      for (const middle of [index - 1, index, index + 1]) addUnrest(middle);
      residuals.delete(index - 8);
    },
    ratio(part) {
      const { result, still } = sums[part];
      const pixels = frames === 0 ? 0 : ((still / frames) * 256) / size;
      return pixels < leastMotion ? undefined : result / still;
    },
    jitter() {
      if (unrest.frames === 0) return undefined;
      const pixels = Math.sqrt(unrest.squares / unrest.frames);
      return (Math.max(0, pixels - rest.unrest) * 512) / size;
    },
  };
}

/** Root mean square second difference of points found while the picture slides evenly by known steps. */
export function slidingUnrest(residuals: readonly Float64Array[]): number {
  let [squares, runs] = [0, 0];
  for (let k = 1; k + 1 < residuals.length; k += 1) {
    const [before, at, after] = [residuals[k - 1]!, residuals[k]!, residuals[k + 1]!];
    for (let i = 0; i < at.length; i += 3) {
      squares += (before[i]! - 2 * at[i]! + after[i]!) ** 2 + (before[i + 1]! - 2 * at[i + 1]! + after[i + 1]!) ** 2;
    }
    runs += meshPoints;
  }
  return runs === 0 ? 0 : Math.sqrt(squares / runs);
}
