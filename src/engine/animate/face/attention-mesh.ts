/**
 * A second, closer look at lids, lips and irises by the mesh with attention (Grishchenko et al., "Attention Mesh:
 * High-fidelity Face Mesh Prediction in Real-time", 2020): one network that finds the face's points, then looks at both eyes
 * and the mouth again through crops of its own. Against edges marked by hand its lids are off by 2.7 % of an eye's width (the
 * iris network 4.2 %, the mesh 5 %) and move a quarter as much when the crop does; it alone sees lids and lips that touch. The
 * lips of a still lie 3 % of the mouth's width too high, where the mesh places them better (`models/cards/faces.md`).
 */
import type { Session } from '../../model/session.ts';
import type { Picture } from '../../picture.ts';
import { attentionEyes, attentionLips } from './attention-points.ts';
import { cutCropInTurns, fromCrop, type Crop } from './crop.ts';
import type { EyeShape } from './face.ts';
import { cropAround } from './mesh.ts';

type Point = readonly [number, number];
/** Points in picture pixels by their number in the mesh. */
export type PointsByVertex = ReadonlyMap<number, Point>;

export interface RefinedEye extends EyeShape {
  /** The other 55 points of the eye, from the crease of the lid to the brow, by their number in the mesh. */
  readonly around: PointsByVertex;
}

export interface RefinedFace {
  /** The subject's right eye first. `lids` holds the edge of both lids, as `eyeRegions` numbers it. */
  readonly eyes: readonly [RefinedEye, RefinedEye];
  /** All 80 points of the lips: outline, inner edge and the rings between, as `lips` in `regions.ts` numbers them. */
  readonly lips: PointsByVertex;
}

/** Pixels a side that the network sees. */
const side = 192;
/**
 * Crops in sizes of the mesh network's own crop. Both networks were trained on the same crops, but this one's second look
 * is sharper when the face fills more of them.
 */
const carefulSizes = [0.8, 0.87, 0.95] as const;
const quickSizes = [0.87] as const;

/** x y pairs in picture pixels, as the network orders them; what a mirrored look saw is put back. */
interface Look {
  readonly lips: Float64Array;
  readonly eyes: readonly [Float64Array, Float64Array];
  /** Middle x, y and radius. */
  readonly irises: readonly [Float64Array, Float64Array];
}

/** Each row of the lips runs from corner to corner: a mirror turns it round. */
const mirroredLips: readonly number[] = attentionLips.flatMap((row, index) => {
  const start = attentionLips.slice(0, index).reduce((sum, { length }) => sum + length, 0);
  return row.map((_, place) => start + row.length - 1 - place);
});

const outputs = [
  'output_lips',
  'output_left_eye',
  'output_right_eye',
  'output_left_iris',
  'output_right_iris',
] as const;

async function look(
  picture: Picture,
  crop: Crop,
  network: Session,
  mirrored: boolean,
  signal: AbortSignal | undefined,
): Promise<Look> {
  const data = await cutCropInTurns(picture, crop, side, mirrored);
  const feeds = { input_1: { type: 'float32', dims: [1, side, side, 3], data } } as const;
  const seen = await network.run(feeds, { outputs, ...(signal && { signal }) });
  const read = (name: (typeof outputs)[number], order?: readonly number[]): Float64Array => {
    const values = seen[name]!.data;
    const points = new Float64Array(values.length);
    for (let i = 0; i < points.length / 2; i += 1) {
      const from = 2 * (order?.[i] ?? i);
      const u = values[from]! / side;
      points.set(fromCrop(crop, mirrored ? 1 - u : u, values[from + 1]! / side), 2 * i);
    }
    return points;
  };
  // "Left" is the viewer's left: the subject's right eye. In a mirror it is the other one.
  const [right, left] = mirrored ? (['right', 'left'] as const) : (['left', 'right'] as const);
  return {
    lips: read('output_lips', mirrored ? mirroredLips : undefined),
    eyes: [read(`output_${right}_eye`), read(`output_${left}_eye`)],
    irises: [circle(read(`output_${right}_iris`)), circle(read(`output_${left}_iris`))],
  };
}

/** From the middle and the rim of an iris. */
function circle(points: Float64Array): Float64Array {
  const [x, y] = pointAt(points, 0);
  let sum = 0;
  for (let i = 2; i < points.length; i += 2) sum += Math.hypot(points[i]! - x, points[i + 1]! - y);
  return Float64Array.of(x, y, sum / (points.length / 2 - 1));
}

function mean(all: readonly Float64Array[]): Float64Array {
  return all[0]!.map((_, i) => all.reduce((sum, points) => sum + points[i]!, 0) / all.length);
}

const pointAt = (points: Float64Array, index: number): Point => [points[2 * index]!, points[2 * index + 1]!];

function byVertex(points: Float64Array, vertices: readonly number[], start = 0): PointsByVertex {
  return new Map(vertices.map((vertex, index) => [vertex, pointAt(points, start + index)]));
}

const lidPoints = 16;

function eyeOf(points: Float64Array, iris: Float64Array, vertices: readonly number[]): RefinedEye {
  return {
    iris: [iris[0]!, iris[1]!],
    irisRadius: iris[2]!,
    lids: byVertex(points, vertices.slice(0, lidPoints)),
    around: byVertex(points, vertices.slice(lidPoints), lidPoints),
  };
}

/**
 * Lids, lips and irises of a face whose mesh is known, in picture pixels, averaged over crops and their mirror images.
 * @param points 468 x y z triples in picture space, as `Face.points`.
 * @param network the mesh with attention, of `FaceNetworks`.
 * @param careful several sizes of crop, for a still; one is enough for a clip's frame. Six runs of the network, or two.
 * Rejects with `job.cancelled` and what `Session.run` rejects with.
 */
export async function refineWithAttention(
  picture: Picture,
  points: Float64Array,
  network: Session,
  { careful = false, signal }: { readonly careful?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<RefinedFace> {
  const crop = cropAround(points);
  const crops = (careful ? carefulSizes : quickSizes).map((size) => ({ ...crop, size: crop.size * size }));
  const all: Look[] = [];
  for (const each of crops) {
    for (const mirrored of [false, true]) {
      // One after another: cutting six crops at once would hold this thread for too long.
      all.push(await look(picture, each, network, mirrored, signal));
    }
  }
  const eye = (which: 0 | 1): RefinedEye =>
    eyeOf(mean(all.map(({ eyes }) => eyes[which])), mean(all.map(({ irises }) => irises[which])), attentionEyes[which]);
  return {
    eyes: [eye(0), eye(1)],
    lips: byVertex(mean(all.map(({ lips }) => lips)), attentionLips.flat()),
  };
}
