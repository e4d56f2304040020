/** How a movement gets from one place to another. All curves go from 0 to 1 with no speed at either end. */

/**
 * `smooth`: least jerk, as arms and heads move (Flash and Hogan 1985). `lively`: goes back a little first and a little too far,
 * then settles: anticipation and follow-through. `quick`: fast at first, for eyes.
 */
export type Curve = 'smooth' | 'lively' | 'quick';

const smooth = (u: number): number => u * u * u * (10 + u * (6 * u - 15));

/** @param u 0 to 1; what lies outside is taken as the nearer end. */
export function ease(curve: Curve, u: number): number {
  const at = Math.min(1, Math.max(0, u));
  switch (curve) {
    case 'smooth':
      return smooth(at);
    case 'lively':
      return smooth(at) - 0.35 * Math.sin(2 * Math.PI * at) * at * (1 - at);
    case 'quick':
      return smooth(Math.sqrt(at));
  }
}
