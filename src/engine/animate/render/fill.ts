/**
 * Fills the parts of a picture that nobody has seen: smoothly, by a pyramid of averages (push-pull, Gortler et al. 1996), or
 * with texture, by mirroring what lies beyond the nearest edge. Only a thin ring is ever looked at.
 */
import type { Picture } from '../picture.ts';
import { smoothStep } from './planes.ts';

interface Level {
  readonly width: number;
  readonly height: number;
  readonly colour: Float32Array;
  readonly weight: Float32Array;
}

function reduce(from: Level): Level {
  const width = (from.width + 1) >> 1;
  const height = (from.height + 1) >> 1;
  const to = { width, height, colour: new Float32Array(width * height * 3), weight: new Float32Array(width * height) };
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < from.width; x++) {
      const i = y * from.width + x;
      const weight = from.weight[i]!;
      if (weight === 0) continue;
      const o = (y >> 1) * width + (x >> 1);
      to.weight[o]! += weight;
      for (let c = 0; c < 3; c++) to.colour[3 * o + c]! += from.colour[3 * i + c]! * weight;
    }
  }
  for (let o = 0; o < to.weight.length; o++) {
    const weight = to.weight[o]!;
    if (weight === 0) continue;
    for (let c = 0; c < 3; c++) to.colour[3 * o + c]! /= weight;
    to.weight[o] = Math.min(1, weight);
  }
  return to;
}

function fillFrom(level: Level, coarse: Level): void {
  for (let y = 0; y < level.height; y++) {
    for (let x = 0; x < level.width; x++) {
      const i = y * level.width + x;
      const weight = level.weight[i]!;
      if (weight >= 1) continue;
      const cx = Math.min(coarse.width - 1, Math.max(0, (x - 0.5) / 2));
      const cy = Math.min(coarse.height - 1, Math.max(0, (y - 0.5) / 2));
      const x0 = Math.floor(cx);
      const y0 = Math.floor(cy);
      const x1 = Math.min(coarse.width - 1, x0 + 1);
      const y1 = Math.min(coarse.height - 1, y0 + 1);
      for (let c = 0; c < 3; c++) {
        const at = (px: number, py: number): number => coarse.colour[3 * (py * coarse.width + px) + c]!;
        const top = at(x0, y0) * (1 - cx + x0) + at(x1, y0) * (cx - x0);
        const bottom = at(x0, y1) * (1 - cx + x0) + at(x1, y1) * (cx - x0);
        const value = top * (1 - cy + y0) + bottom * (cy - y0);
        level.colour[3 * i + c] = level.colour[3 * i + c]! * weight + value * (1 - weight);
      }
      level.weight[i] = 1;
    }
  }
}

/** `picture` with every pixel whose `known` is 0 filled smoothly from the others. */
export function fillSmoothly({ data, width, height }: Picture, known: Uint8Array): Picture {
  const levels: Level[] = [
    { width, height, colour: new Float32Array(width * height * 3), weight: new Float32Array(width * height) },
  ];
  const finest = levels[0]!;
  for (let i = 0; i < known.length; i++) {
    if (known[i] === 0) continue;
    finest.weight[i] = 1;
    for (let c = 0; c < 3; c++) finest.colour[3 * i + c] = data[3 * i + c]!;
  }
  let last = finest;
  while (Math.max(last.width, last.height) > 2) {
    last = reduce(last);
    levels.push(last);
  }
  for (let l = levels.length - 2; l >= 0; l--) fillFrom(levels[l]!, levels[l + 1]!);
  const filled = Uint8Array.from(data);
  for (let i = 0; i < known.length; i++) {
    if (known[i] !== 0) continue;
    for (let c = 0; c < 3; c++) filled[3 * i + c] = Math.min(255, Math.max(0, Math.round(finest.colour[3 * i + c]!)));
  }
  return { width, height, data: filled };
}

/** Index of the nearest known pixel for each pixel, by two passes that hand on vectors (Danielsson 1980); -1 for none. */
function nearestKnown(known: Uint8Array, width: number, height: number): Int32Array {
  const nearest = new Int32Array(known.length).fill(-1);
  for (let i = 0; i < known.length; i++) if (known[i] !== 0) nearest[i] = i;
  const apart = (x: number, y: number, other: number): number => {
    const dx = x - (other % width);
    const dy = y - Math.floor(other / width);
    return dx * dx + dy * dy;
  };
  const offer = (x: number, y: number, nx: number, ny: number): void => {
    if (nx < 0 || ny < 0 || nx >= width || ny >= height) return;
    const i = y * width + x;
    const other = nearest[ny * width + nx]!;
    if (other >= 0 && (nearest[i]! < 0 || apart(x, y, other) < apart(x, y, nearest[i]!))) nearest[i] = other;
  };
  for (const dy of [-1, 1]) {
    for (let row = 0; row < height; row++) {
      const y = dy < 0 ? row : height - 1 - row;
      for (const dx of [-1, 1]) {
        for (let column = 0; column < width; column++) {
          const x = dx < 0 ? column : width - 1 - column;
          if (known[y * width + x] !== 0) continue;
          offer(x, y, x + dx, y);
          offer(x, y, x, y + dy);
          offer(x, y, x - 1, y + dy);
          offer(x, y, x + 1, y + dy);
        }
      }
    }
  }
  return nearest;
}

/**
 * `picture` with its unknown pixels filled by the known ones mirrored across the nearest edge, so that paint and grain go on,
 * fading into the smooth fill at `depth` pixels from the edge.
 */
export function fillByMirror(picture: Picture, known: Uint8Array, depth: number): Picture {
  const { data, width, height } = picture;
  const smooth = fillSmoothly(picture, known).data;
  const nearest = nearestKnown(known, width, height);
  const filled = Uint8Array.from(smooth);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const edge = nearest[i]!;
      if (known[i] !== 0 || edge < 0) continue;
      const ex = edge % width;
      const ey = Math.floor(edge / width);
      const away = Math.hypot(x - ex, y - ey);
      if (away > depth) continue;
      const mx = Math.min(width - 1, Math.max(0, 2 * ex - x));
      const my = Math.min(height - 1, Math.max(0, 2 * ey - y));
      const from = known[my * width + mx] !== 0 ? my * width + mx : edge;
      const share = 1 - smoothStep(0.5 * depth, depth, away);
      for (let c = 0; c < 3; c++) {
        filled[3 * i + c] = Math.round(smooth[3 * i + c]! + share * (data[3 * from + c]! - smooth[3 * i + c]!));
      }
    }
  }
  return { width, height, data: filled };
}
