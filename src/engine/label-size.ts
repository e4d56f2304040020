/**
 * How large the visible label is: read on a phone, and no more of the picture than that. A share of the shorter side, so that
 * portrait and landscape look alike; never so low that its letters cannot be read.
 */
import type { Size } from './size.ts';

/** Share of the picture's shorter side that the plate takes. */
const plateShare = 0.05;
/** Pixels of a plate: letters on a lower one cannot be read. */
const readable = 12;
/** Distance from the edges as a share of the plate's height. */
const distance = 0.5;

/** Height of the plate in pixels, and how far it stands from the edges. */
export function labelPlace({ width, height }: Size): { readonly plate: number; readonly away: number } {
  const plate = Math.max(readable, Math.round(Math.min(width, height) * plateShare));
  return { plate, away: Math.round(plate * distance) };
}

/** A picture with a label of this height stays readable down to this share of its width and height. */
export function leastReadableScale(plate: number): number {
  return Math.min(1, readable / plate);
}
