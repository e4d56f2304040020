/** Follows one face through the frames of a clip: looks near where it was, and all over the picture when it is not there. */
import type { Picture } from '../../picture.ts';
import { refineWithAttention, type PointsByVertex } from './attention-mesh.ts';
import type { EyeShape, FacePose } from './face.ts';
import { findMeshes } from './find-meshes.ts';
import { trackMesh, type FaceMesh } from './mesh.ts';
import type { FaceNetworks } from './networks.ts';
import { solvePose } from './pose.ts';

export interface FollowedFace extends FaceMesh {
  readonly pose: FacePose;
  readonly eyes: readonly [EyeShape, EyeShape];
  /** The lips as the closer look sees them, in picture pixels: it tells touching lips from parted ones. */
  readonly lips: PointsByVertex;
  /** Faces in the picture when it was last looked at all over: above 1 others were passed over. */
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
/** Frames, about a second, after which the whole picture is looked at again: somebody else may have come in. */
const lookedAgainAfter = 25;

/** Follows the largest face; a new one is chosen wherever it was lost. Rejects with `job.cancelled`. */
export function followFace(
  networks: FaceNetworks,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): FaceFollower {
  let previous: Float64Array | undefined;
  let facesSeen = 0;
  let sinceLook = 0;

  /** The largest of all faces. */
  async function lookFor(picture: Picture): Promise<FaceMesh | undefined> {
    const found = await findMeshes(picture, networks, { leastConfidence, leastFace, signal });
    facesSeen = found.length;
    sinceLook = 0;
    return found.toSorted((a, b) => b.box.width - a.box.width)[0];
  }

  return {
    async next(picture) {
      let mesh = previous && (await trackMesh(picture, previous, networks, { signal }));
      sinceLook += 1;
      if (mesh === undefined || mesh.confidence < leastConfidence) mesh = await lookFor(picture);
      else if (sinceLook >= lookedAgainAfter) await lookFor(picture);
      previous = mesh?.points;
      if (mesh === undefined) return undefined;
      const { eyes, lips } = await refineWithAttention(picture, mesh.points, networks.attention, { signal });
      const { points, confidence } = mesh;
      return { points, confidence, pose: solvePose(networks.canonical, points), eyes, lips, facesSeen };
    },
  };
}
