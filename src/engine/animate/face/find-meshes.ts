/** The meshes of all faces in a picture: those of the detections that the mesh network takes for faces. */
import type { Picture } from '../../picture.ts';
import { detectFaces, type Detection } from './detector.ts';
import type { Box } from './face.ts';
import { boxAround, findMesh, type FaceMesh } from './mesh.ts';
import type { FaceNetworks } from './networks.ts';

export interface BoxedMesh extends FaceMesh {
  readonly box: Box;
}

export interface FindMeshesOptions {
  /** The mesh network's word on whether it is a face, 0 to 1, from which on it is one. */
  readonly leastConfidence: number;
  /** As `detectFaces` has it. */
  readonly leastFace?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Boxes that share more than this of what they cover together are of one face. */
const sameFace = 0.5;

/** Each face once, the surest detection first. Rejects with `job.cancelled` and what the networks reject with. */
export async function findMeshes(
  picture: Picture,
  networks: FaceNetworks,
  { leastConfidence, leastFace, signal }: FindMeshesOptions,
): Promise<BoxedMesh[]> {
  const known = new Map<Detection, FaceMesh>();
  const meshOf = async (detection: Detection): Promise<FaceMesh> => {
    const mesh = known.get(detection) ?? (await findMesh(picture, detection, networks, { signal }));
    known.set(detection, mesh);
    return mesh;
  };
  const isFace = async (detection: Detection): Promise<boolean> =>
    (await meshOf(detection)).confidence >= leastConfidence;
  const meshes: BoxedMesh[] = [];
  for (const detection of await detectFaces(picture, networks, { signal, isFace, ...(leastFace && { leastFace }) })) {
    const mesh = await meshOf(detection);
    const box = boxAround(mesh.points);
    if (mesh.confidence < leastConfidence || meshes.some((other) => overlap(other.box, box) > sameFace)) continue;
    meshes.push({ ...mesh, box });
  }
  return meshes;
}

/** Area that two boxes share, as a share of what they cover together. */
function overlap(a: Box, b: Box): number {
  const shared = (at: 'x' | 'y', length: 'width' | 'height'): number =>
    Math.max(0, Math.min(a[at] + a[length], b[at] + b[length]) - Math.max(a[at], b[at]));
  const both = shared('x', 'width') * shared('y', 'height');
  return both / (a.width * a.height + b.width * b.height - both);
}
