/**
 * Square pieces of a picture as the face networks take them: turned upright, scaled, R G B in 0..1. Points of a picture
 * have whole numbers at the middle of pixels.
 */
import type { Picture } from '../../picture.ts';
import { takeTurns } from './turns.ts';

/** A square in a picture; `angle` (radians, clockwise in the picture) is how far its own x axis is turned. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly angle: number;
}

/** More samples a side than these are taken without blending: so many of them blend well enough. */
const blendedSamples = 4;
const mostSamples = 8;

/**
 * The square as `side * side * 3` numbers. Where it shrinks, several samples are averaged for each pixel; what lies outside
 * the picture repeats its edge. `mirrored` swaps left and right.
 */
export function cutCrop(picture: Picture, crop: Crop, side: number, mirrored = false): Float32Array<ArrayBuffer> {
  const out = new Float32Array(side * side * 3);
  for (let y = 0; y < side; y += 1) cutRow(picture, crop, { side, mirrored, y }, out);
  return out;
}

/** The same without holding this thread: a crop of a large face takes many samples for each pixel. */
export async function cutCropInTurns(
  picture: Picture,
  crop: Crop,
  side: number,
  mirrored = false,
): Promise<Float32Array<ArrayBuffer>> {
  const turns = takeTurns();
  const out = new Float32Array(side * side * 3);
  for (let y = 0; y < side; y += 1) {
    if (turns.isOver()) await turns.pass();
    cutRow(picture, crop, { side, mirrored, y }, out);
  }
  return out;
}

interface CropRow {
  readonly side: number;
  readonly mirrored: boolean;
  readonly y: number;
}

function cutRow(picture: Picture, crop: Crop, { side, mirrored, y }: CropRow, out: Float32Array): void {
  const samples = Math.max(1, Math.min(mostSamples, Math.round(crop.size / side)));
  const add = samples > blendedSamples ? addNearest : addBlended;
  const cos = (Math.cos(crop.angle) * crop.size) / side;
  const sin = (Math.sin(crop.angle) * crop.size) / side;
  const share = 1 / (samples * samples * 255);
  for (let x = 0; x < side; x += 1) {
    const at = (y * side + x) * 3;
    for (let j = 0; j < samples; j += 1) {
      for (let i = 0; i < samples; i += 1) {
        const u = (mirrored ? side - 1 - x : x) + (i + 0.5) / samples - side / 2;
        const v = y + (j + 0.5) / samples - side / 2;
        add(picture, crop.x + u * cos - v * sin, crop.y + u * sin + v * cos, out, at);
      }
    }
    out[at]! *= share;
    out[at + 1]! *= share;
    out[at + 2]! *= share;
  }
}

function addNearest({ width, height, data }: Picture, x: number, y: number, out: Float32Array, at: number): void {
  const column = x < 0 ? 0 : x > width - 1 ? width - 1 : (x + 0.5) | 0;
  const row = y < 0 ? 0 : y > height - 1 ? height - 1 : (y + 0.5) | 0;
  const from = (row * width + column) * 3;
  out[at]! += data[from]!;
  out[at + 1]! += data[from + 1]!;
  out[at + 2]! += data[from + 2]!;
}

function addBlended({ width, height, data }: Picture, x: number, y: number, out: Float32Array, at: number): void {
  const left = x < 0 ? 0 : x > width - 1 ? width - 1 : x;
  const top = y < 0 ? 0 : y > height - 1 ? height - 1 : y;
  const column = left | 0;
  const row = top | 0;
  const fx = left - column;
  const fy = top - row;
  const a = (row * width + column) * 3;
  const b = column + 1 < width ? a + 3 : a;
  const down = row + 1 < height ? width * 3 : 0;
  const [wa, wb, wc, wd] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
  for (let k = 0; k < 3; k += 1) {
    out[at + k]! += data[a + k]! * wa + data[b + k]! * wb + data[a + down + k]! * wc + data[b + down + k]! * wd;
  }
}

/** The point of the picture at (u, v) of the crop, both 0 to 1 from its upper left corner. */
export function fromCrop(crop: Crop, u: number, v: number): [number, number] {
  const [cos, sin] = [Math.cos(crop.angle), Math.sin(crop.angle)];
  const x = crop.size * (u - 0.5);
  const y = crop.size * (v - 0.5);
  return [crop.x + x * cos - y * sin, crop.y + x * sin + y * cos];
}
