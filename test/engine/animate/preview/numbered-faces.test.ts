/** The picture that a member chooses a face from: reduced, each face in its frame, and its number readable beside it. */
import sharp from 'sharp';
import { expect, it } from 'vitest';

import { drawNumberedFaces } from '../../../../src/engine/animate/preview/numbered-faces.ts';

const grey = (width: number, height: number) => ({ width, height, data: new Uint8Array(3 * width * height).fill(128) });
const at = (x: number, y: number, side: number, number = 1) => ({
  number,
  box: { x, y, width: side, height: side },
});

async function drawn(...given: Parameters<typeof drawNumberedFaces>) {
  const { data, info } = await sharp(await drawNumberedFaces(...given))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number): number[] => [
    ...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3),
  ];
  return { ...info, pixel };
}

it('leaves the picture as it is where there is nothing to choose, but never larger than can be sent at once', async () => {
  const { width, height, pixel } = await drawn(grey(4000, 1000), []);
  expect([width, height]).toEqual([1280, 320]);
  for (const value of pixel(640, 160)) expect(Math.abs(value - 128)).toBeLessThan(3);
});

it('frames each face where it is, after reducing', async () => {
  const { pixel } = await drawn(grey(2560, 1280), [at(400, 400, 600), at(1600, 400, 600, 2)]);
  for (const edge of [pixel(200, 350), pixel(800, 350)]) {
    // Pale yellow: much red and green, less blue.
    expect(edge[0]! - edge[2]!).toBeGreaterThan(60);
    expect(edge[0]!).toBeGreaterThan(200);
  }
  for (const value of pixel(350, 350)) expect(Math.abs(value - 128)).toBeLessThan(3);
});

it.each([
  ['above its face', at(400, 400, 300), 400, 370],
  ['inside it at the upper edge', at(400, 0, 300), 400, 30],
  ['within the picture at the right edge', at(1240, 400, 300), 1250, 370],
])('puts the number %s, on a plate that can be read on a telephone', async (_where, face, x, y) => {
  const { pixel } = await drawn(grey(1280, 800), [face]);
  const around = Array.from({ length: 60 * 60 }, (_, index) => {
    const [px, py] = [x + (index % 60) - 10, y + Math.floor(index / 60) - 30];
    return px < 1280 && py >= 0 ? pixel(px, py) : [128, 128, 128];
  });
  const dark = around.filter((value) => value.every((one) => one < 90)).length;
  const light = around.filter((value) => value.every((one) => one > 230)).length;
  expect(dark).toBeGreaterThan(400);
  expect(light).toBeGreaterThan(30);
});

it('keeps the numbers of thirty small faces apart', async () => {
  const faces = Array.from({ length: 30 }, (_, index) =>
    at(20 + (index % 10) * 125, 60 + Math.floor(index / 10) * 200, 60, index + 1),
  );
  const { pixel } = await drawn(grey(1280, 700), faces);
  // Between two faces of a row there is picture left.
  for (let column = 0; column < 9; column++) {
    for (const value of pixel(20 + column * 125 + 95, 45)) expect(Math.abs(value - 128)).toBeLessThan(6);
  }
});
