/**
 * The 468 points of a face (Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs",
 * 2019), in picture space: x right, y down, z away from the viewer, all in pixels of the picture.
 */
import type { Picture } from '../../picture.ts';
import { cutCropInTurns, fromCrop, type Crop } from './crop.ts';
import type { Detection } from './detector.ts';
import { meshPoints, type Box } from './face.ts';
import type { FaceNetworks } from './networks.ts';
import { eyeRegions, lipLandmarks } from './regions.ts';

export interface FaceMesh {
  /** `meshPoints` triples. */
  readonly points: Float64Array;
  /** Whether this is a face, by the network's own word: 0 to 1. */
  readonly confidence: number;
}

export interface CarefulMesh extends FaceMesh {
  /** Mean distance between what the network sees in the crop and in its mirror image, in pixels: large on what is no face. */
  readonly disagreement: number;
  /** Mean distance of the lips in single looks from where they are on average, in pixels: large where they are imagined. */
  readonly lipSpread: number;
}

/** Pixels a side that the network sees. */
const side = 192;
/** The crop is this much larger than the face. */
const margin = 1.5;
/** Sizes of the crops that a careful mesh is averaged over. */
const carefulSizes = [0.94, 1, 1.07] as const;

/** One look at a crop. */
export async function meshInCrop(
  picture: Picture,
  crop: Crop,
  { mesh, canonical }: FaceNetworks,
  { mirrored = false, signal }: { readonly mirrored?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<FaceMesh> {
  const data = await cutCropInTurns(picture, crop, side, mirrored);
  const feeds = {
    input_1: { type: 'float32', dims: [1, side, side, 3], data },
  } as const;
  const outputs = await mesh.run(feeds, { outputs: ['Identity_2', 'Identity_1'], ...(signal && { signal }) });
  const seen = outputs['Identity_2']!.data;
  const points = new Float64Array(meshPoints * 3);
  for (let i = 0; i < meshPoints; i += 1) {
    const from = 3 * (mirrored ? canonical.mirror[i]! : i);
    const u = seen[from]! / side;
    const [x, y] = fromCrop(crop, mirrored ? 1 - u : u, seen[from + 1]! / side);
    points.set([x, y, (seen[from + 2]! / side) * crop.size], 3 * i);
  }
  return { points, confidence: outputs['Identity_1']!.data[0]! };
}

/** The crop that the network likes best for a face whose mesh is known: eyes level, half as large again as the face. */
export function cropAround(points: Float64Array): Crop {
  const [right, left] = eyeRegions;
  const angle = Math.atan2(
    points[3 * left.outer + 1]! - points[3 * right.outer + 1]!,
    points[3 * left.outer]! - points[3 * right.outer]!,
  );
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 3) {
    const along = [points[i]! * cos + points[i + 1]! * sin, -points[i]! * sin + points[i + 1]! * cos];
    for (const k of [0, 1]) {
      low[k] = Math.min(low[k]!, along[k]!);
      high[k] = Math.max(high[k]!, along[k]!);
    }
  }
  const x = (low[0]! + high[0]!) / 2;
  const y = (low[1]! + high[1]!) / 2;
  const size = margin * Math.max(high[0]! - low[0]!, high[1]! - low[1]!);
  return { x: x * cos - y * sin, y: x * sin + y * cos, size, angle };
}

/** The crop around a detected face. */
function cropOfDetection({ x, y, width, height, keypoints }: Detection): Crop {
  const [right, left] = keypoints as [readonly [number, number], readonly [number, number]];
  const angle = Math.atan2(left[1] - right[1], left[0] - right[0]);
  return { x, y, size: margin * Math.max(width, height), angle };
}

/** The mesh of a face that was just detected: looked at, then again in the crop that the first look gave. */
export async function findMesh(
  picture: Picture,
  detection: Detection,
  networks: FaceNetworks,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FaceMesh> {
  let mesh = await meshInCrop(picture, cropOfDetection(detection), networks, { signal });
  for (let look = 0; look < 2; look += 1) mesh = await trackMesh(picture, mesh.points, networks, { signal });
  return mesh;
}

/** The mesh of a face near where it was last seen: one look, for the next frame of a clip. */
export async function trackMesh(
  picture: Picture,
  previous: Float64Array,
  networks: FaceNetworks,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FaceMesh> {
  return meshInCrop(picture, cropAround(previous), networks, { signal });
}

/**
 * The mesh of a face in a still, averaged over looks at crops of several sizes (one when `quick`) and their mirror images:
 * the noise of single looks would be in every frame that is made of it.
 */
export async function carefulMesh(
  picture: Picture,
  near: FaceMesh,
  networks: FaceNetworks,
  { quick = false, signal }: { readonly quick?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<CarefulMesh> {
  const crop = cropAround(near.points);
  const sizes = quick ? [1] : carefulSizes;
  const meshes: FaceMesh[] = [];
  for (const size of sizes) {
    for (const mirrored of [false, true]) {
      // One after another: cutting six crops at once would hold this thread for too long.
      meshes.push(await meshInCrop(picture, { ...crop, size: crop.size * size }, networks, { mirrored, signal }));
    }
  }
  const points = new Float64Array(meshPoints * 3);
  for (const mesh of meshes) for (let i = 0; i < points.length; i += 1) points[i]! += mesh.points[i]! / meshes.length;
  const middle = 2 * sizes.indexOf(1);
  const disagreement = meanDistance(meshes[middle]!.points, meshes[middle + 1]!.points);
  const confidence = (meshes[middle]!.confidence + meshes[middle + 1]!.confidence) / 2;
  const lipSpread =
    meshes.reduce((sum, mesh) => sum + meanDistance(mesh.points, points, lipLandmarks), 0) / meshes.length;
  return { points, confidence, disagreement, lipSpread };
}

/** Mean distance in the picture between the points of two meshes, in pixels. */
export function meanDistance(a: Float64Array, b: Float64Array, points?: readonly number[]): number {
  const count = points?.length ?? meshPoints;
  let sum = 0;
  for (let k = 0; k < count; k += 1) {
    const i = 3 * (points?.[k] ?? k);
    sum += Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!);
  }
  return sum / count;
}

/** The smallest box around a mesh. */
export function boxAround(points: Float64Array): Box {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 3) {
    left = Math.min(left, points[i]!);
    right = Math.max(right, points[i]!);
    top = Math.min(top, points[i + 1]!);
    bottom = Math.max(bottom, points[i + 1]!);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
