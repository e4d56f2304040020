/**
 * Small grey pictures, at most 160x120, that everything which only needs to see the scene works on: cuts, held frames,
 * flicker, shake. Sampled 16 points to a pixel, one costs 1 ms from 640x480 and 3 ms from 1080p.
 */
import type { Frame } from '../../frame.ts';

/** A grey picture: `data` holds `width * height` bytes of luma, full range, rows top to bottom. */
export interface GreyPicture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const thumbnailLimit = { width: 160, height: 120 } as const;
/** Samples along each side of a thumbnail's pixel: enough to bring grain down fourfold, cheap at any source size. */
const samplesAcross = 4;

/** Size of the thumbnail of a picture of this size: its shape kept, even sides, never larger than the picture. */
export function thumbnailSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, thumbnailLimit.width / width, thumbnailLimit.height / height);
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  return { width: Math.min(even(width), thumbnailLimit.width), height: Math.min(even(height), thumbnailLimit.height) };
}

const made = new WeakMap<Frame, GreyPicture>();

/** The thumbnail of a frame, made once however many stages ask for it. */
export function thumbnailOf(frame: Frame): GreyPicture {
  const known = made.get(frame);
  if (known) return known;
  const thumbnail = makeThumbnail(frame);
  made.set(frame, thumbnail);
  return thumbnail;
}

/** Lets a stage that only changes a frame's time or marks hand its thumbnail on. */
export function shareThumbnail(from: Frame, to: Frame): Frame {
  const known = made.get(from);
  if (known) made.set(to, known);
  return to;
}

function makeThumbnail(frame: Frame): GreyPicture {
  const { width, height } = thumbnailSize(frame.width, frame.height);
  const columns = samplePositions(frame.width, width).map((x) => x * 3);
  const rows = samplePositions(frame.height, height).map((y) => y * frame.width * 3);
  const across = columns.length / width;
  const down = rows.length / height;
  const weight = 1 / (256 * across * down);
  const data = new Uint8Array(width * height);
  const pixels = frame.data;
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out++) {
      let sum = 0;
      for (let j = y * down; j < (y + 1) * down; j++) {
        for (let i = x * across; i < (x + 1) * across; i++) {
          const at = rows[j]! + columns[i]!;
          // BT.709 luma in 1/256.
          sum += 54 * pixels[at]! + 183 * pixels[at + 1]! + 19 * pixels[at + 2]!;
        }
      }
      data[out] = Math.min(255, Math.round(sum * weight));
    }
  }
  return { data, width, height };
}

/** Where along a side of `from` pixels the samples for `to` pixels lie: the same number for each, spread evenly. */
function samplePositions(from: number, to: number): number[] {
  const each = Math.max(1, Math.min(samplesAcross, Math.round(from / to)));
  return Array.from({ length: to * each }, (_, k) => Math.min(from - 1, Math.floor(((k + 0.5) * from) / (to * each))));
}
