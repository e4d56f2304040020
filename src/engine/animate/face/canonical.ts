/**
 * The canonical face: MediaPipe's mesh of 468 points in centimetres, with its triangles and the weighted
 * landmarks that find a head's pose. Read out of the package of assets that the catalogue installs.
 */
import { readFile } from 'node:fs/promises';

import { LumiereError } from '../../errors.ts';
import { installModel } from '../../model/install.ts';
import { meshPoints } from './face.ts';
import { eyeRegions, lips } from './regions.ts';
import { readFields, readVarint, type WireField } from './wire-format.ts';

export interface CanonicalFace {
  /** x y z triples: x to the viewer's right, y down, z away from the viewer, in centimetres. */
  readonly points: Float64Array;
  /** Corners of all 898 triangles, three by three. */
  readonly triangles: readonly number[];
  /** The triangles without those that fill the eyes and the mouth. */
  readonly skin: readonly number[];
  /** Triangles over the eyeballs, the subject's right eye first. */
  readonly eyeFills: readonly [readonly number[], readonly number[]];
  /** Triangles between the lips. */
  readonly mouthFill: readonly number[];
  /** The face's outline: 36 points, each joined to the next and the last to the first. */
  readonly oval: readonly number[];
  /** Points that hold still in a face that moves, with their weights. */
  readonly landmarks: readonly (readonly [index: number, weight: number])[];
  /** The point that each one becomes in a mirror. */
  readonly mirror: readonly number[];
  /** The points that share an edge with each. */
  readonly neighbours: readonly (readonly number[])[];
}

/** Where the face lies in the package of assets. */
const from = 3_737_848;
const to = 3_757_224;

/** Reads the canonical face out of `face_mesh_solution_packed_assets.data`. Throws `model.malformed` when it is not there. */
export function readCanonicalFace(bytes: Uint8Array): CanonicalFace {
  const { vertices, triangles, landmarks } = parse(bytes.subarray(from, to));
  if (vertices.length !== meshPoints * 5 || triangles.length !== 898 * 3 || landmarks.length !== 33) {
    throw malformed(`${vertices.length} numbers, ${triangles.length} corners, ${landmarks.length} landmarks`);
  }
  if (triangles.some((corner) => corner >= meshPoints) || landmarks.some(([point]) => point >= meshPoints)) {
    throw malformed('a point that there is none of');
  }
  const points = new Float64Array(meshPoints * 3);
  for (let i = 0; i < meshPoints; i += 1) {
    // Three numbers of place, then two of a texture.
    const [x, y, z] = vertices.slice(5 * i, 5 * i + 3) as [number, number, number];
    // The file's y points up and its z at the viewer.
    points.set([x, -y, -z], 3 * i);
  }
  const neighbours = neighboursOf(triangles);
  return {
    points,
    triangles,
    ...partsOf(triangles),
    oval: outlineOf(triangles),
    landmarks,
    mirror: mirrorOf(points),
    neighbours,
  };
}

/** The canonical face of the weights cache. Rejects with `model.not-installed`, `model.hash-mismatch`, `model.malformed`. */
export async function loadCanonicalFace(modelsDir: string): Promise<CanonicalFace> {
  const { files } = await installModel('canonical-face', { cacheDir: modelsDir, offline: true });
  return readCanonicalFace(await readFile(Object.values(files)[0]!));
}

/** The points within `depth` edges of `start`, each with how many edges away it lies. */
export function ringsAround(
  { neighbours }: CanonicalFace,
  start: readonly number[],
  depth: number,
): ReadonlyMap<number, number> {
  const rings = new Map(start.map((point) => [point, 0]));
  let edge: readonly number[] = start;
  for (let ring = 1; ring <= depth; ring += 1) {
    const next = [...new Set(edge.flatMap((point) => neighbours[point]!))].filter((point) => !rings.has(point));
    for (const point of next) rings.set(point, ring);
    edge = next;
  }
  return rings;
}

const malformed = (detail: string): LumiereError =>
  new LumiereError('model.malformed', { model: 'canonical-face', detail });

