/** Sets the camera up for a picture: its path, its threads, and the subject it parts from the background. */
import { physicalCores } from '../model/processor.ts';
import { randomStream } from '../restore/sound/synth/noise.ts';
import { type Camera, openCamera } from './camera/camera.ts';
import { cameraPath, type CameraPath } from './camera/camera-path.ts';
import type { Face } from './face/face.ts';
import type { FaceNetworks } from './face/networks.ts';
import type { Picture } from '../picture.ts';
import type { AnimationWarning } from './report.ts';
import type { AnimateRequest } from './request.ts';
import { findSubject } from './work-subject.ts';

export interface Move {
  readonly camera: Camera;
  readonly path: CameraPath;
  /** How many pictures are looked at side by side. */
  readonly depth: number;
}

export interface MoveOptions {
  readonly photo: Picture;
  /** What the camera keeps in view; the middle of the picture where there are none. */
  readonly faces: readonly Face[];
  readonly request: Pick<AnimateRequest, 'camera' | 'seed' | 'strength'>;
  readonly loops: boolean;
  readonly seconds: number;
  readonly networks: FaceNetworks;
  readonly signal: AbortSignal;
  readonly onWarning: (warning: AnimationWarning) => void;
}

/** Nothing where the camera stands still. The caller closes the camera. */
export async function openMove(options: MoveOptions): Promise<Move | undefined> {
  const { photo, request, loops, seconds } = options;
  const { camera: move, seed, strength } = request;
  if (move === 'none') return undefined;
  const random = randomStream(seed, 'camera');
  const path = cameraPath(move, { size: photo, focus: focusOf(options), loops, seconds, strength, random });
  return { camera: await cameraFor(options), path, depth: physicalCores() + 1 };
}

function focusOf({ photo, faces }: MoveOptions): { x: number; y: number } {
  if (faces.length === 0) return { x: photo.width / 2, y: photo.height / 2 };
  const mean = (of: (face: Face) => number): number => faces.reduce((sum, face) => sum + of(face), 0) / faces.length;
  return { x: mean(({ box }) => box.x + box.width / 2), y: mean(({ box }) => box.y + box.height / 2) };
}

async function cameraFor({ photo, faces, request, networks, signal, onWarning }: MoveOptions): Promise<Camera> {
  const size = { width: photo.width, height: photo.height };
  const threads = physicalCores();
  if (request.camera !== 'parallax') return await openCamera({ size, threads });
  const mask = await findSubject(photo, faces, networks, signal);
  if (mask !== undefined) return await openCamera({ size, threads, subject: { photo, mask } });
  onWarning({ code: 'camera.no-subject', params: {} });
  return await openCamera({ size, threads });
}
