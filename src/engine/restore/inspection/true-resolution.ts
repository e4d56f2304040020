/**
 * Estimates a picture's true resolution from its spectrum. Detail falls off along a power law up to where the picture was
 * once smaller, and drops away steeply from there; grain and coding leave a floor that says nothing.
 *
 * Calibrated on six sharp pictures reduced to 0.85, 0.75, 0.67, 0.5, 0.4 and 0.33 and enlarged again by bilinear and cubic
 * kernels, each plain, with grain of 3 levels, and coded by x264 at crf 20 and 28: sharp ones give 1 throughout; a half gives
 * 0.47 to 0.56 by cubic. Bilinear enlargement is told as up to a tenth smaller, and two paintings with as much craquelure
 * as detail as 1 at times: it errs to the sharp side.
 */
import type { GreyPicture } from './thumbnail.ts';

/** Tile side, and length of the transform along each of its rows and columns. */
const tileSide = 64;
const bins = tileSide / 2 + 1;
/** Below 9 dB under the power law there is no detail left; sharp cameras keep 6 dB under it at the finest pixels. */
const dropDecibel = -9;
/** Natural pictures fall by 12 to 21 dB a decade along a line. */
const slopeLimits = { steepest: -21, shallowest: -12 } as const;
/** The bins over which the power law is read: 2 to 6 of 64, under the cut-off of any picture above a fifth of its size. */
const lawBins = { from: 2, to: 7 } as const;
/**
 * From the place of the drop, as a share of the finest frequency, to the size it tells of. Reducing and enlarging each take
 * something below the cut-off too, more so the smaller the reduction; a line through the calibration.
 */
const calibration = { slope: 1.485, offset: -0.17 } as const;
const leastScale = 0.1;
/** In levels squared: a tile with less in every bin is empty. */
const leastPower = 0.5;

/** Power along rows or columns of one tile: `bins` values, scaled so that white noise of variance v gives v in each. */
export type TileSpectrum = Float64Array;

const hann = Float64Array.from({ length: tileSide }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / tileSide));
const hannPower = hann.reduce((sum, value) => sum + value * value, 0);
const cosines = Float64Array.from({ length: tileSide }, (_, i) => Math.cos((2 * Math.PI * i) / tileSide));
const sines = Float64Array.from({ length: tileSide }, (_, i) => Math.sin((2 * Math.PI * i) / tileSide));
const reversed = Uint8Array.from({ length: tileSide }, (_, i) =>
  Number.parseInt(i.toString(2).padStart(Math.log2(tileSide), '0').split('').reverse().join(''), 2),
);

/** In place, radix 2 (Cooley and Tukey). */
function transform(re: Float64Array, im: Float64Array): void {
  for (let i = 0; i < tileSide; i++) {
    const j = reversed[i]!;
    if (j > i) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let half = 1; half < tileSide; half *= 2) {
    const stride = tileSide / (2 * half);
    for (let start = 0; start < tileSide; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cosines[k * stride]!;
        const s = -sines[k * stride]!;
        const [a, b] = [start + k, start + k + half];
        const real = re[b]! * c - im[b]! * s;
        const imaginary = re[b]! * s + im[b]! * c;
        re[b] = re[a]! - real;
        im[b] = im[a]! - imaginary;
        re[a]! += real;
        im[a]! += imaginary;
      }
    }
  }
}

/** Spectra of all whole tiles of `picture`, one along rows and one along columns of each. Tiles without any light or shade are left out. */
export function tileSpectra(picture: GreyPicture): TileSpectrum[] {
  const spectra: TileSpectrum[] = [];
  for (let y = 0; y + tileSide <= picture.height; y += tileSide) {
    for (let x = 0; x + tileSide <= picture.width; x += tileSide) {
      const at = y * picture.width + x;
      for (const [along, across] of [
        [1, picture.width],
        [picture.width, 1],
      ] as const) {
        const spectrum = lineSpectrum(picture.data, at, along, across);
        if (spectrum.some((power) => power > leastPower)) spectra.push(spectrum);
      }
    }
  }
  return spectra;
}

