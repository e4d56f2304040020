/**
 * The photograph as the rasteriser reads it: twice as large, so that bilinear sampling comes near a far better kernel at its
 * own cost. Even samples are the original pixels, so that what does not move is the photograph to the bit; odd ones come from
 * the half-sample filter of HEVC (ITU-T H.265, 8.5.3.3.3). What sampling between them still takes from the finest detail is
 * kept beside it and given back by the rasteriser.
 */
import type { Box } from '../face/face.ts';
import type { Picture } from '../../picture.ts';
import { lumaShares } from './cutting.ts';
import { boxBlur } from './planes.ts';

export interface Texture {
  /** Place and size in the photograph. */
  readonly box: Box;
  /** `2 * box.width`; samples in a row. */
  readonly width: number;
  readonly height: number;
  /** R G B and the person's share, 0 to 255, for each sample. */
  readonly rgba: Uint8Array;
  /** Luma of the finest detail, around 0, for each sample. */
  readonly detail: Int8Array;
}

const taps = [-1, 4, -11, 40, 40, -11, 4, -1] as const;
const reach = 3;

const shared = (bytes: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(bytes));

/** The sample half-way between `at` and the next one along `step`, clamped to `length` samples from `start`. */
function between(plane: Uint8Array, start: number, at: number, length: number, step: number): number {
  let sum = 0;
  for (let t = 0; t < 8; t++)
    sum += taps[t]! * plane[start + Math.min(length - 1, Math.max(0, at + t - reach)) * step]!;
  return sum <= 0 ? 0 : sum >= 16320 ? 255 : (sum + 32) >> 6;
}

/** One channel, twice as wide and high: rows first, then columns. */
function enlargeChannel(channel: Uint8Array, width: number, height: number): Uint8Array {
  const wide = 2 * width;
  const rows = new Uint8Array(wide * height);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    for (let x = 0; x < width; x++) {
      rows[y * wide + 2 * x] = channel[start + x]!;
      rows[y * wide + 2 * x + 1] = between(channel, start, x, width, 1);
    }
  }
  const out = new Uint8Array(2 * wide * height);
  for (let y = 0; y < height; y++) {
    out.set(rows.subarray(y * wide, (y + 1) * wide), 2 * y * wide);
    const to = (2 * y + 1) * wide;
    for (let x = 0; x < wide; x++) out[to + x] = between(rows, x, y, height, wide);
  }
  return out;
}

/** @param picture what stands under `box`. @param alpha the person's share for each of its pixels, 0 to 1. */
export function makeTexture(picture: Picture, alpha: Float32Array, box: Box): Texture {
  const { width, height, data } = picture;
  const wide = 2 * width;
  const tall = 2 * height;
  const rgba = shared(wide * tall * 4);
  const luma = new Float32Array(wide * tall);
  const channel = new Uint8Array(width * height);
  for (let c = 0; c < 4; c++) {
    for (let i = 0; i < channel.length; i++) channel[i] = c < 3 ? data[3 * i + c]! : Math.round(255 * alpha[i]!);
    const enlarged = enlargeChannel(channel, width, height);
    const weight = lumaShares[c] ?? 0;
    for (let i = 0; i < enlarged.length; i++) {
      rgba[4 * i + c] = enlarged[i]!;
      luma[i]! += weight * enlarged[i]!;
    }
  }
  return { box, width: wide, height: tall, rgba, detail: detailOf(luma, wide, tall) };
}

/** What a blur over one pixel of the photograph takes away. */
function detailOf(luma: Float32Array, width: number, height: number): Int8Array {
  const blurred = boxBlur(luma, width, height, 1, 2);
  const detail = new Int8Array(new SharedArrayBuffer(luma.length));
  for (let i = 0; i < luma.length; i++) detail[i] = Math.max(-127, Math.min(127, Math.round(luma[i]! - blurred[i]!)));
  return detail;
}
