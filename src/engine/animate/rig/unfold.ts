/**
 * The mesh model wraps a cheek that is turned away: its outer strips lie behind the visible contour. Drawn as they are they
 * open a slit, or double the contour, as soon as the head turns. Each outer strip is pushed just outside the one within it.
 */
import { type CanonicalFace, ringsAround } from '../face/canonical.ts';
import { cheekEdges, noseLine } from '../face/regions.ts';

/** Strips from the outline inwards that may have to move. */
const strips = 5;

/** Changes `points` (x y z triples in picture space) in place. */
export function unfoldOutline(canonical: CanonicalFace, points: Float64Array): void {
  const centre = [noseLine[0], noseLine[1], noseLine[2], noseLine[6], noseLine[7]];
  const cx = centre.reduce((sum, point) => sum + points[3 * point]!, 0) / centre.length;
  const cy = centre.reduce((sum, point) => sum + points[3 * point + 1]!, 0) / centre.length;
  const depth = ringsAround(canonical, canonical.oval, strips);
  const width = Math.abs(points[3 * cheekEdges[1]]! - points[3 * cheekEdges[0]]!);
  const radius = (v: number): number => Math.hypot(points[3 * v]! - cx, points[3 * v + 1]! - cy);
  const angle = (v: number): number => Math.atan2(points[3 * v + 1]! - cy, points[3 * v]! - cx);
  for (let strip = strips - 1; strip >= 0; strip--) {
    for (const [vertex, ring] of depth) {
      if (ring !== strip) continue;
      const direction = angle(vertex);
      let least = 0;
      for (const other of canonical.neighbours[vertex]!) {
        if ((depth.get(other) ?? strips + 1) <= strip) continue;
        const apart = Math.abs(angle(other) - direction);
        least = Math.max(least, radius(other) * (1 - 0.9 * Math.min(apart, 2 * Math.PI - apart)));
      }
      const wanted = least + 0.012 * width;
      const now = radius(vertex);
      if (wanted <= now || now <= 0.25 * width) continue;
      points[3 * vertex] = cx + ((points[3 * vertex]! - cx) * wanted) / now;
      points[3 * vertex + 1] = cy + ((points[3 * vertex + 1]! - cy) * wanted) / now;
    }
  }
}
