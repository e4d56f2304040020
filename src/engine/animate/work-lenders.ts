/** Further photographs of the person that moves: they lend the teeth and lids that the first one hides. */
import { LumiereError } from '../errors.ts';
import { embedFace, likeness } from './face/embedding.ts';
import type { Face } from './face/face.ts';
import { findFaces } from './face/find-faces.ts';
import type { FaceNetworks } from './face/networks.ts';
import { loadPhoto } from '../media/photo.ts';
import type { Picture } from '../picture.ts';
import type { Lender } from './render/face-layer.ts';
import type { AnimationWarning } from './report.ts';

export interface FoundLenders {
  readonly lenders: readonly Lender[];
  readonly warnings: readonly AnimationWarning[];
}

/** Different people have 0.27 to 0.52, the same in another light and mood 0.65 and more. */
const leastLikeness = 0.58;
const longestSide = 1920;

/**
 * Looks at `paths` for the person whose face in `photo` is `face`; of several faces in one the most alike is taken. Rejects as
 * `loadPhoto` does for a file that is no photograph.
 */
export async function findLenders(
  paths: readonly string[],
  photo: Picture,
  { points }: Face,
  networks: FaceNetworks,
  signal: AbortSignal,
): Promise<FoundLenders> {
  const warnings: AnimationWarning[] = [];
  const lenders: Lender[] = [];
  const own = paths.length > 0 ? await embedFace(photo, points, networks, { signal }) : undefined;
  for (const [index, path] of paths.entries()) {
    const number = index + 1;
    const other = await loadPhoto(path, { signal, longestSide }).catch((error: unknown) => {
      throw aboutTheFile(error, path);
    });
    const found: { face: Face; alike: number }[] = [];
    for (const face of await findFaces(other.photo, networks, { signal })) {
      const embedding = await embedFace(other.photo, face.points, networks, { signal });
      found.push({ face, alike: likeness(own!, embedding) });
    }
    const [best] = found.toSorted((a, b) => b.alike - a.alike);
    if (best === undefined) warnings.push({ code: 'lender.no-face', params: { number } });
    else if (best.alike < leastLikeness) warnings.push({ code: 'lender.other-person', params: { number } });
    else lenders.push({ photo: other.photo, face: best.face });
  }
  return { lenders, warnings };
}

/** The same error, saying which file it is about: there are several. */
function aboutTheFile(error: unknown, path: string): unknown {
  if (!(error instanceof LumiereError) || error.code === 'job.cancelled') return error;
  return new LumiereError(error.code, { ...error.params, path }, { cause: error });
}
