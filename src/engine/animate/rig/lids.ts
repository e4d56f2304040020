/** Blinking: the upper lid slides down over the eyeball to meet the lower, which rises a little; the skin above follows. */
import { type CanonicalFace, ringsAround } from '../face/canonical.ts';
import { eyeRegions } from '../face/regions.ts';
import { smoothStep } from '../smooth-step.ts';

/** Share of the opening that the lower lid closes. */
const lowerShare = 0.1;
/** Share of the opening by which an eye opened wide gains. */
const wideShare = 0.25;

export interface Lids {
  /** Adds the displacement of an eye closed by `closure`: 0 as in the photograph, 1 shut, -1 wide open. */
  close(out: Float64Array, side: 0 | 1, closure: number): void;
  /** Adds the lower lid's rise: a squint, a smile. 0 to 1. */
  squint(out: Float64Array, side: 0 | 1, amount: number): void;
}

interface Eye {
  readonly upper: readonly (readonly [point: number, gap: number])[];
  readonly above: readonly (readonly [point: number, share: number])[];
  readonly below: readonly (readonly [point: number, share: number])[];
  readonly opening: number;
}

export function makeLids(canonical: CanonicalFace, head: Float64Array): Lids {
  const eyes = [0, 1].map((side) => eyeOf(canonical, head, side as 0 | 1));
  return {
    close(out, side, closure) {
      if (closure === 0) return;
      const { upper, above, below, opening } = eyes[side]!;
      const shuts = closure > 0;
      for (const [point, gap] of upper) {
        out[3 * point + 1]! += shuts
          ? closure * gap * (1 - lowerShare)
          : wideShare * closure * Math.max(gap, 0.3 * opening);
        // The lid slides on the ball: half-way down it stands out most.
        if (shuts) out[3 * point + 2]! -= 0.12 * Math.sin(Math.PI * Math.min(1, closure)) * opening;
      }
      for (const [point, share] of above) out[3 * point + 1]! += share * closure * opening * (shuts ? 0.8 : 0.3);
      if (!shuts) return;
      for (const [point, share] of below) out[3 * point + 1]! -= share * closure * opening * lowerShare;
    },
    squint(out, side, amount) {
      const { below, opening } = eyes[side]!;
      for (const [point, share] of below) out[3 * point + 1]! -= 0.22 * share * amount * opening;
    },
  };
}

function eyeOf(canonical: CanonicalFace, head: Float64Array, side: 0 | 1): Eye {
  const { outer, inner, lower, upper } = eyeRegions[side];
  const x = (point: number): number => head[3 * point]!;
  const y = (point: number): number => head[3 * point + 1]!;
  const lowerLidAt = (place: number): number => {
    for (let k = 0; k + 1 < lower.length; k++) {
      const [a, b] = [lower[k]!, lower[k + 1]!];
      if ((place - x(a)) * (place - x(b)) > 0) continue;
      return y(a) + ((y(b) - y(a)) * (place - x(a))) / (x(b) - x(a) || 1e-9);
    }
    return Math.abs(place - x(outer)) < Math.abs(place - x(inner)) ? y(outer) : y(inner);
  };
  const gaps = upper.map((point) => [point, lowerLidAt(x(point)) - y(point)] as const);
  const opening = Math.max(0.05, ...gaps.map(([, gap]) => gap));
  const width = Math.abs(x(inner) - x(outer));
  const cx = (x(inner) + x(outer)) / 2;
  const cy = (y(inner) + y(outer)) / 2;
  const isLid = new Set([...upper, ...lower]);
  const above = [...ringsAround(canonical, upper, 4).keys()]
    .filter((point) => !isLid.has(point) && cy - y(point) >= 0.15)
    .map((point) => {
      const beside = 1 - smoothStep(0.75, 1.25, Math.abs(x(point) - cx) / (width / 2));
      const near = 1 - smoothStep(0.35 * opening, opening + 1.25, cy - y(point));
      return [point, 0.8 * near * beside] as const;
    })
    .filter(([, share]) => share > 0.01);
  const below = [...ringsAround(canonical, lower.slice(1, -1), 2)]
    .filter(([point]) => !upper.includes(point) && point !== inner && point !== outer && y(point) > cy - 0.1)
    .map(([point, ring]) => [point, [1, 0.6, 0.25][ring]!] as const);
  return { upper: gaps, above, below, opening };
}
