import { expect, test } from 'vitest';

import { openCamera } from '../../../../src/engine/animate/camera/camera.ts';
import { partSubject } from '../../../../src/engine/animate/camera/layered-look.ts';
import type { Picture } from '../../../../src/engine/picture.ts';

const size = { width: 32, height: 24 };
const picture: Picture = { ...size, data: new Uint8Array(32 * 24 * 3).fill(90) };
const shot = { view: { x: 16, y: 12, zoom: 1, roll: 0 } };

test('a fault fails the frame it befell, and the next is looked at', async () => {
  const camera = await openCamera({ size, threads: 1 });
  try {
    const broken = undefined as unknown as Picture;
    await expect(camera.shoot(broken, shot)).rejects.toThrow();
    expect(await camera.shoot(picture, shot)).toMatchObject(size);
  } finally {
    await camera.close();
  }
});

test('what is asked of a camera that is closed is cancelled', async () => {
  const camera = await openCamera({ size, threads: 1 });
  await camera.close();
  await expect(camera.shoot(picture, shot)).rejects.toMatchObject({ code: 'job.cancelled' });
});

test('a speck that the mask takes for a person is left in the background', () => {
  const mask = new Float32Array(200 * 150);
  const paint = (x0: number, y0: number, x1: number, y1: number): void => {
    for (let y = y0; y < y1; y++) mask.fill(1, y * 200 + x0, y * 200 + x1);
  };
  paint(60, 30, 130, 150);
  paint(170, 20, 180, 30);
  const { alpha } = partSubject({ width: 200, height: 150, data: new Uint8Array(200 * 150 * 3).fill(120) }, mask);
  expect(alpha[90 * 200 + 95]).toBe(255);
  expect(alpha[25 * 200 + 175]).toBe(0);
});
