/**
 * The renderer that needs no generator: it moves the photograph's own pixels on the mesh of each face. After "Bringing
 * Portraits to Life" (Averbuch-Elor et al. 2017): warps, a synthesised inner mouth, light that follows.
 */
import { LumiereError } from '../../errors.ts';
import { physicalCores } from '../../model/processor.ts';
import type { Size } from '../../size.ts';
import { type CalledThread, callThread } from '../../thread-calls.ts';
import type { CanonicalFace } from '../face/canonical.ts';
import type { Box, Face } from '../face/face.ts';
import type { Picture } from '../../picture.ts';
import type { FaceSetting, Lender } from './face-layer.ts';
import type { Portrait, PortraitOptions, RenderedFrame } from './portrait.ts';
import { sharedPicture } from '../shared-bytes.ts';
import type { RenderCalls } from './render-calls.ts';

export interface MeshPortraitOptions extends PortraitOptions {
  readonly canonical: CanonicalFace;
  /** Share of a person, 0 to 1, for each pixel of a part of the photograph. The caller's own. */
  readonly mask: (box: Box) => Promise<Float32Array<ArrayBuffer>>;
  /** Other faces in the photograph, which stay where they are. */
  readonly others?: readonly Face[];
  /** Other photographs of the person whose face is the first: an open mouth lends teeth, closed eyes lend lids. */
  readonly lenders?: readonly Lender[];
}

/** Centimetres from a face that may move with it when nobody else is near. */
const widestReach = 26;
/** More drawing threads than this gain nothing: the encoder is the slower one. */
const mostThreads = 6;

/** How far a face's motion may reach: not as far as the next face. */
function reachOf(face: Face, all: readonly Face[]): number {
  const centre = ({ box }: Face): readonly [number, number] => [box.x + box.width / 2, box.y + box.height / 2];
  const [x, y] = centre(face);
  const distances = all
    .filter((other) => other !== face)
    .map((other) => {
      const [ox, oy] = centre(other);
      return Math.hypot(ox - x, oy - y) / face.pose.scale;
    });
  return Math.max(10, Math.min(widestReach, ...distances.map((distance) => 0.62 * distance)));
}

const sizeOf = ({ width, height }: Picture): Size => ({ width, height });

const entry = new URL('./render-thread.ts', import.meta.url);

/** Rejects with what `mask` rejects with. */
export async function openMeshPortrait(
  photo: Picture,
  faces: readonly Face[],
  { canonical, mask, others = [], lenders = [], seed, threads }: MeshPortraitOptions,
): Promise<Portrait> {
  const count = Math.max(1, Math.min(mostThreads, threads ?? physicalCores()));
  const all = [...new Set([...faces, ...others])];
  const settings: FaceSetting[] = faces.map((face, i) => ({
    face,
    reach: reachOf(face, all),
    lenders: i > 0 ? [] : lenders.map((lender) => ({ ...lender, photo: sharedPicture(lender.photo) })),
  }));
  const shared = sharedPicture(photo);
  const workers = Array.from({ length: count }, () => callThread<RenderCalls>(entry, { name: 'drawing' }));
  try {
    const pictures = await Promise.all(
      settings.map(async (setting, i) => {
        const worker = workers[i % count]!;
        const box = await worker.call('box', { size: sizeOf(photo), canonical, setting });
        const person = await mask(box);
        return worker.call('pictures', { photo: shared, canonical, setting, mask: person }, [person.buffer]);
      }),
    );
    const parts = {
      photo: shared,
      canonical,
      faces: settings,
      pictures,
      seed,
    };
    await Promise.all(workers.map((worker) => worker.call('open', { parts })));
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.close()));
    throw error;
  }
  return {
    photo,
    faces,
    parallel: count + 1,
    render: (motions, signal) => renderOn(workers, photo, motions, signal),
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

async function renderOn(
  workers: readonly CalledThread<RenderCalls>[],
  photo: Picture,
  motions: Parameters<Portrait['render']>[0],
  signal?: AbortSignal,
): Promise<RenderedFrame> {
  const checkCancelled = (): void => {
    if (signal?.aborted === true) throw new LumiereError('job.cancelled');
  };
  checkCancelled();
  const worker = workers.reduce((least, other) => (other.pending < least.pending ? other : least));
  const { rgb, faces } = await worker.call('draw', { motions });
  checkCancelled();
  return {
    picture: { ...photo, data: new Uint8Array(rgb.buffer) },
    meshes: faces.map(({ mesh }) => mesh),
    limits: faces.flatMap(({ limits }) => limits),
    folds: faces.reduce((sum, face) => sum + face.folds, 0),
    stretch: Math.max(1, ...faces.map(({ stretch }) => stretch)),
  };
}
