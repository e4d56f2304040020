/**
 * The photograph as the rasteriser reads it: twice as large, so that bilinear sampling comes near a far better kernel at its
 * own cost. Even samples are the original pixels, so that what does not move is the photograph to the bit; odd ones come from
 * the half-sample filter of HEVC (ITU-T H.265, 8.5.3.3.3). What sampling between them still takes from the finest detail is
 * kept beside it and given back by the rasteriser.
 */
import type { Box } from '../face/face.ts';
import type { Picture } from '../picture.ts';
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

const toByte = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value));

/** One line of `length` samples becomes `2 * length`, the last repeated; `at` reads, `put` writes. */
function enlargeLine(length: number, at: (index: number) => number, put: (index: number, value: number) => void): void {
  for (let i = 0; i < length; i++) {
    put(2 * i, at(i));
    let sum = 0;
    for (let t = 0; t < taps.length; t++) sum += taps[t]! * at(Math.min(length - 1, Math.max(0, i + t - reach)));
    put(2 * i + 1, sum / 64);
  }
}

/** @param picture what stands under `box`. @param alpha the person's share for each of its pixels, 0 to 1. */
export function makeTexture(picture: Picture, alpha: Float32Array, box: Box): Texture {
  const { width, height, data } = picture;
  const wide = 2 * width;
  const tall = 2 * height;
  const rgba = shared(wide * tall * 4);
  const plane = new Float32Array(wide * height);
  const column = new Float32Array(tall);
  const luma = new Float32Array(wide * tall);
  const weights = [0.299, 0.587, 0.114, 0];
  for (let c = 0; c < 4; c++) {
    for (let y = 0; y < height; y++) {
      const start = y * width;
      const read =
        c < 3 ? (i: number): number => data[(start + i) * 3 + c]! : (i: number): number => 255 * alpha[start + i]!;
      enlargeLine(width, read, (i, value) => (plane[y * wide + i] = value));
    }
    for (let x = 0; x < wide; x++) {
      enlargeLine(
        height,
        (i) => plane[i * wide + x]!,
        (i, value) => (column[i] = value),
      );
      for (let y = 0; y < tall; y++) {
        const byte = toByte(column[y]!);
        rgba[(y * wide + x) * 4 + c] = byte;
        luma[y * wide + x]! += weights[c]! * byte;
      }
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
