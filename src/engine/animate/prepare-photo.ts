/** Reads a photograph, finds its faces, chooses among them and cuts it to the head where that is wanted. */
import { LumiereError } from '../errors.ts';
import type { Size } from '../size.ts';
import { chooseFaces } from './face/choose-faces.ts';
import type { Box, Face } from './face/face.ts';
import { findFaces } from './face/find-faces.ts';
import type { FaceNetworks } from './face/networks.ts';
import { loadPhoto } from '../media/photo.ts';
import type { Picture } from '../picture.ts';
import type { AnimationWarning } from './report.ts';
import type { AnimateRequest } from './request.ts';
import { longestResult } from './work-enlarge.ts';
import { moveFace } from './work-geometry.ts';

export interface PreparedPhoto {
  readonly photo: Picture;
  /** Of the file, upright. */
  readonly original: Size;
  readonly faces: readonly Face[];
  readonly chosen: readonly Face[];
  readonly warnings: readonly AnimationWarning[];
}

/** A face takes this share of a picture that is cut to its head. */
const faceShare = 0.45;
/** Longest side of the picture in which faces are looked for: in a small result they may be too small to be seen. */
const lookedAt = 1920;

/**
 * Without a motion no face is needed: then those that are there are only what the camera keeps in view, and cutting to a
 * head that is not there cuts nothing. Rejects as `loadPhoto`, `findFaces` and `chooseFaces` do.
 */
export async function preparePhoto(
  path: string,
  request: AnimateRequest,
  networks: FaceNetworks,
  signal: AbortSignal,
): Promise<PreparedPhoto> {
  const { crop } = request;
  const longestSide = Math.max(request.longestSide, lookedAt);
  const { photo, original, warnings } = await loadPhoto(path, { signal, longestSide });
  const faces = await findFaces(photo, networks, { signal });
  const chosen = choose(faces, request);
  const isCut = crop === 'head' && chosen.faces.length > 0;
  const whole = {
    photo,
    original,
    faces,
    chosen: chosen.faces,
    warnings: [...(isCut ? warnings.filter(({ code }) => code !== 'photo.reduced') : warnings), ...chosen.warnings],
  };
  if (isCut) return await cutToHead(path, whole, request, signal);
  return Math.max(photo.width, photo.height) > request.longestSide ? await reduce(path, whole, request, signal) : whole;
}

/** The photograph is read again at the size of the result; what is known of its faces stays. */
async function reduce(
  path: string,
  whole: PreparedPhoto,
  { longestSide }: AnimateRequest,
  signal: AbortSignal,
): Promise<PreparedPhoto> {
  const { photo, warnings } = await loadPhoto(path, { signal, longestSide });
  const factor = photo.width / whole.photo.width;
  const moved = new Map(whole.faces.map((face) => [face, moveFace(face, factor, 0, 0)]));
  const isReduced = ({ code }: AnimationWarning): boolean => code === 'photo.reduced';
  return {
    ...whole,
    photo,
    faces: whole.faces.map((face) => moved.get(face)!),
    chosen: whole.chosen.map((face) => moved.get(face)!),
    warnings: [...warnings.filter(isReduced), ...whole.warnings.filter((warning) => !isReduced(warning))],
  };
}

function choose(faces: readonly Face[], { motion, face }: AnimateRequest): ReturnType<typeof chooseFaces> {
  if (motion.kind !== 'none') return chooseFaces(faces, face);
  try {
    return { faces: chooseFaces(faces, face).faces, warnings: [] };
  } catch (error) {
    if (!(error instanceof LumiereError) || !error.code.startsWith('face.')) throw error;
    // Whoever counts the faces means one of them.
    if (typeof face === 'number' && (error.code === 'face.none' || error.code === 'face.number-unknown')) throw error;
    return { faces: [], warnings: [] };
  }
}

/** The photograph is read again, so that the head is as large as the file has it. */
async function cutToHead(
  path: string,
  whole: PreparedPhoto,
  { longestSide }: AnimateRequest,
  signal: AbortSignal,
): Promise<PreparedPhoto> {
  const { photo, original, faces, chosen } = whole;
  const box = squareAround(chosen, photo);
  const enlargeable = Math.max(original.width, original.height) / Math.max(photo.width, photo.height);
  const scale = Math.min(
    Math.max(1, enlargeable),
    longestSide / box.width,
    longestResult / Math.max(photo.width, photo.height),
  );
  let larger = photo;
  if (scale < 1 || scale > 1.05) {
    const side = Math.round(Math.max(photo.width, photo.height) * scale);
    larger = (await loadPhoto(path, { signal, longestSide: side })).photo;
  }
  const factor = larger.width / photo.width;
  const side = Math.min(larger.width, larger.height, longestSide, Math.round(box.width * factor));
  const x = Math.min(larger.width - side, Math.round(box.x * factor));
  const y = Math.min(larger.height - side, Math.round(box.y * factor));
  const data = new Uint8Array(side * side * 3);
  for (let row = 0; row < side; row += 1) {
    const from = ((y + row) * larger.width + x) * 3;
    data.set(larger.data.subarray(from, from + side * 3), row * side * 3);
  }
  const moved = new Map(faces.map((face) => [face, moveFace(face, factor, -x, -y)]));
  const isSeen = (face: Face): boolean => {
    const { box: place } = moved.get(face)!;
    return place.x + place.width > 0 && place.y + place.height > 0 && place.x < side && place.y < side;
  };
  return {
    ...whole,
    photo: { width: side, height: side, data },
    faces: faces.filter(isSeen).map((face) => moved.get(face)!),
    chosen: chosen.map((face) => moved.get(face)!),
  };
}

/** The square around the heads, with some air, as far as the picture has it; whole pixels. */
export function squareAround(faces: readonly Face[], { width, height }: Size): Box {
  const left = Math.min(...faces.map(({ box }) => box.x));
  const top = Math.min(...faces.map(({ box }) => box.y));
  const right = Math.max(...faces.map(({ box }) => box.x + box.width));
  const bottom = Math.max(...faces.map(({ box }) => box.y + box.height));
  const around = Math.max(...faces.map(({ box }) => Math.max(box.width, box.height))) * (1 / faceShare - 1);
  const side = Math.floor(Math.min(width, height, Math.max(right - left, bottom - top) + around));
  const place = (middle: number, length: number): number =>
    Math.round(Math.min(length - side, Math.max(0, middle - side / 2)));
  return { x: place((left + right) / 2, width), y: place((top + bottom) / 2, height), width: side, height: side };
}
