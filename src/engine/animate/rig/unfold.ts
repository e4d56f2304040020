/**
 * The mesh model wraps a cheek that is turned away: its outer strips lie behind the visible contour. Drawn as they are they
 * open a slit, or double the contour, as soon as the head turns. Each outer strip is pushed just outside the one within it.
 */
import { type CanonicalFace, ringsAround } from '../face/canonical.ts';
import { cheekEdges, noseLine } from '../face/regions.ts';

/** Strips from the outline inwards that may have to move. */
const strips = 5;
/**
 * How steeply depth may change along the picture in them. A strip that is narrow because it lies edge on would be pulled to
 * many times its width by a small turn, and there is nothing in the photograph to fill it with.
 */
const steepest = 2;

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
      if (wanted > now && now > 0.25 * width) {
        points[3 * vertex] = cx + ((points[3 * vertex]! - cx) * wanted) / now;
        points[3 * vertex + 1] = cy + ((points[3 * vertex + 1]! - cy) * wanted) / now;
      }
    }
    for (const [vertex, ring] of depth) {
      if (ring !== strip) continue;
      const within = canonical.neighbours[vertex]!.filter((other) => (depth.get(other) ?? strips + 1) > strip);
      flattenDepth(points, vertex, within);
    }
  }
}

/** Rounds in which steep edges share what they lose among their neighbours. */
const rounds = 12;

/**
 * The same for every edge inside the face: the far side of a nose or of lips in a face that is turned. Changes the depths of
 * `points` in place; a face seen from the front has hardly such an edge.
 */
export function easeSteepEdges({ neighbours }: CanonicalFace, points: Float64Array): void {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < neighbours.length; i++) {
      for (const j of neighbours[i]!) {
        if (j < i) continue;
        const away = Math.hypot(points[3 * i]! - points[3 * j]!, points[3 * i + 1]! - points[3 * j + 1]!);
        const apart = points[3 * j + 2]! - points[3 * i + 2]!;
        const excess = Math.abs(apart) - steepest * away;
        if (excess <= 0) continue;
        const share = 0.4 * excess * Math.sign(apart);
        points[3 * i + 2]! += share;
        points[3 * j + 2]! -= share;
      }
    }
  }
}

/** Brings a point's depth to where the slope to each of `others` is at most `steepest`. */
function flattenDepth(points: Float64Array, vertex: number, others: readonly number[]): void {
  const at = 3 * vertex;
  let [least, most] = [-Infinity, Infinity];
  for (const other of others) {
    const to = 3 * other;
    const away = steepest * Math.hypot(points[at]! - points[to]!, points[at + 1]! - points[to + 1]!);
    least = Math.max(least, points[to + 2]! - away);
    most = Math.min(most, points[to + 2]! + away);
  }
  if (others.length === 0) return;
  // Neighbours that disagree with each other meet in the middle.
  points[at + 2] = least > most ? (least + most) / 2 : Math.min(most, Math.max(least, points[at + 2]!));
}
