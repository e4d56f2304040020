/** A copy's original is known by what the copy may have been: cut, given a border, or as it was. */
import sharp, { type Sharp } from 'sharp';
import { expect, it } from 'vitest';

import { originalHashes } from '../../../src/engine/provenance/original-hashes.ts';
import { hammingDistance, mirroredHash, perceptualHash } from '../../../src/engine/provenance/perceptual-hash.ts';
import type { Picture } from '../../../src/engine/picture.ts';

const [width, height] = [320, 240];

/** Soft spots by a formula: the same on every machine, different for each seed. */
function spots(seed: number): Picture {
  const data = new Uint8Array(width * height * 3);
  const places = Array.from({ length: 24 }, (_, k) => {
    const at = (n: number): number => (Math.sin(seed * 97 + k * 31 + n * 57) * 1e4) % 1;
    return { x: Math.abs(at(1)), y: Math.abs(at(2)), size: 0.04 + 0.12 * Math.abs(at(3)), level: 90 * at(4) };
  });
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let value = 128;
      for (const spot of places) {
        const away = ((x / width - spot.x) ** 2 + (y / height - spot.y) ** 2) / spot.size ** 2;
        value += spot.level * Math.exp(-away);
      }
      data.fill(Math.max(0, Math.min(255, value)), (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return { width, height, data };
}

async function changed(picture: Picture, change: (image: Sharp) => Sharp): Promise<Picture> {
  const image = sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: 3 } });
  const { data, info } = await change(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

const nearest = (copy: Picture, original: Picture): number =>
  Math.min(
    ...originalHashes(copy)
      .flatMap((hash) => [hash, mirroredHash(hash)])
      .map((hash) => hammingDistance(hash, perceptualHash(original))),
  );

it.each<readonly [string, (image: Sharp) => Sharp]>([
  ['as it was', (image) => image],
  ['mirrored', (image) => image.flop()],
  ['a tenth cut all round', (image) => image.extract({ left: 32, top: 24, width: 256, height: 192 })],
  ['a fifth cut at one side', (image) => image.extract({ left: 64, top: 0, width: 256, height })],
  ['a tenth cut at two sides', (image) => image.extract({ left: 0, top: 24, width: 288, height: 216 })],
  ['between bars', (image) => image.extend({ top: 70, bottom: 70, background: '#000' })],
  [
    'small on a large card',
    (image) => image.extend({ top: 40, bottom: 120, left: 150, right: 60, background: '#888' }),
  ],
])('a copy is near to its original, and far from another: %s', async (_, change) => {
  const [one, other] = [spots(1), spots(2)];
  const copy = await changed(one, change);
  expect(nearest(copy, one)).toBeLessThanOrEqual(9);
  expect(nearest(copy, other)).toBeGreaterThan(14);
});

it('of one colour there is nothing to know it by', () => {
  expect(originalHashes({ width, height, data: new Uint8Array(width * height * 3).fill(90) })).toEqual([]);
});
