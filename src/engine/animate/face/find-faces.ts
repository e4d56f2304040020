/** Finds the faces of a photograph: the plausible ones, each with its mesh, pose and eyes, numbered from the left. */
import type { Picture } from '../picture.ts';
import { refineWithAttention } from './attention-mesh.ts';
import { detectFaces } from './detector.ts';
import { coveredParts } from './face-cover.ts';
import type { Box, Face } from './face.ts';
import { warningsOf } from './face-warnings.ts';
import { boxAround, carefulMesh, findMesh, type FaceMesh } from './mesh.ts';
import type { FaceNetworks } from './networks.ts';
import { solvePose } from './pose.ts';

/** Below it the mesh network says that this is no face; it caught every false detection seen. */
const leastConfidence = 0.5;
/** So many of the largest faces are looked at with all care; the others of a crowd once, and once mirrored. */
const carefulFaces = 6;

/** All faces of a photograph. Rejects with `job.cancelled` and what the networks reject with. */
export async function findFaces(
  photo: Picture,
  networks: FaceNetworks,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Face[]> {
  const meshes: (FaceMesh & { box: Box })[] = [];
  for (const detection of await detectFaces(photo, networks, { signal })) {
    const mesh = await findMesh(photo, detection, networks, { signal });
    const box = boxAround(mesh.points);
    if (mesh.confidence < leastConfidence || meshes.some((other) => overlap(other.box, box) > 0.5)) continue;
    meshes.push({ ...mesh, box });
  }
  meshes.sort((a, b) => b.box.width - a.box.width);
  const faces: Omit<Face, 'number'>[] = [];
  for (const [rank, mesh] of meshes.entries()) {
    const face = await describe(photo, mesh, networks, { quick: rank >= carefulFaces, signal });
    if (face.confidence >= leastConfidence) faces.push(face);
  }
  const middle = ({ box }: { box: Box }): number => box.x + box.width / 2;
  return faces.toSorted((a, b) => middle(a) - middle(b)).map((face, index) => ({ ...face, number: index + 1 }));
}

async function describe(
  photo: Picture,
  near: FaceMesh,
  networks: FaceNetworks,
  { quick, signal }: { readonly quick: boolean; readonly signal: AbortSignal | undefined },
): Promise<Omit<Face, 'number'>> {
  const mesh = await carefulMesh(photo, near, networks, { quick, signal });
  const { points, confidence, disagreement } = mesh;
  const { eyes } = await refineWithAttention(photo, points, networks.attention, { careful: !quick, signal });
  const pose = solvePose(networks.canonical, points);
  const covered = await coveredParts(photo, mesh, eyes, pose);
  const face = { box: boxAround(points), points, pose, eyes, confidence };
  return { ...face, warnings: warningsOf(face, { disagreement, covered }) };
}

/** Area that two boxes share, as a share of what they cover together. */
function overlap(a: Box, b: Box): number {
  const shared = (at: 'x' | 'y', length: 'width' | 'height'): number =>
    Math.max(0, Math.min(a[at] + a[length], b[at] + b[length]) - Math.max(a[at], b[at]));
  const both = shared('x', 'width') * shared('y', 'height');
  return both / (a.width * a.height + b.width * b.height - both);
}
