/** Follows one face through the frames of a clip: looks near where it was, and all over the picture when it is not there. */
import type { Picture } from '../picture.ts';
import { refineWithAttention, type PointsByVertex } from './attention-mesh.ts';
import { detectFaces } from './detector.ts';
import type { EyeShape, FacePose } from './face.ts';
import { findMesh, trackMesh, type FaceMesh } from './mesh.ts';
import type { FaceNetworks } from './networks.ts';
import { solvePose } from './pose.ts';

export interface FollowedFace extends FaceMesh {
  readonly pose: FacePose;
  readonly eyes: readonly [EyeShape, EyeShape];
  /** The lips as the closer look sees them, in picture pixels: it tells touching lips from parted ones. */
  readonly lips: PointsByVertex;
  /** Faces in the picture when this one was last looked for all over it: above 1 others were passed over. */
  readonly facesSeen: number;
}

export interface FaceFollower {
  /** The face in the next frame, or undefined where there is none. Frames must be given in order, one after another. */
  next(picture: Picture): Promise<FollowedFace | undefined>;
}

/** Below it the face is looked for anew: the network still answers with a mesh when the face has gone. */
const leastConfidence = 0.6;
/** Smaller faces in a clip carry no motion worth taking. */
const leastFace = 64;

/** Follows the largest face; a new one is chosen wherever it was lost. Rejects with `job.cancelled`. */
export function followFace(
  networks: FaceNetworks,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): FaceFollower {
  let previous: Float64Array | undefined;
  let facesSeen = 0;

  async function lookFor(picture: Picture): Promise<FaceMesh | undefined> {
    const found = await detectFaces(picture, networks, { signal, leastFace });
    facesSeen = found.length;
    for (const detection of found.toSorted((a, b) => b.width - a.width)) {
      const mesh = await findMesh(picture, detection, networks, { signal });
      if (mesh.confidence >= leastConfidence) return mesh;
    }
    return undefined;
  }

  return {
    async next(picture) {
      let mesh = previous && (await trackMesh(picture, previous, networks, { signal }));
      if (mesh === undefined || mesh.confidence < leastConfidence) mesh = await lookFor(picture);
      previous = mesh?.points;
      if (mesh === undefined) return undefined;
      const { eyes, lips } = await refineWithAttention(picture, mesh.points, networks.attention, { signal });
      return { ...mesh, pose: solvePose(networks.canonical, mesh.points), eyes, lips, facesSeen };
    },
  };
}
