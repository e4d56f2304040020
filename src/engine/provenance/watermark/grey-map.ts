/**
 * What is looked at for a mark: luma with the picture taken out of it as far as possible. Each frame is high-passed and divided
 * by its own variance around, so that flat parts, where a mark stands out, count more than busy ones, and more where a mark would
 * have been made strong; the frames are added.
 */
import type { Size } from '../../size.ts';
import { boxMean } from './box-mean.ts';
import { detailOf, smallerLuma, strengthOf } from './strength.ts';
import { stretched } from './stretch.ts';

/** Values in rows from top to bottom. */
export interface GreyMap extends Size {
  readonly data: Float32Array;
}

/** Radius of the mean that is taken away, and of the variance. */
const radius = 4;
/** Added to a deviation before it divides, in levels: less is what an encoder leaves. */
const leastDeviation = 0.7;
/** Deviations at which a value is cut. */
const mostDeviations = 2.5;
/** Deviations of the sum at which it is cut. */
const mostOfSum = 4;

/** Luma of an RGB picture, 0 to 255, BT.709. */
export function lumaOf(pixels: Uint8Array, { width, height }: Size): GreyMap {
  const data = new Float32Array(width * height);
  for (let i = 0, at = 0; i < data.length; i++, at += 3) {
    data[i] = (54 * pixels[at]! + 183 * pixels[at + 1]! + 19 * pixels[at + 2]!) / 256;
  }
  return { data, width, height };
}

/** Half as large: the mean of each two by two. */
export function halved({ data, width, height }: GreyMap): GreyMap {
  const [across, down] = [width >> 1, height >> 1];
  const out = new Float32Array(across * down);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const at = 2 * y * width + 2 * x;
      out[y * across + x] = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!) / 4;
    }
  }
  return { data: out, width: across, height: down };
}

/** The sum of the frames, whitened; all must have one size. */
export function whitenedSum(frames: readonly GreyMap[]): GreyMap {
  const [{ width, height }] = frames as [GreyMap];
  const sum = new Float32Array(width * height);
  for (const frame of frames) addWhitened(sum, frame);
  if (frames.length > 1) {
    const most = mostOfSum * Math.sqrt(sum.reduce((total, value) => total + value * value, 0) / sum.length);
    for (let i = 0; i < sum.length; i++) sum[i] = Math.max(-most, Math.min(most, sum[i]!));
  }
  return { data: sum, width, height };
}

function addWhitened(sum: Float32Array, frame: GreyMap): void {
  const { data, width, height } = frame;
  const mean = boxMean(data, width, height, radius);
  const detail = data.map((value, i) => value - mean[i]!);
  const variance = boxMean(
    detail.map((value) => value * value),
    width,
    height,
    radius,
  );
  const strength = strengthIn(frame);
  for (let i = 0; i < sum.length; i++) {
    const deviation = Math.sqrt(Math.max(0, variance[i]!)) + leastDeviation;
    const most = mostDeviations * deviation;
    sum[i]! += (Math.max(-most, Math.min(most, detail[i]!)) * strength[i]!) / (deviation * deviation);
  }
}

/** The root of how strongly each pixel of the frame would be marked. */
function strengthIn(frame: GreyMap): Float32Array {
  const luma = smallerLuma(frame);
  const { data, width, height } = strengthOf(luma, detailOf(luma));
  return stretched({ data: data.map(Math.sqrt), width, height }, frame);
}
