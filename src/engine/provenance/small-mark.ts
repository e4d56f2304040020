/** What to tell of a result that is too small to carry the invisible watermark reliably (docs/watermark.md has the figures). */
import type { MediaWarning } from '../media/warnings.ts';
import type { Watermark } from './watermark/watermark.ts';
import type { Size } from '../size.ts';

/** Pixels of the shorter side; from here on the watermark is read after the treatments that were tried. */
const leastSide = 200;

/** Nothing for a result that is large enough, or that carries no watermark. */
export function smallMark({ width, height }: Size, watermark: Watermark | undefined): readonly MediaWarning[] {
  if (watermark === undefined || Math.min(width, height) >= leastSide) return [];
  return [{ code: 'output.small-mark', params: { width, height, limit: leastSide } }];
}
