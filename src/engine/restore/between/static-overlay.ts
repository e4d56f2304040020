/**
 * Finds burnt-in logos, subtitles and timecodes: detail that stays exactly where it is while the picture around it moves.
 * The interpolator takes such places from the nearer frame instead of moving them. Works on a grey picture at most 640
 * across, 4 ms a frame.
 */
import type { Frame } from '../../frame.ts';
import { greyOf } from '../inspection/grey.ts';
import type { GreyPicture } from '../inspection/thumbnail.ts';

const mostAcross = 640;
/** Weight of the newest change in the running mean: about eight drawings of memory. */
const newest = 1 / 8;
/** Drawings before anything is believed. */
const leastAge = 6;
/** In levels. Coding and grain move a still stroke by less than this from drawing to drawing, on average. */
const stillChange = 3;
/** The neighbourhood must change by this much more than the detail itself, and by this many levels in all. */
const livelier = 3;
const livelyChange = 5;
/** A stroke's edge differs from its surroundings by this much; picture detail that strong and that still is rare. */
const strokeContrast = 48;
/** Between two frames, a still place differs by no more than this. */
const sameLevel = 12;
/** Half the side of the neighbourhood, and by how much strokes are widened, in pixels of the grey picture. */
const around = 8;
const widening = 2;

export interface OverlayWatch {
  /** Shows it the next drawing (not a held frame). */
  see(frame: Frame): void;
  /**
   * Where between the last two drawings seen nothing may move: 255, else 0; `width * height` bytes of the size asked for.
   * Undefined where there is no such place.
   */
  mask(): Uint8Array | undefined;
}

/** Watches a clip for overlays; `width` and `height` are the size of the masks wanted, in the shape of the frames. */
export function watchOverlays(size: { readonly width: number; readonly height: number }): OverlayWatch {
  const watch = watchGrey();
  return {
    see: (frame) => {
      watch.see(greyOf(frame, mostAcross));
    },
    mask: () => {
      const small = watch.mask();
      return small && enlarged(small, size);
    },
  };
}

interface GreyWatch {
  see(picture: GreyPicture): void;
  mask(): GreyPicture | undefined;
}

function watchGrey(): GreyWatch {
  let before: GreyPicture | undefined;
  let last: GreyPicture | undefined;
  let activity = new Float32Array(0);
  let age = 0;
  return {
    see(picture) {
      if (last?.width !== picture.width || last.height !== picture.height) {
        last = undefined;
        activity = new Float32Array(picture.data.length);
        age = 0;
      }
      before = last;
      last = picture;
      age++;
      if (!before) return;
      // The first changes count fully, so that the mean is one from the start.
      const weight = Math.max(newest, 1 / (age - 1));
      for (let i = 0; i < activity.length; i++) {
        activity[i]! += weight * (Math.abs(picture.data[i]! - before.data[i]!) - activity[i]!);
      }
    },
    mask() {
      if (!before || !last || age < leastAge) return undefined;
      const { width, height } = last;
      const lively = boxMean(activity, width, height, around);
      const strokes = new Uint8Array(width * height);
      let found = 0;
      for (let y = 1; y < height - 1; y++) {
        for (let x = 1, at = y * width + 1; x < width - 1; x++, at++) {
          const own = activity[at]!;
          if (own > stillChange || lively[at]! < livelyChange || lively[at]! < livelier * own) continue;
          if (contrastAt(last, at) < strokeContrast || Math.abs(last.data[at]! - before.data[at]!) > sameLevel)
            continue;
          strokes[at] = 255;
          found++;
        }
      }
      return found === 0 ? undefined : { data: widened(strokes, width, height), width, height };
    },
  };
}

/** Largest difference across the pixel, along either axis and over two pixels. */
function contrastAt({ data, width }: GreyPicture, at: number): number {
  return Math.max(Math.abs(data[at + 1]! - data[at - 1]!), Math.abs(data[at + width]! - data[at - width]!));
}

function boxMean(values: Float32Array, width: number, height: number, radius: number): Float32Array {
  const across = new Float32Array(values.length);
  for (let y = 0; y < height; y++) runningMean(values, across, y * width, 1, width, radius);
  const both = new Float32Array(values.length);
  for (let x = 0; x < width; x++) runningMean(across, both, x, width, height, radius);
  return both;
}

function runningMean(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  length: number,
  radius: number,
) {
  let sum = 0;
  for (let i = 0; i < Math.min(radius, length); i++) sum += from[start + i * step]!;
  for (let i = 0; i < length; i++) {
    if (i + radius < length) sum += from[start + (i + radius) * step]!;
    if (i > radius) sum -= from[start + (i - radius - 1) * step]!;
    const count = Math.min(length - 1, i + radius) - Math.max(0, i - radius) + 1;
    to[start + i * step] = sum / count;
  }
}

function widened(mask: Uint8Array, width: number, height: number): Uint8Array {
  const wide = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      if (mask[at] === 0) continue;
      for (let j = Math.max(0, y - widening); j <= Math.min(height - 1, y + widening); j++) {
        wide.fill(255, j * width + Math.max(0, x - widening), j * width + Math.min(width, x + widening + 1));
      }
    }
  }
  return wide;
}

function enlarged(mask: GreyPicture, size: { readonly width: number; readonly height: number }): Uint8Array {
  const columns = Uint16Array.from({ length: size.width }, (_, x) => Math.floor(((x + 0.5) * mask.width) / size.width));
  const data = new Uint8Array(size.width * size.height);
  for (let y = 0, out = 0; y < size.height; y++) {
    const row = Math.floor(((y + 0.5) * mask.height) / size.height) * mask.width;
    for (let x = 0; x < size.width; x++, out++) data[out] = mask.data[row + columns[x]!]!;
  }
  return data;
}
