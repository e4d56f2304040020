/** What the inspection sees of a clip. */
import type { GreyPicture } from './thumbnail.ts';

/** What is looked at of one frame. */
export interface Glimpse {
  readonly thumbnail: GreyPicture;
  /** A piece at full resolution that begins on the 8x8 coding grid; the next frame of a pair shows the same place. */
  readonly window: GreyPicture;
}

/** `count` of `items`, spread evenly. */
export function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)]!);
}
