/** Moves a picture by a part of a pixel, sharply: Lanczos over six samples, rows and columns apart. Pure; for worker threads. */
import type { RgbPicture } from '../inspection/grey.ts';

const lobes = 3;
const taps = 2 * lobes;

/**
 * RGB bytes of `picture` with its content moved right by `dx` and down by `dy` pixels. What comes in at the edges repeats
 * the edge. A whole-pixel move is exact.
 */
export function movePicture({ data, width, height }: RgbPicture, dx: number, dy: number): Uint8Array<ArrayBuffer> {
  const across = new Float32Array(width * height * 3);
  const alongX = lanczos(dx);
  const firstX = Math.floor(-dx) - lobes + 1;
  for (let y = 0; y < height; y++) {
    const row = y * width * 3;
    for (let x = 0; x < width; x++) {
      let [red, green, blue] = [0, 0, 0];
      for (let k = 0; k < taps; k++) {
        const from = row + 3 * Math.max(0, Math.min(width - 1, x + firstX + k));
        const weight = alongX[k]!;
        red += weight * data[from]!;
        green += weight * data[from + 1]!;
        blue += weight * data[from + 2]!;
      }
      const to = row + 3 * x;
      across[to] = red;
      across[to + 1] = green;
      across[to + 2] = blue;
    }
  }
  const moved = new Uint8ClampedArray(width * height * 3);
  const alongY = lanczos(dy);
  const firstY = Math.floor(-dy) - lobes + 1;
  const stride = width * 3;
  const sums = new Float32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < taps; k++) {
      const from = Math.max(0, Math.min(height - 1, y + firstY + k)) * stride;
      const weight = alongY[k]!;
      for (let i = 0; i < stride; i++) sums[i]! += weight * across[from + i]!;
    }
    moved.set(sums, y * stride);
  }
  return new Uint8Array(moved.buffer);
}

/** Weights of the six samples around a place that lies `-shift` from a pixel; they sum to 1. */
function lanczos(shift: number): Float32Array {
  const part = -shift - Math.floor(-shift);
  const weights = Float32Array.from({ length: taps }, (_, k) => kernel(k - lobes + 1 - part));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function kernel(x: number): number {
  if (Math.abs(x) < 1e-9) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}
