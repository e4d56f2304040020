/**
 * How far the lids of a driving clip are shut, relative to how open they usually are: people widen or drop their eyes while
 * they speak, so the neutral frame says nothing about it, the median does.
 */
import { meshEyeAspectRatio } from '../face/eye-aspect-ratio.ts';
import { smoothStep } from '../smooth-step.ts';
import { median } from './percentile.ts';

/** The opening that counts as shut, where the clip has no blink to tell. */
const shutOpening = 0.11;
/** Eyes blink together, unless one is further shut by so much that it may be, and surely is, a wink. */
const winks = [0.28, 0.45] as const;
/** An eye that is squeezed shut looks half open to the network. */
const squeezed = 1.7;

/**
 * By frame, the subject's right eye first: 1 shut, 0 as usual, below 0 wide.
 * @param meshes head meshes of all frames.
 * @param seen whether the face was seen in each.
 */
export function lidClosures(meshes: readonly Float64Array[], seen: readonly boolean[]): (readonly [number, number])[] {
  const openings = meshes.map((mesh) => [meshEyeAspectRatio(mesh, 0), meshEyeAspectRatio(mesh, 1)] as const);
  const scales = ([0, 1] as const).map((side) => {
    const known = openings.filter((_, k) => seen[k]).map((pair) => pair[side]);
    const usual = median(known);
    const least = known.toSorted((a, b) => a - b)[Math.floor(known.length * 0.01)] ?? shutOpening;
    // The networks never quite say shut: a clip that blinks says what they say instead.
    return {
      usual,
      shut: least < 0.6 * usual ? Math.max(least + 0.015, 0.3 * usual) : Math.min(shutOpening, 0.5 * usual),
    };
  });
  return openings.map((pair) => {
    const [right, left] = pair.map((opening, side) => {
      const { usual, shut } = scales[side]!;
      const closed = (usual - opening) / (usual - shut);
      return closed > 0 ? Math.min(1, closed) : Math.max(-0.6, closed * 0.5);
    }) as [number, number];
    const alone = smoothStep(...winks, Math.abs(right - left));
    const together = (1 - alone) * 0.5 * (right + left);
    const own = (closed: number, other: number): number =>
      settled(together + alone * (closed > other ? Math.min(1, squeezed * closed) : closed));
    return [own(right, left), own(left, right)] as const;
  });
}

/** Nearly shut is shut, and the tremor of an open lid is none. */
function settled(closure: number): number {
  if (closure > 0.8) return 1;
  const size = Math.abs(closure);
  return size < 0.14 ? (closure * size) / 0.14 : closure;
}
