/** Finds who stands before the background, for parallax: the people in a picture, as the segmentation sees them. */
import type { Box, Face } from './face/face.ts';
import type { FaceNetworks } from './face/networks.ts';
import { personMask } from './face/segmentation.ts';
import type { Picture } from '../picture.ts';

/** Shares of the picture: less is nobody, more leaves no background. */
const [least, most] = [0.015, 0.85];
/** Share from which a look at one face alone is believed. */
const certain = 0.85;
/** Others get their turn on this thread in between. */
const rowsAtOnce = 200;

/**
 * Share of a person in each pixel, 0 to 1; undefined where there is nobody, or nobody can be parted from what is behind. The
 * network knows head and shoulders best, so that each face is looked at once more by itself.
 */
export async function findSubject(
  photo: Picture,
  faces: readonly Face[],
  networks: FaceNetworks,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  const { width, height } = photo;
  const mask = await personMask(photo, { x: 0, y: 0, width, height }, networks, { signal });
  for (const face of faces) {
    const box = around(face, photo);
    const person = await personMask(photo, box, networks, { signal });
    for (let y = 0; y < box.height; y += 1) {
      if (y % rowsAtOnce === 0) await new Promise(setImmediate);
      for (let x = 0; x < box.width; x += 1) {
        const at = (box.y + y) * width + box.x + x;
        const near = person[y * box.width + x]!;
        // What only one of the two looks half believes is a rock beside a shoulder.
        mask[at] = Math.max(mask[at]!, near > certain ? near : (near + mask[at]!) / 2);
      }
    }
  }
  let pixels = 0;
  for (let i = 0; i < mask.length; i += 16) if (mask[i]! > 0.5) pixels += 16;
  const part = pixels / mask.length;
  return part >= least && part <= most ? mask : undefined;
}

/** Head and shoulders. */
function around({ box }: Face, { width, height }: Picture): Box {
  const left = Math.max(0, Math.floor(box.x - 0.9 * box.width));
  const top = Math.max(0, Math.floor(box.y - 0.9 * box.height));
  const right = Math.min(width, Math.ceil(box.x + 1.9 * box.width));
  const bottom = Math.min(height, Math.ceil(box.y + 2.4 * box.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}
