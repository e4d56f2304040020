/** Which pixels belong to a person, by MediaPipe's selfie segmentation, over a part of a picture. */
import sharp from 'sharp';

import type { Picture } from '../../picture.ts';
import type { Box } from './face.ts';
import type { FaceNetworks } from './networks.ts';

/** Pixels a side that the network sees; whatever shape the part has, it is squeezed into them. */
const side = 256;
/** Rows are filled for so long before others get their turn on this thread. */
const turnMs = 5;

/**
 * How sure it is that a pixel belongs to a person, 0 to 1, for each pixel of `box`, row by row. `box` must have whole
 * numbers and lie within the picture; a part around head and shoulders is what the network knows best.
 */
export async function personMask(
  picture: Picture,
  box: Box,
  networks: FaceNetworks,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Float32Array<ArrayBuffer>> {
  const { width, height } = picture;
  const small = await sharp(picture.data, { raw: { width, height, channels: 3 } })
    .extract({ left: box.x, top: box.y, width: box.width, height: box.height })
    .resize(side, side, { fit: 'fill' })
    .raw()
    .toBuffer();
  const data = Float32Array.from(small, (value) => value / 255);
  const feeds = { input_1: { type: 'float32', dims: [1, side, side, 3], data } } as const;
  const outputs = await networks.segmentation.run(feeds, signal ? { signal } : {});
  return enlarge(outputs['activation_10']!.data as Float32Array, box.width, box.height);
}

async function enlarge(mask: Float32Array, width: number, height: number): Promise<Float32Array<ArrayBuffer>> {
  const out = new Float32Array(width * height);
  const place = (pixel: number, length: number): [number, number] => {
    const at = Math.min(side - 1, Math.max(0, ((pixel + 0.5) * side) / length - 0.5));
    const whole = Math.min(side - 2, Math.floor(at));
    return [whole, at - whole];
  };
  const columns = Array.from({ length: width }, (_, x) => place(x, width));
  let began = performance.now();
  for (let y = 0; y < height; y += 1) {
    if (performance.now() - began > turnMs) {
      await new Promise(setImmediate);
      began = performance.now();
    }
    const [row, fy] = place(y, height);
    for (let x = 0; x < width; x += 1) {
      const [column, fx] = columns[x]!;
      const at = row * side + column;
      const above = mask[at]! + (mask[at + 1]! - mask[at]!) * fx;
      const below = mask[at + side]! + (mask[at + side + 1]! - mask[at + side]!) * fx;
      out[y * width + x] = above + (below - above) * fy;
    }
  }
  return out;
}
