/**
 * A look at a subject and its background from two views, for parallax: the background behind the subject is filled in as far
 * as the two can part, and the subject is laid over it with a soft edge.
 */
import type { Size } from '../../size.ts';
import type { Picture } from '../../picture.ts';
import { partLayers } from '../render/matte.ts';
import { sharedBytes } from '../shared-bytes.ts';
import { look, type View } from './resample.ts';

/** In memory that threads share. */
export interface SubjectLayers {
  readonly photo: Picture;
  /** Share of the subject in each pixel, 0 to 255. */
  readonly alpha: Uint8Array;
  /** The picture without the subject, where it can come into view. */
  readonly plate: Picture;
}

/** Pieces that are smaller than this share of the largest are no people: a bright edge, a rock. */
const leastPerson = 0.15;

/** 1 where somebody surely is: what the mask is sure of, in pieces as large as people. */
function wholePeople(mask: Float32Array, { width, height }: Size): Uint8Array {
  const piece = new Int32Array(mask.length);
  const sizes = [0];
  for (let start = 0; start < mask.length; start += 1) {
    if (mask[start]! <= 0.9 || piece[start] !== 0) continue;
    const number = sizes.length;
    const open = [start];
    piece[start] = number;
    let size = 0;
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      size += 1;
      const x = i % width;
      const around = [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width];
      for (const other of around) {
        if (other < 0 || other >= width * height || mask[other]! <= 0.9 || piece[other] !== 0) continue;
        piece[other] = number;
        open.push(other);
      }
    }
    sizes.push(size);
  }
  const least = leastPerson * sizes.reduce((most, size) => Math.max(most, size), 0);
  return Uint8Array.from(piece, (number) => (number > 0 && sizes[number]! >= least ? 1 : 0));
}

/** Parts `photo` by `mask`, the share of the subject in each pixel, 0 to 1. */
export function partSubject(photo: Picture, mask: Float32Array): SubjectLayers {
  const longest = Math.max(photo.width, photo.height);
  const soft = { grow: Math.max(2, longest / 400), feather: Math.max(3, longest / 250) };
  const { alpha, plate } = partLayers(photo, mask, wholePeople(mask, photo), soft);
  return {
    photo: { ...photo, data: sharedBytes(photo.data) },
    alpha: sharedBytes(Uint8Array.from(alpha, (share) => Math.round(share * 255))),
    plate: { ...plate, data: sharedBytes(plate.data) },
  };
}

/** Levels of change at which a pixel counts as wholly the subject's: a head that moved out of its matte. */
const certainChange = 40;

/** The subject's share where `frame` has moved beyond where the photograph had it. */
function grownAlpha({ photo, alpha }: SubjectLayers, frame: Uint8Array): Uint8Array {
  const grown = Uint8Array.from(alpha);
  for (let i = 0, at = 0; i < alpha.length; i += 1, at += 3) {
    if (alpha[i] === 255) continue;
    const change =
      Math.abs(frame[at]! - photo.data[at]!) +
      Math.abs(frame[at + 1]! - photo.data[at + 1]!) +
      Math.abs(frame[at + 2]! - photo.data[at + 2]!);
    if (change > 0) grown[i] = Math.max(alpha[i]!, Math.min(255, (change * 255) / certainChange));
  }
  return grown;
}

/** What is seen of `picture`, an animation of the photograph that `layers` were made of, with its background from elsewhere. */
export function lookAtLayers(
  picture: Picture,
  layers: SubjectLayers,
  view: View,
  background: View,
  size: Size,
): Uint8Array {
  const near = look(picture, view, size);
  const far = look(layers.plate, background, size);
  const alpha = grownAlpha(layers, picture.data);
  const { width: w, height: h } = picture;
  const step = 1 / view.zoom;
  for (let v = 0, to = 0; v < size.height; v += 1) {
    const y = Math.min(h - 1.001, Math.max(0, view.y - 0.5 + (v + 0.5 - size.height / 2) * step));
    const row = Math.floor(y);
    const fy = y - row;
    let x = view.x - 0.5 + (0.5 - size.width / 2) * step;
    for (let u = 0; u < size.width; u += 1, x += step, to += 3) {
      const inside = Math.min(w - 1.001, Math.max(0, x));
      const column = Math.floor(inside);
      const at = row * w + column;
      const fx = inside - column;
      const above = alpha[at]! + (alpha[at + 1]! - alpha[at]!) * fx;
      const below = alpha[at + w]! + (alpha[at + w + 1]! - alpha[at + w]!) * fx;
      const share = (above + (below - above) * fy) / 255;
      if (share >= 1) continue;
      for (let c = to; c < to + 3; c += 1) near[c] = near[c]! * share + far[c]! * (1 - share) + 0.5;
    }
  }
  return near;
}
