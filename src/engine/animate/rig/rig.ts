/**
 * From an analysed face to something that can be moved: the 468 points of the mesh, and rings of points around them for hair,
 * neck and shoulders, each with its depth and with how much of the head's motion it takes part in.
 */
import type { CanonicalFace } from '../face/canonical.ts';
import { type Box, type Face, type FacePose, meshPoints } from '../face/face.ts';
import { solvePose, toHead, toPicture } from '../face/pose.ts';
import { neckPivot } from '../motion/head-on-neck.ts';
import { chin } from '../face/regions.ts';
import { smoothStep } from '../smooth-step.ts';
import type { Size } from '../../size.ts';
import { prepareStrain, type Strain } from './strain.ts';
import { refineLids } from './refine-lids.ts';
import { easeSteepEdges, unfoldOutline } from './unfold.ts';

/** Sizes of the rings around the face's outline; the last is pinned. */
const ringSizes = [1.05, 1.11, 1.18, 1.27, 1.38, 1.52, 1.7, 1.95, 2.3, 2.8, 3.5, 4.4] as const;
/** In head space, centimetres: the middle of a head. */
const headCentre = Float64Array.of(0, -1.5, 5.5);
/** Centimetres from the middle of the face within which things follow the head: all of it, nothing. */
const reachOfTurn = [16, 26] as const;

export interface Rig {
  readonly canonical: CanonicalFace;
  readonly face: Face;
  readonly pose: FacePose;
  /** x y z triples in picture space: the mesh, then the rings from the inside out. */
  readonly rest: Float64Array;
  /** The mesh in head space. */
  readonly head: Float64Array;
  /** For each point: share of the head's turns and shifts, 0 to 1. */
  readonly turns: Float64Array;
  /** Share of those that comes late: loose hair, cloth. */
  readonly loose: Float64Array;
  /** Share of the breath. */
  readonly breath: Float64Array;
  /** The mesh point whose expression it shares, and how much of it. */
  readonly follows: Int32Array;
  readonly expression: Float64Array;
  readonly skin: Uint16Array;
  readonly fills: readonly Uint16Array[];
  /** From the outside in. */
  readonly ringTriangles: Uint16Array;
  readonly strain: Strain;
  readonly pivot: Float64Array;
  /** Unit vectors in the picture: down the face, and to its right as the viewer sees it. */
  readonly down: readonly [number, number];
  readonly across: readonly [number, number];
  /** Middle of the face's outline in the picture. */
  readonly middle: readonly [number, number];
  /** All that can move, within the picture. */
  readonly box: Box;
}

/** A place in the picture, as centimetres across and down from the middle of the face. */
export function placeOf(
  { middle, across, down, pose }: Pick<Rig, 'middle' | 'across' | 'down' | 'pose'>,
  x: number,
  y: number,
): [number, number] {
  const dx = (x - middle[0]) / pose.scale;
  const dy = (y - middle[1]) / pose.scale;
  return [dx * across[0] + dy * across[1], dx * down[0] + dy * down[1]];
}

/**
 * @param reach centimetres from the face beyond which nothing moves: less than 26 where another face is near.
 */
