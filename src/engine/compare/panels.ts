/** How two pictures of different sizes are brought to one: both fitted into panels of the larger one's height. */
import type { Size } from '../size.ts';

export interface Panels {
  /** Size of each of the two panels, even. */
  readonly panel: Size;
  /** Size of each picture inside its panel, even, its shape kept to the nearest two pixels. */
  readonly fitted: readonly [Size, Size];
}

const even = (value: number): number => Math.max(2, 2 * Math.round(value / 2));

/**
 * Panels for pictures `a` and `b` (pixels as shown). Both get the height of the taller one; where `across` panels side by
 * side would be wider than `maxWidth`, everything shrinks to fit. The narrower picture is centred in its panel.
 */
export function arrangePanels(a: Size, b: Size, across: 1 | 2, maxWidth = 3840): Panels {
  const tallest = Math.max(a.height, b.height);
  const widest = Math.max((a.width / a.height) * tallest, (b.width / b.height) * tallest);
  const shrink = Math.min(1, maxWidth / across / widest);
  const height = even(tallest * shrink);
  const fit = (size: Size): Size => ({ width: even((size.width / size.height) * height), height });
  const fitted = [fit(a), fit(b)] as const;
  return { panel: { width: Math.max(fitted[0].width, fitted[1].width), height }, fitted };
}

/** Height of a label's plate for a panel this high: readable on a phone, a nuisance on nothing. */
export function labelHeight(panel: Size): number {
  return Math.min(72, Math.max(16, Math.round(Math.min(panel.height, panel.width) * 0.07)));
}
