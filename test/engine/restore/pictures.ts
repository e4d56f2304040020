/** Pictures with a closed form, sampled anywhere, so that a picture moved by half a pixel is known exactly. */
import type { Frame } from '../../../src/engine/frame.ts';
import { type Rational, rational } from '../../../src/engine/rational.ts';

/** Colour at a place, 0..255 each; places are pixel centres, (0, 0) the first. */
export type Scene = (x: number, y: number) => readonly [number, number, number];

export function paint(scene: Scene, width: number, height: number, time: Rational = rational(0)): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      data.set(
        scene(x, y).map((level) => Math.max(0, Math.min(255, Math.round(level)))),
        (y * width + x) * 3,
      );
    }
  }
  return { format: 'rgb24', data, width, height, time };
}

export function moved(scene: Scene, dx: number, dy: number): Scene {
  return (x, y) => scene(x - dx, y - dy);
}

/** The same numbers for the same seed, 0..1. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Soft coloured blobs, with nothing finer than `finest` pixels across, over an area somewhat larger than given. */
export function blobs(width: number, height: number, seed = 1, finest = 4): Scene {
  const next = random(seed);
  const list = Array.from({ length: 60 }, () => ({
    x: (next() * 1.4 - 0.2) * width,
    y: (next() * 1.4 - 0.2) * height,
    size: finest * (1 + 3 * next()),
    colour: [next() * 2 - 1, next() * 2 - 1, next() * 2 - 1].map((level) => 90 * level),
  }));
  return (x, y) => {
    const sum = [128, 128, 128];
    for (const blob of list) {
      const weight = Math.exp(-((x - blob.x) ** 2 + (y - blob.y) ** 2) / (2 * blob.size ** 2));
      for (let c = 0; c < 3; c += 1) sum[c]! += blob.colour[c]! * weight;
    }
    return sum as unknown as readonly [number, number, number];
  };
}

/** Independent noise around a grey, the same for the same seed. */
export function noise(seed: number, deviation = 40): Scene {
  const next = random(seed);
  return () => {
    const level = 128 + deviation * 3.46 * (next() - 0.5);
    return [level, level, level];
  };
}

/** Peak signal to noise ratio of 8-bit pictures in dB, over a border of `inset` pixels left out; Infinity for equal ones. */
export function psnr(a: Frame, b: Frame, inset = 0): number {
  if (a.width !== b.width || a.height !== b.height) throw new RangeError('pictures of different sizes');
  let sum = 0;
  let count = 0;
  for (let y = inset; y < a.height - inset; y += 1) {
    for (let i = (y * a.width + inset) * 3; i < (y * a.width + a.width - inset) * 3; i += 1) {
      sum += (a.data[i]! - b.data[i]!) ** 2;
      count += 1;
    }
  }
  return 10 * Math.log10((255 ** 2 * count) / sum);
}

export function maxDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((most, level, index) => Math.max(most, Math.abs(level - b[index]!)), 0);
}

/** Plain mixture of two frames, `phase` of the second. */
export function blend(a: Frame, b: Frame, phase: number): Frame {
  return { ...a, data: a.data.map((level, index) => Math.round(level * (1 - phase) + b.data[index]! * phase)) };
}
