/** A photograph with all its faces, and a frame of it: what one thread holds and does. */
import type { CanonicalFace } from '../face/canonical.ts';
import type { MotionFrame } from '../motion/track.ts';
import type { Picture } from '../../picture.ts';
import {
  drawFace,
  type DrawnFace,
  type FaceLayer,
  type FaceSetting,
  type LayerPictures,
  makeFaceLayer,
} from './face-layer.ts';

/** Everything a thread needs; large arrays are shared, the rest is copied. */
export interface SceneParts {
  readonly photo: Picture;
  readonly canonical: CanonicalFace;
  readonly faces: readonly FaceSetting[];
  readonly pictures: readonly LayerPictures[];
  readonly seed: number;
}

export interface Scene {
  readonly photo: Picture;
  readonly layers: readonly FaceLayer[];
  readonly noise: Float32Array;
}

const noiseSide = 64;

/** Sums of four uniform numbers, about normal, in -2..2; the same for the same seed (mulberry32). */
function makeNoise(seed: number): Float32Array {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Float32Array.from({ length: noiseSide * noiseSide }, () => uniform() + uniform() + uniform() + uniform() - 2);
}

export function makeScene({ photo, canonical, faces, pictures, seed }: SceneParts): Scene {
  const layers = faces.map((setting, i) => makeFaceLayer(photo, canonical, setting, pictures[i]!));
  return { photo, layers, noise: makeNoise(seed) };
}

export interface DrawnFrame {
  readonly rgb: Uint8ClampedArray<ArrayBuffer>;
  readonly faces: readonly DrawnFace[];
}

/** @param motions one for each face; undefined leaves it as it is. */
export function drawFrame({ photo, layers, noise }: Scene, motions: readonly (MotionFrame | undefined)[]): DrawnFrame {
  const { width, height } = photo;
  const rgb = new Uint8ClampedArray(photo.data.length);
  rgb.set(photo.data);
  const faces = layers.map((layer, i) => drawFace({ width, height, rgb }, layer, motions[i] ?? {}, noise));
  return { rgb, faces };
}
