/** Finds the faces of a photograph: the plausible ones, each with its mesh, pose and eyes, numbered from the left. */
import type { Picture } from '../../picture.ts';
import { refineWithAttention } from './attention-mesh.ts';
import { coveredParts } from './face-cover.ts';
import type { Face } from './face.ts';
import { warningsOf } from './face-warnings.ts';
import { findMeshes } from './find-meshes.ts';
import { boxAround, carefulMesh, type FaceMesh } from './mesh.ts';
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
  const meshes = (await findMeshes(photo, networks, { leastConfidence, signal })).toSorted(
    (a, b) => b.box.width - a.box.width,
  );
  const faces: Omit<Face, 'number'>[] = [];
  for (const [rank, mesh] of meshes.entries()) {
    const face = await describe(photo, mesh, networks, { quick: rank >= carefulFaces, signal });
    if (face.confidence >= leastConfidence) faces.push(face);
  }
  const middle = ({ box }: Pick<Face, 'box'>): number => box.x + box.width / 2;
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
