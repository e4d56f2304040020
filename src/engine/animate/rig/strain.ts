/**
 * Keeps skin from being pulled like rubber: an edge that grows beyond its limit draws its ends together, and its neighbours
 * share what is left, over a few rounds (strain limiting after Provot, "Deformation Constraints in a Mass-Spring Model", 1995).
 * Lids and the inner edges of the lips hardly yield: what they do is what is seen.
 */
import { eyeRegions, lips } from '../face/regions.ts';

/** An edge may become so many times as long. */
const longest = 1.85;
const rounds = 8;
/** Edges shorter than this at rest, in pixels, count as this long: nothing can be seen in them. */
const leastLength = 1.2;
/** How easily a lid or the edge of a lip yields; other points do wholly. */
const stiff = 0.12;

export interface Strain {
  /** Pairs of points. */
  readonly edges: Uint16Array;
  /** Longest allowed length of each edge, pixels. */
  readonly limits: Float64Array;
  /** How easily each point yields, 0 to 1. */
  readonly yields: Float64Array;
}

/**
 * @param skin triangles, three points each. @param rest x y z triples in picture space.
 * Edges at the upper lids are left out: skin unrolls there when an eye closes.
 */
export function prepareStrain(skin: Uint16Array, rest: Float64Array): Strain {
  const unrolls = new Set(eyeRegions.flatMap(({ upper }) => upper));
  const pairs = new Map<string, readonly [number, number]>();
  for (let t = 0; t < skin.length; t += 3) {
    for (let k = 0; k < 3; k++) {
      const [a, b] = [skin[t + k]!, skin[t + ((k + 1) % 3)]!];
      if (unrolls.has(a) || unrolls.has(b)) continue;
      pairs.set(`${Math.min(a, b)}-${Math.max(a, b)}`, [a, b]);
    }
  }
  const edges = Uint16Array.from([...pairs.values()].flat());
  const limits = Float64Array.from([...pairs.values()], ([a, b]) => {
    const length = Math.hypot(rest[3 * a]! - rest[3 * b]!, rest[3 * a + 1]! - rest[3 * b + 1]!);
    return longest * Math.max(leastLength, length);
  });
  const yields = new Float64Array(rest.length / 3).fill(1);
  const held = [
    ...eyeRegions.flatMap(({ lower, upper }) => [...lower, ...upper]),
    ...[...lips.innerCorners, ...lips.innerUpper, ...lips.innerLower],
  ];
  for (const point of held) yields[point] = stiff;
  return { edges, limits, yields };
}

/** Changes `points` (x y z triples in picture space) in place. Nothing moves where no edge is too long. */
export function limitStrain({ edges, limits, yields }: Strain, points: Float64Array): void {
  for (let round = 0; round < rounds; round++) {
    let isLong = false;
    for (let e = 0; e < limits.length; e++) {
      const a = edges[2 * e]!;
      const b = edges[2 * e + 1]!;
      const dx = points[3 * b]! - points[3 * a]!;
      const dy = points[3 * b + 1]! - points[3 * a + 1]!;
      const length = Math.hypot(dx, dy);
      const excess = length - limits[e]!;
      if (excess <= 0) continue;
      isLong = true;
      const share = (0.9 * excess) / (length * (yields[a]! + yields[b]!));
      points[3 * a]! += dx * share * yields[a]!;
      points[3 * a + 1]! += dy * share * yields[a]!;
      points[3 * b]! -= dx * share * yields[b]!;
      points[3 * b + 1]! -= dy * share * yields[b]!;
    }
    if (!isLong) return;
  }
}
