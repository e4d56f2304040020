/**
 * Finds faces in a picture by BlazeFace (Bazarevsky et al. 2019). The network sees 256 x 256 pixels and faces that take a
 * tenth of them or more, so a large picture with small faces is also looked at in overlapping tiles.
 */
import sharp from 'sharp';

import { LumiereError } from '../../errors.ts';
import type { Picture } from '../../picture.ts';
import type { FaceNetworks } from './networks.ts';

export interface Detection {
  /** 0 to 1. */
  readonly score: number;
  /** Middle and size of the face's box, in picture pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Right eye, left eye, nose, mouth, right ear, left ear. */
  readonly keypoints: readonly (readonly [number, number])[];
}

/** Pixels a side that the network sees. */
const side = 256;
const leastScore = 0.5;
/** A face that takes less than this of a view may have smaller neighbours that the view does not show. */
const largeShare = 0.22;
/** Tiles of fewer pixels of the photograph show no face that could be animated. */
const leastTile = 360;
/** Tiles overlap by this share, so that a face cut by one lies whole in its neighbour. */
const overlap = 0.3;

/** Middles of the anchors, in pixels of the view: two for each 16 pixels, six for each 32. */
const anchors: readonly (readonly [number, number])[] = [
  { cells: 16, each: 2 },
  { cells: 8, each: 6 },
].flatMap(({ cells, each }) =>
  Array.from({ length: cells * cells * each }, (_, i) => {
    const cell = Math.floor(i / each);
    return [(((cell % cells) + 0.5) * side) / cells, ((Math.floor(cell / cells) + 0.5) * side) / cells] as const;
  }),
);

/** A square of the picture, by its upper left corner, as the network is shown it. */
interface View {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export interface DetectOptions {
  readonly signal?: AbortSignal | undefined;
  /** Faces narrower than this many pixels need not be found; 48 when left out. */
  readonly leastFace?: number;
  /**
   * Asked of a detection so large that smaller faces would not be looked for: what is none is left out and ends nothing.
   * Every detection is taken for a face when left out.
   */
  readonly isFace?: (detection: Detection) => Promise<boolean>;
}

/** Every face found, the surest first. Rejects with `job.cancelled` and what the network and `isFace` reject with. */
export async function detectFaces(
  photo: Picture,
  networks: FaceNetworks,
  { signal, leastFace = 48, isFace }: DetectOptions = {},
): Promise<Detection[]> {
  const longest = Math.max(photo.width, photo.height);
  const whole: View = { x: (photo.width - longest) / 2, y: (photo.height - longest) / 2, size: longest };
  let found = await look(photo, [whole], networks, signal);
  for (let tile = longest / 2; tile >= leastTile && tile * largeShare > leastFace; tile /= 2) {
    // The largest face is large in what was seen last: smaller ones beside it would have been seen too.
    const [large, small] = bySize(withoutRepeats(found), largeShare * tile * 2);
    const faces: Detection[] = [];
    for (const detection of large) if (isFace === undefined || (await isFace(detection))) faces.push(detection);
    found = [...faces, ...small];
    if (faces.length > 0) break;
    found.push(...(await look(photo, tilesOf(photo, tile), networks, signal)));
  }
  return withoutRepeats(found);
}

function bySize(found: readonly Detection[], width: number): [large: Detection[], small: Detection[]] {
  return [found.filter((each) => each.width > width), found.filter((each) => each.width <= width)];
}

function tilesOf({ width, height }: Picture, size: number): View[] {
  const starts = (length: number): number[] => {
    if (length <= size) return [(length - size) / 2];
    const count = Math.ceil((length - size) / (size * (1 - overlap))) + 1;
    return Array.from({ length: count }, (_, i) => ((length - size) * i) / (count - 1));
  };
  return starts(height).flatMap((y) => starts(width).map((x) => ({ x, y, size })));
}

async function look(
  photo: Picture,
  views: readonly View[],
  networks: FaceNetworks,
  signal: AbortSignal | undefined,
): Promise<Detection[]> {
  const scale = side / views[0]!.size;
  const width = Math.max(1, Math.round(photo.width * scale));
  const height = Math.max(1, Math.round(photo.height * scale));
  const reduced = await sharp(photo.data, { raw: { width: photo.width, height: photo.height, channels: 3 } })
    .resize(width, height, { fit: 'fill' })
    .raw()
    .toBuffer();
  const found: Detection[] = [];
  for (const view of views) {
    if (signal?.aborted) throw new LumiereError('job.cancelled');
    const input = cut({ width, height, data: reduced }, Math.round(view.x * scale), Math.round(view.y * scale));
    const feeds = { input: { type: 'float32', dims: [1, side, side, 3], data: input } } as const;
    const outputs = await networks.detector.run(feeds, signal ? { signal } : {});
    const numbers = (name: string): Float32Array => outputs[name]!.data as Float32Array;
    const scores = Float32Array.of(...numbers('Identity'), ...numbers('Identity_1'));
    const boxes = Float32Array.of(...numbers('Identity_2'), ...numbers('Identity_3'));
    found.push(
      ...readDetections(scores, boxes, { x: Math.round(view.x * scale), y: Math.round(view.y * scale), scale }),
    );
  }
  return found;
}

/** A view's pixels, -1 to 1; black where it reaches over the picture's edge. */
function cut({ width, height, data }: Picture, left: number, top: number): Float32Array {
  const input = new Float32Array(side * side * 3).fill(-1);
  for (let y = Math.max(0, -top); y < Math.min(side, height - top); y += 1) {
    for (let x = Math.max(0, -left); x < Math.min(side, width - left); x += 1) {
      const from = ((y + top) * width + x + left) * 3;
      const to = (y * side + x) * 3;
      for (let k = 0; k < 3; k += 1) input[to + k] = data[from + k]! / 127.5 - 1;
    }
  }
  return input;
}

function readDetections(
  scores: Float32Array,
  boxes: Float32Array,
  view: { readonly x: number; readonly y: number; readonly scale: number },
): Detection[] {
  const found: Detection[] = [];
  for (const [i, [anchorX, anchorY]] of anchors.entries()) {
    const score = 1 / (1 + Math.exp(-scores[i]!));
    if (score < leastScore) continue;
    const number = (k: number): number => boxes[16 * i + k]!;
    const x = (k: number): number => (number(k) + anchorX + view.x) / view.scale - 0.5;
    const y = (k: number): number => (number(k) + anchorY + view.y) / view.scale - 0.5;
    const keypoints = [4, 6, 8, 10, 12, 14].map((k) => [x(k), y(k + 1)] as const);
    found.push({ score, x: x(0), y: y(1), width: number(2) / view.scale, height: number(3) / view.scale, keypoints });
  }
  return found;
}

/** One detection for each face: of those that lie on one another the surest. */
function withoutRepeats(found: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const candidate of found.toSorted((a, b) => b.score - a.score)) {
    const repeats = kept.some(
      (other) =>
        Math.abs(other.x - candidate.x) < 0.5 * Math.max(other.width, candidate.width) &&
        Math.abs(other.y - candidate.y) < 0.5 * Math.max(other.height, candidate.height),
    );
    if (!repeats) kept.push(candidate);
  }
  return kept;
}
