/**
 * Fills the parts of a picture that nobody has seen: smoothly, by a pyramid of averages (push-pull, Gortler et al. 1996), or
 * with texture, by mirroring what lies beyond the nearest edge. Only a thin ring is ever looked at.
 */
import type { Picture } from '../../picture.ts';
import { smoothStep } from '../smooth-step.ts';

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

/** Bilinear from the level above, where a pixel is not wholly known. Written out: half of making a portrait ready is spent here. */
function fillFrom({ width, height, colour, weight }: Level, coarse: Level): void {
  const from = coarse.colour;
  for (let y = 0; y < height; y++) {
    const cy = Math.min(coarse.height - 1, Math.max(0, (y - 0.5) / 2));
    const y0 = cy | 0;
    const fy = cy - y0;
    const above = y0 * coarse.width;
    const below = Math.min(coarse.height - 1, y0 + 1) * coarse.width;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const known = weight[i]!;
      if (known >= 1) continue;
      const cx = Math.min(coarse.width - 1, Math.max(0, (x - 0.5) / 2));
      const x0 = cx | 0;
      const x1 = Math.min(coarse.width - 1, x0 + 1);
      const fx = cx - x0;
      const [a, b, c, d] = [3 * (above + x0), 3 * (above + x1), 3 * (below + x0), 3 * (below + x1)];
      for (let k = 0; k < 3; k++) {
        const top = from[a + k]! + fx * (from[b + k]! - from[a + k]!);
        const bottom = from[c + k]! + fx * (from[d + k]! - from[c + k]!);
        const value = top + fy * (bottom - top);
        colour[3 * i + k] = colour[3 * i + k]! * known + value * (1 - known);
      }
      weight[i] = 1;
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
  const placeX = new Int16Array(known.length);
  const placeY = new Int16Array(known.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (known[i] === 0) continue;
      nearest[i] = i;
      placeX[i] = x;
      placeY[i] = y;
    }
  }
  const take = (i: number, x: number, y: number, other: number): void => {
    if (nearest[other]! < 0) return;
    const dx = x - placeX[other]!;
    const dy = y - placeY[other]!;
    const ox = x - placeX[i]!;
    const oy = y - placeY[i]!;
    if (nearest[i]! >= 0 && dx * dx + dy * dy >= ox * ox + oy * oy) return;
    nearest[i] = nearest[other]!;
    placeX[i] = placeX[other]!;
    placeY[i] = placeY[other]!;
  };
  for (const dy of [-1, 1]) {
    for (let row = 0; row < height; row++) {
      const y = dy < 0 ? row : height - 1 - row;
      const hasNext = y + dy >= 0 && y + dy < height;
      for (const dx of [-1, 1]) {
        for (let column = 0; column < width; column++) {
          const x = dx < 0 ? column : width - 1 - column;
          const i = y * width + x;
          if (known[i] !== 0) continue;
          const hasSide = x + dx >= 0 && x + dx < width;
          if (hasSide) take(i, x, y, i + dx);
          if (!hasNext) continue;
          take(i, x, y, i + dy * width);
          if (hasSide) take(i, x, y, i + dy * width + dx);
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
