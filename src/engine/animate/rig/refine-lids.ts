/** Moves the lids of a mesh to where the eye model sees them, and the skin next to them along, so that nothing folds. */
import type { CanonicalFace } from '../face/canonical.ts';
import type { EyeShape } from '../face/face.ts';
import { eyeRegions } from '../face/regions.ts';

/** Share of the way: the eye model is the sharper of the two, the mesh the steadier. */
const trust = 0.8;
/** Eye models that differ by more than this share of an eye's width have lost the eye. */
const mostApart = 0.3;

/** Changes `points` (x y z triples in picture space) in place. */
export function refineLids(canonical: CanonicalFace, points: Float64Array, eyes: readonly [EyeShape, EyeShape]): void {
  eyeRegions.forEach(({ outer, inner }, side) => {
    const { lids } = eyes[side]!;
    const width = Math.hypot(points[3 * outer]! - points[3 * inner]!, points[3 * outer + 1]! - points[3 * inner + 1]!);
    const shifts = new Map<number, readonly [number, number]>();
    for (const [vertex, [x, y]] of lids) {
      shifts.set(vertex, [x - points[3 * vertex]!, y - points[3 * vertex + 1]!]);
    }
    if ([...shifts.values()].some(([x, y]) => Math.hypot(x, y) > mostApart * width)) return;
    const beside = new Map<number, [x: number, y: number, count: number]>();
    for (const [vertex, [x, y]] of shifts) {
      for (const other of canonical.neighbours[vertex]!) {
        if (shifts.has(other)) continue;
        const sum = beside.get(other) ?? [0, 0, 0];
        beside.set(other, [sum[0] + x, sum[1] + y, sum[2] + 1]);
      }
    }
    const move = (vertex: number, x: number, y: number): void => {
      points[3 * vertex]! += trust * x;
      points[3 * vertex + 1]! += trust * y;
    };
    for (const [vertex, [x, y, count]] of beside) move(vertex, (0.5 * x) / count, (0.5 * y) / count);
    for (const [vertex, [x, y]] of shifts) move(vertex, x, y);
  });
}
