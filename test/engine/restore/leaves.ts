/**
 * "Dead leaves": discs of all sizes that cover each other, the model whose spectrum and edges are those of natural pictures
 * (Matheron 1968; Lee, Mumford and Huang 2001). Sharp to the pixel, and the same for the same seed.
 */
import type { Frame } from '../../../src/engine/frame.ts';
import { rational, type Rational } from '../../../src/engine/rational.ts';
import type { GreyPicture } from '../../../src/engine/restore/inspection/thumbnail.ts';
import { random } from './pictures.ts';

/** Drawn at twice the size and averaged, so that edges are as soft as a good camera's. Levels 30..220. */
export function leaves(width: number, height: number, seed: number): GreyPicture {
  const next = random(seed);
  for (let i = 0; i < 8; i++) next();
  const [w, h] = [2 * width, 2 * height];
  const drawn = new Uint8Array(w * h).fill(125);
  const [least, most] = [2, Math.min(w, h) / 4];
  // From the back to the front, until nothing of the ground shows; radii by the law 1 / r^3 that makes every scale alike.
  for (let i = 0; i < (w * h) / 60; i++) {
    const radius = 1 / Math.sqrt(1 / least ** 2 + next() * (1 / most ** 2 - 1 / least ** 2));
    const [x, y, level] = [next() * w, next() * h, 30 + 190 * next()];
    for (let row = Math.max(0, Math.ceil(y - radius)); row < Math.min(h, y + radius); row++) {
      const half = Math.sqrt(Math.max(0, radius ** 2 - (row - y) ** 2));
      drawn.fill(level, row * w + Math.max(0, Math.ceil(x - half)), row * w + Math.min(w, Math.ceil(x + half)));
    }
  }
  const data = new Uint8Array(width * height);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      const from = 2 * row * w + 2 * column;
      data[at] = (drawn[from]! + drawn[from + 1]! + drawn[from + w]! + drawn[from + w + 1]! + 2) >> 2;
    }
  }
  return { data, width, height };
}

/** Adds noise of a standard deviation, in levels. */
export function grainy({ data, width, height }: GreyPicture, deviation: number, seed: number): GreyPicture {
  const next = random(seed);
  const noisy = Uint8Array.from(data, (level) => {
    // Four uniform numbers make a bell of deviation 1 / sqrt(3).
    const bell = (next() + next() + next() + next() - 2) * Math.sqrt(3);
    return Math.max(0, Math.min(255, Math.round(level + deviation * bell)));
  });
  return { data: noisy, width, height };
}

/** A piece of a picture, as seen by a camera that pans over it. */
export function pieceOf(picture: GreyPicture, left: number, top: number, width: number, height: number): GreyPicture {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * picture.width + left;
    data.set(picture.data.subarray(from, from + width), y * width);
  }
  return { data, width, height };
}

export function frameOf({ data, width, height }: GreyPicture, time: Rational = rational(0)): Frame {
  const rgb = new Uint8Array(data.length * 3);
  for (let i = 0; i < data.length; i++) rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = data[i]!;
  return { format: 'rgb24', data: rgb, width, height, time };
}

/** Frames as a stage takes them. */
export async function* streamOf(frames: Iterable<Frame>): AsyncGenerator<Frame> {
  for (const frame of frames) {
    await Promise.resolve();
    yield frame;
  }
}

export async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

export const quiet = { signal: new AbortController().signal };
