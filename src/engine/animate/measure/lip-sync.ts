/** Whether the mouth moves with the sound: correlation at the best lag, and that lag. */

export interface LipSync {
  /** Pearson's, -1 to 1, at the best lag. */
  readonly correlation: number;
  /** Milliseconds by which the mouth comes after the sound; below 0 it leads. */
  readonly lag: number;
}

/** Lags are looked for within this many seconds each way. */
const widestLag = 0.4;
/** Sound and lips are compared at the pace of syllables: what is faster than this, in seconds, is averaged. */
const syllable = 0.12;

/**
 * @param openings of the mouth, one a frame; NaN where the face was not found.
 * @param loudness of the sound in each frame, any unit.
 * @param fps frames a second.
 */
export function lipSync(openings: readonly number[], loudness: readonly number[], fps: number): LipSync | undefined {
  const count = Math.min(openings.length, loudness.length);
  const most = Math.round(widestLag * fps);
  const seen = openings.slice(0, count).filter((value) => Number.isFinite(value));
  if (seen.length < 3 * most) return undefined;
  const half = Math.floor((syllable * fps) / 2);
  const [mouth, sound] = [smoothed(openings.slice(0, count), half), smoothed(loudness.slice(0, count), half)];
  const at = (lag: number): number => correlation(mouth, sound, lag);
  let best = 0;
  for (let lag = -most; lag <= most; lag += 1) if (at(lag) > at(best)) best = lag;
  // Between frames: the top of the parabola through the best lag and its neighbours.
  const [before, top, after] = [at(best - 1), at(best), at(best + 1)];
  const bend = before - 2 * top + after;
  const between = bend < 0 ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend))) : 0;
  return { correlation: top, lag: ((best + between) / fps) * 1000 };
}

function smoothed(values: readonly number[], half: number): number[] {
  return values.map((_, i) => {
    const near = values.slice(Math.max(0, i - half), i + half + 1).filter((value) => !Number.isNaN(value));
    return near.length === 0 ? NaN : near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}

/** Of `mouth` with the sound `lag` frames before it. */
function correlation(mouth: readonly number[], sound: readonly number[], lag: number): number {
  const pairs = mouth
    .map((value, i) => [value, sound[i - lag] ?? NaN] as const)
    .filter(([a, b]) => !Number.isNaN(a) && !Number.isNaN(b));
  const mean = (k: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length;
  const [meanA, meanB] = [mean(0), mean(1)];
  let [together, ofA, ofB] = [0, 0, 0];
  for (const [a, b] of pairs) {
    together += (a - meanA) * (b - meanB);
    ofA += (a - meanA) ** 2;
    ofB += (b - meanB) ** 2;
  }
  // What does not move has only the rounding of its mean.
  return Math.min(ofA, ofB) < 1e-12 ? 0 : together / Math.sqrt(ofA * ofB);
}
