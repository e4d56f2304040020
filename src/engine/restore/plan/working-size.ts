/**
 * Sizes of a restoration: what the pictures are reduced to before they are enlarged, and what comes out.
 *
 * Old transfers and re-uploads are often softer than their pixel count. On a 640x480 silent film half size and then x4 came
 * out cleaner than x4 alone, at a quarter of the cost: pixels that carry nothing but blur only show the network artefacts.
 */
import { maxOutputHeight, maxOutputWidth, type TargetSize } from '../request.ts';
import type { Size } from '../../size.ts';

/** Factors that are tried: coarse steps, because the estimate of true resolution is good to about a tenth. */
const reductions = [1 / 2, 2 / 3, 3 / 4] as const;

/** A little more than the estimate is kept: what is cut away cannot come back. */
const margin = 1.05;

/** Below this many lines a network has too little to look at, so that a picture is not reduced further. */
const leastLines = 120;

/** How far to reduce `size` before it is enlarged, 0.5 to 1, from the inspection's `effectiveScale` (0..1). */
export function workingScale(size: Size, effectiveScale: number): number {
  const wanted = effectiveScale * margin;
  return reductions.find((factor) => factor >= wanted && size.height * factor >= leastLines) ?? 1;
}

/** The nearest even number of at least 2: what 4:2:0 video can hold. */
function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}

/** `size` times `factor`. With `toEven`, both sides are even. */
export function scaled(size: Size, factor: number, toEven = false): Size {
  const round = toEven ? even : (length: number): number => Math.max(1, Math.round(length));
  return { width: round(size.width * factor), height: round(size.height * factor) };
}

export interface OutputSize extends Size {
  /** True when the wanted size was above 4K and has been brought down to it. */
  readonly capped: boolean;
}

/** The result's size for `source`: even sides, the picture's own proportions, at most 2160 lines and 4096 columns. */
export function outputSize(source: Size, target: TargetSize): OutputSize {
  const wanted = 'scale' in target ? target.scale : target.height / source.height;
  // A picture that is already larger than 4K keeps its size: it is never made smaller than it came unless that is asked.
  const most = Math.max(1, Math.min(maxOutputHeight / source.height, maxOutputWidth / source.width));
  const factor = Math.min(wanted, most);
  return { ...scaled(source, factor, true), capped: factor < wanted };
}
