/** How long an animation should take: figures measured on two CPU cores, with everything that runs side by side. */
import type { Size } from '../size.ts';
import type { Face } from './face/face.ts';
import type { PreparedMotion } from './prepare-motion.ts';
import type { AnimateRequest } from './request.ts';

export interface PredictionFacts {
  readonly request: AnimateRequest;
  readonly photo: Size;
  readonly moving: readonly Face[];
  readonly motion: PreparedMotion;
  readonly enlargement: number;
  readonly smoothing: number;
  readonly output: Size;
  readonly frames: number;
}

/** Seconds of work; a million pixels is the unit of every picture. */
const costs = {
  /** Layers, meshes and threads, once. */
  start: 1.5,
  /** Drawing and measuring a frame of a head, for each million pixels of a square around it. */
  head: 0.09,
  /** The least that a frame with a face takes. */
  face: 0.012,
  /** Copying and encoding a frame. */
  frame: 0.03,
  camera: 0.04,
  smooth: 0.6,
  enlarge: 11,
  /** Following a clip and listening to a voice, for each frame. */
  follow: 0.03,
  listen: 0.004,
} as const;

export function predictSeconds(facts: PredictionFacts): number {
  const { request, photo, moving, motion, enlargement, smoothing, output, frames } = facts;
  const million = (size: Size): number => (size.width * size.height) / 1e6;
  const heads = moving.reduce((sum, { box }) => {
    const side = 2.2 * Math.max(box.width, box.height) * enlargement;
    return sum + costs.face + (costs.head * Math.min(side * side, 1e6 * million(output))) / 1e6;
  }, 0);
  const drawn = motion.frames * (request.motion.kind === 'none' ? 0 : heads);
  const kind = request.motion.kind;
  const found = kind === 'clip' ? costs.follow : kind === 'speech' ? costs.listen : 0;
  const whole = million(output) * frames;
  return (
    costs.start +
    drawn +
    whole * costs.frame +
    (request.camera === 'none' ? 0 : whole * costs.camera) +
    (smoothing > 1 && kind !== 'none' ? million(output) * (frames - motion.frames) * costs.smooth : 0) +
    (enlargement > 1 ? million(photo) * costs.enlarge : 0) +
    motion.frames * found
  );
}
