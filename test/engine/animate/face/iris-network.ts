/**
 * The edge of the lids and the iris of each eye, by MediaPipe's iris network (Ablavatski et al. 2020): a witness that knows nothing
 * of the mesh with attention.
 */
import type { Picture } from '../../../../src/engine/picture.ts';
import { cutCrop, fromCrop, type Crop } from '../../../../src/engine/animate/face/crop.ts';
import type { EyeShape } from '../../../../src/engine/animate/face/face.ts';
import type { Session } from '../../../../src/engine/model/session.ts';
import { eyeRegions, type EyeRegion } from '../../../../src/engine/animate/face/regions.ts';

/** Pixels a side that the network sees. */
const side = 64;
/** Crops in widths of the eye: the lids' edge is noisy on paintings and is averaged over them. */
const carefulSizes = [2, 2.3, 2.7] as const;
const quickSizes = [2.3] as const;
/** The network gives 71 points of the lids, then the iris: its middle and four points of its rim. */
const lidPoints = 71;

/** Both eyes of a face whose mesh is known, the subject's right one first. `careful` averages over several looks. */
export async function findEyes(
  picture: Picture,
  points: Float64Array,
  network: Session,
  { careful = false, signal }: { readonly careful?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly [EyeShape, EyeShape]> {
  const sizes = careful ? carefulSizes : quickSizes;
  const [right, left] = eyeRegions;
  return Promise.all([
    findEye(picture, points, right, { mirrored: false, sizes, network, signal }),
    findEye(picture, points, left, { mirrored: true, sizes, network, signal }),
  ]);
}

interface Look {
  /** The network knows right eyes. */
  readonly mirrored: boolean;
  readonly sizes: readonly number[];
  readonly network: Session;
  readonly signal: AbortSignal | undefined;
}

async function findEye(picture: Picture, points: Float64Array, region: EyeRegion, look: Look): Promise<EyeShape> {
  const { mirrored, sizes, network, signal } = look;
  const around = cropOfEye(points, region);
  const found = new Float64Array((lidPoints + 5) * 2);
  const looks = sizes.map(async (factor) => {
    const crop = { ...around, size: around.size * factor };
    const data = cutCrop(picture, crop, side, mirrored);
    const feeds = { input_1: { type: 'float32', dims: [1, side, side, 3], data } } as const;
    const { data: seen } = (await network.run(feeds, signal ? { signal } : {}))['Identity']!;
    for (let i = 0; i < lidPoints + 5; i += 1) {
      const u = seen[3 * i]! / side;
      const [x, y] = fromCrop(crop, mirrored ? 1 - u : u, seen[3 * i + 1]! / side);
      found[2 * i]! += x / sizes.length;
      found[2 * i + 1]! += y / sizes.length;
    }
  });
  await Promise.all(looks);
  const point = (i: number): readonly [number, number] => [found[2 * i]!, found[2 * i + 1]!];
  const rim = [1, 2, 3, 4].map((i) => point(lidPoints + i));
  const across = (a: number, b: number): number => Math.hypot(rim[a]![0] - rim[b]![0], rim[a]![1] - rim[b]![1]);
  return {
    iris: point(lidPoints),
    irisRadius: (across(0, 2) + across(1, 3)) / 4,
    lids: new Map([...region.lower, ...region.upper].map((vertex, i) => [vertex, point(i)])),
  };
}

/** The square around an eye with the width of the eye as its side, level with both eyes. */
function cropOfEye(points: Float64Array, { outer, inner }: EyeRegion): Crop {
  const [right, left] = eyeRegions;
  const at = (vertex: number): [number, number] => [points[3 * vertex]!, points[3 * vertex + 1]!];
  const [a, b, from, to] = [at(outer), at(inner), at(right.outer), at(left.outer)];
  return {
    x: (a[0] + b[0]) / 2,
    y: (a[1] + b[1]) / 2,
    size: Math.hypot(a[0] - b[0], a[1] - b[1]),
    angle: Math.atan2(to[1] - from[1], to[0] - from[0]),
  };
}
