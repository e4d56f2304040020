/**
 * Parts the person from the background: a soft matte from the segmentation, pulled onto the hair line by a guided filter (He
 * et al. 2010), and a background plate filled in behind it. The matte is grown and feathered outward: a little too much lets
 * some background travel with the hair, a little too little tears the person.
 */
import type { Picture } from '../../picture.ts';
import { lumaPlane } from './cutting.ts';
import { fillByMirror } from './fill.ts';
import { boxBlur, distanceToZero } from './planes.ts';
import { smoothStep } from '../smooth-step.ts';

export interface Layers {
  /** Share of the person in each pixel, 0 to 1. */
  readonly alpha: Float32Array;
  /** The picture without the person, as far as motion can uncover it. */
  readonly plate: Picture;
}

function guidedFilter(picture: Picture, mask: Float32Array, radius: number, epsilon: number): Float32Array {
  const { width, height } = picture;
  const guide = lumaPlane(picture).map((value) => value / 255);
  const blur = (plane: Float32Array): Float32Array => boxBlur(plane, width, height, radius);
  const meanGuide = blur(guide);
  const meanMask = blur(mask);
  const meanSquare = blur(guide.map((value) => value * value));
  const meanProduct = blur(guide.map((value, i) => value * mask[i]!));
  const slope = meanProduct.map((value, i) => {
    const variance = meanSquare[i]! - meanGuide[i]! * meanGuide[i]!;
    return (value - meanGuide[i]! * meanMask[i]!) / (variance + epsilon);
  });
  const offset = meanMask.map((value, i) => value - slope[i]! * meanGuide[i]!);
  const meanSlope = blur(slope);
  const meanOffset = blur(offset);
  return guide.map((value, i) => Math.min(1, Math.max(0, meanSlope[i]! * value + meanOffset[i]!)));
}

/** The part of `person` that hangs together with the face: specks in the background are nobody. */
function joinedTo(face: Uint8Array, person: Uint8Array, width: number, height: number): Uint8Array {
  const joined = new Uint8Array(person.length);
  const open: number[] = [];
  const visit = (i: number): void => {
    if (person[i] === 0 || joined[i] !== 0) return;
    joined[i] = 1;
    open.push(i);
  };
  face.forEach((value, i) => {
    if (value !== 0) visit(i);
  });
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    const x = i % width;
    if (x > 0) visit(i - 1);
    if (x < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i < width * (height - 1)) visit(i + width);
  }
  return joined;
}

/**
 * @param mask share of a person in each pixel, from the segmentation.
 * @param face 1 where the face itself is, which always belongs to the person.
 * @param grow pixels that the person is made larger all round.
 * @param feather pixels over which it then fades.
 */
export function partLayers(
  picture: Picture,
  mask: Float32Array,
  face: Uint8Array,
  { grow, feather }: { readonly grow: number; readonly feather: number },
): Layers {
  const { width, height } = picture;
  const refined = guidedFilter(picture, mask, Math.max(4, grow * 1.2), 1e-3);
  const person = Uint8Array.from(refined, (value, i) => (Math.max(value, mask[i]! * 0.9, face[i]!) > 0.5 ? 1 : 0));
  const outside = joinedTo(face, person, width, height).map((value) => 1 - value);
  const distance = distanceToZero(outside, width, height);
  const alpha = distance.map((value) => 1 - smoothStep(grow, grow + feather, value));
  // What the feather covers is background: the plate is the photograph there, so that a person at rest is the photograph.
  const known = Uint8Array.from(distance, (value) => (value > grow * 0.9 ? 1 : 0));
  return { alpha: boxBlur(alpha, width, height, 1), plate: fillByMirror(picture, known, 3 * (grow + feather)) };
}
