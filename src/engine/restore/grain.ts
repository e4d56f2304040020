/**
 * Film grain given back at the end, as an ffmpeg filter graph for the encoder: seeded noise, softened to the size that
 * grain has on the enlarged picture, strongest in the middle tones as in film. It runs in ffmpeg's threads: 5 ms a frame at
 * 1280x960, 25 ms at 3840x2160, a small part of what encoding them takes.
 */

export interface Grain {
  /** Standard deviation in the middle tones, in levels of the full range, 0..12. */
  readonly strength: number;
  /** 1..2^31-1; the same seed gives the same grain. */
  readonly seed: number;
}

/** Softening of grain on a picture 1080 lines high, as the deviation of a Gaussian in pixels. */
const softnessAt1080 = 0.7;
const softnessLimits = { least: 0.3, most: 1.4 } as const;
/** Measured: levels (full range) that are left of one unit of the filter's strength after softening by so many pixels. */
const left: readonly (readonly [softness: number, levels: number])[] = [
  [0.3, 0.545],
  [0.6, 0.392],
  [0.8, 0.315],
  [1.2, 0.22],
  [1.4, 0.192],
];
const mostStrength = 12;

/**
 * A filter graph with one input and one output, both yuv420p, for pictures of this height; undefined for no grain. Throws a
 * RangeError for a strength below 0 or a seed out of range.
 */
export function grainFilter({ strength, seed }: Grain, height: number): string | undefined {
  if (!(strength >= 0)) throw new RangeError(`expected a strength of 0 or more but received ${strength}`);
  if (!Number.isInteger(seed) || seed < 1 || seed > 2 ** 31 - 1) {
    throw new RangeError(`expected a whole seed from 1 to 2147483647 but received ${seed}`);
  }
  const softness = Math.max(softnessLimits.least, Math.min(softnessLimits.most, (softnessAt1080 * height) / 1080));
  const units = Math.min(100, Math.round(Math.min(mostStrength, strength) / levelsLeft(softness)));
  if (units < 1) return undefined;
  // Each label is used once, so the same names may stand in another graph of the same process only if it is another filter.
  return [
    'format=yuv420p,split=4[grain_base][grain_under][grain_tone][grain_flat]',
    `[grain_flat]lutyuv=y=128:u=128:v=128,noise=all_seed=${seed}:c0s=${units}:c0f=t,gblur=sigma=${softness.toFixed(2)}:steps=1:planes=1[grain_noise]`,
    '[grain_under][grain_noise]blend=all_mode=grainmerge[grain_full]',
    // Full in the middle, a third in black and white; none in the colour planes.
    '[grain_tone]lutyuv=y=255*(0.25+0.75*(1-pow((val-125)/115\\,2))):u=0:v=0[grain_shape]',
    '[grain_base][grain_full][grain_shape]maskedmerge',
  ].join(';');
}

function levelsLeft(softness: number): number {
  const after = Math.max(
    1,
    left.findIndex(([at]) => at >= softness),
  );
  const [[x0, y0], [x1, y1]] = [left[after - 1]!, left[after]!];
  return y0 + ((y1 - y0) * (softness - x0)) / (x1 - x0);
}
