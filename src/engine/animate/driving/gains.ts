/** How much of a driver's skin motion each point of the photograph's mesh takes over. */
import { ringsAround, type CanonicalFace } from '../face/canonical.ts';
import { browRegions, eyeRegions } from '../face/regions.ts';
import type { Region } from '../request.ts';
import { smoothStep } from '../smooth-step.ts';

/** Shares on the face's outline and the two rings inside it: what moves there drags the background along. */
const outlineShares = [0.45, 0.7, 0.9] as const;
/** The chin moves with the jaw although it lies on the outline. */
const chinPoints = [152, 148, 377, 176, 400, 149, 378] as const;
const chinShare = 0.9;
/** The lids and the skin next to them are moved by how far the eye is shut instead. */
const lidShares = [0, 0.3] as const;
/** Depth is the least certain of what the mesh network sees. */
export const depthShare = 0.5;

/**
 * A share for each point, 0 to about 1.3.
 * @param head the photograph's face in head space.
 * @param mouthScale its mouth's width over the driver's.
 */
export function motionGains(
  canonical: CanonicalFace,
  head: Float64Array,
  region: Region,
  mouthScale: number,
): Float64Array {
  const gains = new Float64Array(head.length / 3);
  if (region === 'head') return gains;
  const outline = ringsAround(canonical, canonical.oval, 2);
  const lids = ringsAround(
    canonical,
    eyeRegions.flatMap(({ lower, upper }) => [...lower, ...upper]),
    1,
  );
  const brows = ringsAround(canonical, browRegions.flat(), 1);
  // Between the tip of the nose and the upper lip the face's two halves part.
  const nose = head[3 * 2 + 1]!;
  const lip = head[3 * 0 + 1]!;
  for (let i = 0; i < gains.length; i++) {
    const lower = smoothStep(nose - 0.6, lip, head[3 * i + 1]!);
    const mine = region === 'lips' ? lower : region === 'eyes' ? (brows.has(i) ? 1 : 0.3 * (1 - lower)) : 1;
    const size = 1 + (mouthScale - 1) * lower;
    const edge = outlineShares[outline.get(i) ?? outlineShares.length] ?? 1;
    const lid = lidShares[lids.get(i) ?? lidShares.length] ?? 1;
    gains[i] = mine * size * edge * lid;
  }
  if (region === 'all' || region === 'expression' || region === 'lips')
    for (const i of chinPoints) gains[i] = chinShare * mouthScale;
  return gains;
}
