/** Where the neural back end looks and where it paints, each against a closed form. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { CanonicalFace } from '../../../../src/engine/animate/face/canonical.ts';
import { fromCrop } from '../../../../src/engine/animate/face/crop.ts';
import { alignToFfhq } from '../../../../src/engine/animate/neural/alignment.ts';
import { pasteBack } from '../../../../src/engine/animate/neural/paste-back.ts';
import { canonicalForTest, makeFace, plainPhoto } from './made-face.ts';

let canonical: CanonicalFace;
beforeAll(async () => {
  canonical = await canonicalForTest();
});

describe('the alignment', () => {
  test.each([
    [3, 0],
    [8, 25],
    [20, -60],
  ])('finds the square of a face of %i pixels a centimetre turned by %i degrees', (scale, roll) => {
    const [upright, turned] = [
      alignToFfhq(makeFace(canonical, { x: 500, y: 400, scale: 10 }).points),
      alignToFfhq(makeFace(canonical, { x: 200, y: 300, scale, roll }).points),
    ];
    expect(turned.size / scale).toBeCloseTo(upright.size / 10, 6);
    expect(turned.angle - upright.angle).toBeCloseTo((roll * Math.PI) / 180, 6);
    // The same place of the head, wherever the head is.
    const [dx, dy] = [(upright.x - 500) / 10, (upright.y - 400) / 10];
    const [cos, sin] = [Math.cos((roll * Math.PI) / 180), Math.sin((roll * Math.PI) / 180)];
    expect(turned.x).toBeCloseTo(200 + scale * (dx * cos - dy * sin), 4);
    expect(turned.y).toBeCloseTo(300 + scale * (dx * sin + dy * cos), 4);
  });

  test('puts the nose where FFHQ has it and leaves room for hair and chin', () => {
    const { points } = makeFace(canonical, { x: 500, y: 400, scale: 10 });
    const { x, y, size } = alignToFfhq(points);
    const inside = (vertex: number): readonly [number, number] => [
      (points[3 * vertex]! - x) / size + 0.5,
      (points[3 * vertex + 1]! - y) / size + 0.5,
    ];
    expect(Math.hypot(inside(1)[0] - 0.501, inside(1)[1] - 0.613)).toBeLessThan(0.03);
    // Forehead and chin of the mesh, well inside.
    expect(inside(10)[1]).toBeGreaterThan(0.12);
    expect(inside(152)[1]).toBeLessThan(0.95);
    // LivePortrait's own crops are 2.3 times as large as the face.
    const share = inside(152)[1] - inside(10)[1];
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.5);
  });
});

describe('pasting back', () => {
  const side = 512;
  /** Black with a white spot of 40 pixels around (u, v). */
  function spotAt(u: number, v: number): Float32Array {
    const painted = new Float32Array(3 * side * side);
    for (let row = 0; row < side; row += 1)
      for (let column = 0; column < side; column += 1)
        if (Math.hypot(column + 0.5 - u * side, row + 0.5 - v * side) < 20)
          for (let k = 0; k < 3; k += 1) painted[k * side * side + row * side + column] = 1;
    return painted;
  }

  test.each([
    [{ x: 150, y: 130, size: 160, angle: 0 }],
    [{ x: 170.3, y: 140.8, size: 130, angle: 0.7 }],
    [{ x: 160, y: 150, size: 200, angle: -2.2 }],
    // Larger than the painted picture.
    [{ x: 160, y: 150, size: 700, angle: 0.1 }],
  ])('brings a spot to its place: %o', (crop) => {
    const picture = plainPhoto(320, 300, [0, 0, 0]);
    const [u, v] = [0.55, 0.4];
    pasteBack(picture, crop, spotAt(u, v));
    let [sum, sx, sy] = [0, 0, 0];
    for (let row = 0; row < 300; row += 1)
      for (let column = 0; column < 320; column += 1) {
        const value = picture.data[3 * (row * 320 + column)]!;
        sum += value;
        sx += value * column;
        sy += value * row;
      }
    const [x, y] = fromCrop(crop, u, v);
    expect(Math.hypot(sx / sum - x, sy / sum - y)).toBeLessThan(0.1);
    // As large as the crop makes it.
    const expected = 255 * Math.PI * ((20 / side) * crop.size) ** 2;
    expect(sum / expected).toBeCloseTo(1, 1);
  });

  test('fades out towards the edge, clips what is too bright, and leaves what is outside alone', () => {
    const picture = plainPhoto(200, 200, [50, 60, 70]);
    pasteBack(picture, { x: 100, y: 100, size: 100, angle: 0 }, new Float32Array(3 * side * side).fill(1.5));
    const row = (x: number): readonly number[] => [
      ...picture.data.subarray(3 * (100 * 200 + x), 3 * (100 * 200 + x) + 3),
    ];
    expect(row(100)).toEqual([255, 255, 255]);
    expect(row(66)).toEqual([255, 255, 255]);
    expect(row(49)).toEqual([50, 60, 70]);
    const fading = Array.from({ length: 16 }, (_, index) => row(50 + index)[0]!);
    expect(fading.every((value, index) => index === 0 || value >= fading[index - 1]!)).toBe(true);
    expect(Math.max(...fading.map((value, index) => value - (fading[index - 1] ?? 50)))).toBeLessThan(25);
  });
});