/** Mean power of every second line of a tile; two lines share one transform as its real and imaginary part. */
function lineSpectrum(data: Uint8Array, origin: number, along: number, across: number): TileSpectrum {
  const power = new Float64Array(bins);
  const re = new Float64Array(tileSide);
  const im = new Float64Array(tileSide);
  for (let line = 0; line < tileSide; line += 4) {
    const first = origin + line * across;
    const second = first + 2 * across;
    let [meanFirst, meanSecond] = [0, 0];
    for (let i = 0; i < tileSide; i++) {
      meanFirst += data[first + i * along]!;
      meanSecond += data[second + i * along]!;
    }
    meanFirst /= tileSide;
    meanSecond /= tileSide;
    for (let i = 0; i < tileSide; i++) {
      re[i] = (data[first + i * along]! - meanFirst) * hann[i]!;
      im[i] = (data[second + i * along]! - meanSecond) * hann[i]!;
    }
    transform(re, im);
    // |A|^2 + |B|^2 of two real lines packed as A + iB is the mean of |Z(k)|^2 and |Z(-k)|^2, twice.
    for (let k = 0; k < bins; k++) {
      const mirror = (tileSide - k) % tileSide;
      power[k]! += (re[k]! ** 2 + im[k]! ** 2 + re[mirror]! ** 2 + im[mirror]! ** 2) / 2;
    }
  }
  const lines = tileSide / 2;
  return power.map((value) => value / (lines * hannPower));
}

function meanOver(values: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += values[k]!;
  return sum / (to - from);
}

/**
 * True resolution over pixel count, 0.1 to 1, from the spectra of many tiles (some hundreds, over several frames). Only
 * claims softness where detail that the power law promises above the noise is missing; 1 when nothing tells.
 */
export function effectiveScaleOf(spectra: readonly TileSpectrum[]): number {
  if (spectra.length < 4) return 1;
  const detail = (spectrum: TileSpectrum) => meanOver(spectrum, 8, 26);
  const ranked = spectra
    .map((spectrum) => ({ spectrum, detail: detail(spectrum) }))
    .sort((a, b) => a.detail - b.detail);
  // The flattest tenth shows the noise: in each bin its mean, below bin 8 (where shading counts too) the level above it.
  const flat = ranked.slice(0, Math.max(2, Math.floor(ranked.length / 10)));
  const noise = Float64Array.from({ length: bins }, (_, k) => mean(flat.map(({ spectrum }) => spectrum[k]!)));
  noise.fill(meanOver(noise, 8, 12), 0, 8);
  // The busiest quarter shows how fine detail gets; by geometric mean, so that a few sharp titles do not speak for all.
  const busy = ranked.slice(-Math.max(2, Math.ceil(ranked.length / 4)));
  const level = Float64Array.from({ length: bins }, (_, k) => {
    const power = Math.exp(mean(busy.map(({ spectrum }) => Math.log(Math.max(spectrum[k]!, 1e-6)))));
    return decibel(Math.max(power - noise[k]!, 1e-3));
  });
  const contrast = meanOver(level, lawBins.from, lawBins.to);
  if (contrast < 12 || contrast < decibel(noise[0]!) + 6) return 1;
  const drop = dropBin(level, noise) / (tileSide / 2);
  return Math.max(leastScale, Math.min(1, calibration.slope * drop + calibration.offset));
}

/** The (fractional) bin from which `level` stays below the power law by `dropDecibel`, where the law stands above the noise. */
function dropBin(level: Float64Array, noise: Float64Array): number {
  const law = powerLaw(level);
  const below = (k: number) => level[k]! - law(k);
  const told: number[] = [];
  for (let k = 4; k < bins; k++) if (law(k) > decibel(noise[k]!)) told.push(k);
  const last = told.filter((k) => below(k) > dropDecibel).at(-1) ?? 4;
  const missing = told.filter((k) => k > last);
  const first = missing[0];
  if (first === undefined || missing.length < 2) return tileSide / 2;
  const [before, after] = [below(first - 1), below(first)];
  return before > dropDecibel ? first - 1 + (before - dropDecibel) / (before - after) : first - 1;
}

/** Least squares line through level over log frequency at the coarse end, its slope kept to what pictures have. */
function powerLaw(level: Float64Array): (k: number) => number {
  const ks = Array.from({ length: lawBins.to - lawBins.from }, (_, i) => lawBins.from + i);
  const xs = ks.map((k) => Math.log10(k));
  const ys = ks.map((k) => level[k]!);
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const covariance = mean(xs.map((x, i) => (x - meanX) * (ys[i]! - meanY)));
  const variance = mean(xs.map((x) => (x - meanX) ** 2));
  const slope = Math.max(slopeLimits.steepest, Math.min(slopeLimits.shallowest, covariance / variance));
  return (k) => meanY + slope * (Math.log10(k) - meanX);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function decibel(power: number): number {
  return 10 * Math.log10(Math.max(power, 1e-6));
}