export function buildRig(canonical: CanonicalFace, face: Face, picture: Size, reach: number = reachOfTurn[1]): Rig {
  const mesh = Float64Array.from(face.points);
  refineLids(canonical, mesh, face.eyes);
  const pose = solvePose(canonical, mesh);
  unfoldOutline(canonical, mesh);
  easeSteepEdges(canonical, mesh);
  const head = toHead(pose, mesh);
  const { rotation } = pose;
  const skin = Uint16Array.from(canonical.skin);
  const { oval } = canonical;
  const spokes = oval.length;
  const count = meshPoints + spokes * ringSizes.length;
  const middle = [0, 1].map((k) => oval.reduce((sum, v) => sum + mesh[3 * v + k]!, 0) / spokes) as [number, number];
  const length = Math.hypot(rotation[1]!, rotation[4]!);
  const down = [rotation[1]! / length, rotation[4]! / length] as const;
  const across = [down[1], -down[0]] as const;
  const frame = { middle, across, down, pose };
  const chinAt = placeOf(frame, mesh[3 * chin]!, mesh[3 * chin + 1]!)[1];
  const centreDepth = toPicture(pose, headCentre)[2]!;
  const rest = new Float64Array(3 * count);
  rest.set(mesh);
  const zeros = (): Float64Array => new Float64Array(count);
  const [turns, loose, breath, expression] = [zeros(), zeros(), zeros(), zeros()];
  const follows = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < meshPoints; i++) {
    turns[i] = 1;
    expression[i] = 1;
    breath[i] = smoothStep(chinAt - 6, chinAt + 6, placeOf(frame, mesh[3 * i]!, mesh[3 * i + 1]!)[1]);
  }
  const full = reachOfTurn[0] * Math.min(1, reach / reachOfTurn[1]);
  ringSizes.forEach((size, ring) => {
    oval.forEach((edge, spoke) => {
      const i = meshPoints + spokes * ring + spoke;
      const x = middle[0] + (mesh[3 * edge]! - middle[0]) * size;
      const y = middle[1] + (mesh[3 * edge + 1]! - middle[1]) * size;
      const [right, below] = placeOf(frame, x, y);
      const away = Math.hypot(right, below);
      const throughChin = smoothStep(0.55, 0.95, below / Math.max(1e-6, away));
      // The outline of a ball lies at the depth of its middle: it hardly moves when the ball turns.
      const inward = smoothStep(1, 1.42 - 0.2 * throughChin, size);
      const edgeDepth = mesh[3 * edge + 2]!;
      rest.set([x, y, edgeDepth + (centreDepth - edgeDepth) * inward], 3 * i);
      follows[i] = edge;
      expression[i] = 1 - smoothStep(1, 1.5, size);
      if (ring === ringSizes.length - 1) return;
      const neck = 1 - smoothStep(chinAt - 1.5, chinAt + 9, below);
      turns[i] = neck * (1 - smoothStep(full, reach, away));
      // Hair hangs loose below the ears, away from the skull.
      loose[i] = 0.85 * smoothStep(-2, 7, below) * smoothStep(1.08, 1.6, size);
      breath[i] = smoothStep(chinAt - 6, chinAt + 6, below) * (1 - smoothStep(1.1 * full, 1.15 * reach, away));
    });
  });
  return {
    canonical,
    face,
    rest,
    head,
    turns,
    loose,
    breath,
    follows,
    expression,
    skin,
    strain: prepareStrain(skin, mesh),
    fills: [...canonical.eyeFills, canonical.mouthFill].map((fill) => Uint16Array.from(fill)),
    ringTriangles: ringTriangles(oval),
    pivot: toPicture(pose, Float64Array.from(neckPivot)),
    ...frame,
    box: boxAround(rest, { turns, breath }, picture),
  };
}

function ringTriangles(oval: readonly number[]): Uint16Array {
  const spokes = oval.length;
  const point = (ring: number, spoke: number): number =>
    ring < 0 ? oval[spoke % spokes]! : meshPoints + spokes * ring + (spoke % spokes);
  const triangles: number[] = [];
  for (let ring = ringSizes.length - 2; ring >= -1; ring--) {
    for (let spoke = 0; spoke < spokes; spoke++) {
      const [a, b] = [point(ring, spoke), point(ring, spoke + 1)];
      const [c, d] = [point(ring + 1, spoke), point(ring + 1, spoke + 1)];
      triangles.push(a, c, b, b, c, d);
    }
  }
  return Uint16Array.from(triangles);
}

/** Around every point that moves and the ring after it, with two pixels to spare. */
function boxAround(
  rest: Float64Array,
  { turns, breath }: { readonly turns: Float64Array; readonly breath: Float64Array },
  { width, height }: Size,
): Box {
  const spokes = (turns.length - meshPoints) / ringSizes.length;
  let [x0, y0, x1, y1] = [width, height, 0, 0];
  for (let i = 0; i < turns.length; i++) {
    const inner = i < meshPoints + spokes ? i : i - spokes;
    if (turns[inner]! + breath[inner]! < 1e-4) continue;
    x0 = Math.min(x0, rest[3 * i]!);
    x1 = Math.max(x1, rest[3 * i]!);
    y0 = Math.min(y0, rest[3 * i + 1]!);
    y1 = Math.max(y1, rest[3 * i + 1]!);
  }
  const x = Math.max(0, Math.floor(x0) - 2);
  const y = Math.max(0, Math.floor(y0) - 2);
  return { x, y, width: Math.min(width, Math.ceil(x1) + 3) - x, height: Math.min(height, Math.ceil(y1) + 3) - y };
}
