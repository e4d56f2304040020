/**
 * How large the visible label is: read on a phone, and no more of the picture than that. A share of the shorter side, so that
 * it stays small beside what is shown; of a wide picture a share of its width, since a phone shows every picture as wide as its
 * screen; never so low that its letters cannot be read.
 */
import type { Size } from './size.ts';

/** Share of the picture's shorter side that the plate takes. */
const plateShare = 0.05;
/** Share of the picture's width that the plate has at least: 13.5 of 360 pixels, with letters 8 pixels high. */
const plateShareOfWidth = 0.0375;
/** However wide the picture is, the share of its shorter side that the plate takes at most. */
const mostOfShorter = 0.1;
/** Pixels of a plate: letters on a lower one cannot be read. */
const readable = 12;
/** Distance from the edges as a share of the plate's height. */
const distance = 0.5;

/** Height of the plate in pixels, and how far it stands from the edges. */
export function labelPlace({ width, height }: Size): { readonly plate: number; readonly away: number } {
  const shorter = Math.min(width, height);
  const wanted = Math.min(Math.max(shorter * plateShare, width * plateShareOfWidth), shorter * mostOfShorter);
  const plate = Math.max(readable, Math.round(wanted));
  return { plate, away: Math.round(plate * distance) };
}

/** A picture with a label of this height stays readable down to this share of its width and height. */
export function leastReadableScale(plate: number): number {
  return Math.min(1, readable / plate);
}