interface RawFace {
  readonly vertices: number[];
  readonly triangles: number[];
  readonly landmarks: [number, number][];
}

/** The message's field 1 is the mesh (its field 3 holds the vertices, 4 the corners), each field 2 one landmark. */
function parse(message: Uint8Array): RawFace {
  const face: RawFace = { vertices: [], triangles: [], landmarks: [] };
  try {
    for (const field of readFields(message)) {
      if (field.number === 1 && field.bytes) parseMesh(field.bytes, face);
      else if (field.number === 2 && field.bytes) face.landmarks.push(parseLandmark(field.bytes));
    }
  } catch (error) {
    if (error instanceof RangeError) throw malformed(error.message);
    throw error;
  }
  return face;
}

function parseMesh(message: Uint8Array, face: RawFace): void {
  for (const { number, bytes, value } of readFields(message)) {
    if (number === 3) face.vertices.push(...(bytes ? floats(bytes) : [value]));
    else if (number === 4) face.triangles.push(...(bytes ? varints(bytes) : [value]));
  }
}

function parseLandmark(message: Uint8Array): [number, number] {
  const fields: WireField[] = [...readFields(message)];
  const valueOf = (number: number): number => fields.find((field) => field.number === number)?.value ?? 0;
  return [valueOf(1), valueOf(2)];
}

function floats(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
}

function varints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const { value, next } = readVarint(bytes, at);
    values.push(value);
    at = next;
  }
  return values;
}

/** The face is its own mirror image but for rounding: the nearest point to each one's reflection. */
function mirrorOf(points: Float64Array): number[] {
  return Array.from({ length: meshPoints }, (_, i) => {
    const [x, y, z] = [-points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!];
    let [nearest, least] = [0, Infinity];
    for (let j = 0; j < meshPoints; j += 1) {
      const dx = points[3 * j]! - x;
      if (dx * dx >= least) continue;
      const distance = dx * dx + (points[3 * j + 1]! - y) ** 2 + (points[3 * j + 2]! - z) ** 2;
      if (distance < least) [nearest, least] = [j, distance];
    }
    return nearest;
  });
}

function partsOf(triangles: readonly number[]): Pick<CanonicalFace, 'skin' | 'eyeFills' | 'mouthFill'> {
  const regions = [
    ...eyeRegions.map(({ lower, upper }) => new Set([...lower, ...upper])),
    new Set<number>([...lips.innerCorners, ...lips.innerUpper, ...lips.innerLower]),
  ];
  const parts: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = triangles.slice(t, t + 3);
    const region = regions.findIndex((points) => corners.every((corner) => points.has(corner)));
    parts[region === -1 ? 3 : region]!.push(...corners);
  }
  const [right, left, mouthFill, skin] = parts;
  return { skin, eyeFills: [right, left], mouthFill };
}

/** Edges that only one triangle has, walked from one to the next. */
function outlineOf(triangles: readonly number[]): number[] {
  const open = new Map<string, readonly [number, number]>();
  for (let t = 0; t < triangles.length; t += 3) {
    for (let k = 0; k < 3; k += 1) {
      const a = triangles[t + k]!;
      const b = triangles[t + ((k + 1) % 3)]!;
      const key = `${Math.min(a, b)}-${Math.max(a, b)}`;
      if (!open.delete(key)) open.set(key, [a, b]);
    }
  }
  const next = new Map(open.values());
  const first = next.keys().next().value!;
  const outline = [first];
  for (let point = next.get(first); point !== undefined && point !== first; point = next.get(point))
    outline.push(point);
  return outline;
}

function neighboursOf(triangles: readonly number[]): number[][] {
  const sets = Array.from({ length: meshPoints }, () => new Set<number>());
  for (let t = 0; t < triangles.length; t += 3) {
    for (let k = 0; k < 3; k += 1) {
      const a = triangles[t + k]!;
      const b = triangles[t + ((k + 1) % 3)]!;
      sets[a]!.add(b);
      sets[b]!.add(a);
    }
  }
  return sets.map((set) => [...set]);
}
