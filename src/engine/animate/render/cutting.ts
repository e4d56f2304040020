/** Cutting pieces out of a picture and reading its colours between pixels. Pixel centres lie on whole numbers. */
import type { Box } from '../face/face.ts';
import type { Picture } from '../../picture.ts';

export type Rgb = [number, number, number];

/** The part of `picture` under `box`; what lies outside repeats the border. */
export function cutOut({ data, width, height }: Picture, box: Box): Picture {
  const cut = new Uint8Array(box.width * box.height * 3);
  const left = Math.max(0, -box.x);
  const right = Math.min(box.width, width - box.x);
  for (let y = 0; y < box.height; y++) {
    const row = Math.min(height - 1, Math.max(0, y + box.y)) * width;
    const to = y * box.width;
    if (right > left) {
      cut.set(data.subarray((row + box.x + left) * 3, (row + box.x + right) * 3), (to + left) * 3);
    }
    for (let x = 0; x < box.width; x++) {
      if (x >= left && x < right) continue;
      const from = (row + Math.min(width - 1, Math.max(0, x + box.x))) * 3;
      for (let c = 0; c < 3; c++) cut[(to + x) * 3 + c] = data[from + c]!;
    }
  }
  return { width: box.width, height: box.height, data: cut };
}

/** Bilinear colour at a place, clamped to the picture, written to `out`. */
export function colourAt({ data, width, height }: Picture, x: number, y: number, out: Rgb): Rgb {
  const px = Math.min(width - 1, Math.max(0, x));
  const py = Math.min(height - 1, Math.max(0, y));
  const x0 = Math.min(width - 2, Math.floor(px));
  const y0 = Math.min(height - 2, Math.floor(py));
  const fx = px - x0;
  const fy = py - y0;
  const above = (y0 * width + x0) * 3;
  const below = above + width * 3;
  for (let c = 0; c < 3; c++) {
    const top = data[above + c]! * (1 - fx) + data[above + 3 + c]! * fx;
    const bottom = data[below + c]! * (1 - fx) + data[below + 3 + c]! * fx;
    out[c] = top * (1 - fy) + bottom * fy;
  }
  return out;
}

/** Shares of red, green and blue in luma, by Rec. 601. */
export const lumaShares = [0.299, 0.587, 0.114] as const;
const [redShare, greenShare, blueShare] = lumaShares;

/** Luma of a colour, 0 to 255. */
export const lumaOf = ([r, g, b]: Rgb): number => redShare * r + greenShare * g + blueShare * b;

/** Luma of every pixel. */
export function lumaPlane({ data, width, height }: Picture): Float32Array {
  const luma = new Float32Array(width * height);
  for (let i = 0, p = 0; i < luma.length; i++, p += 3) {
    luma[i] = redShare * data[p]! + greenShare * data[p + 1]! + blueShare * data[p + 2]!;
  }
  return luma;
}
