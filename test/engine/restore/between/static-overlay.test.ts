import { describe, expect, it } from 'vitest';

import type { Frame } from '../../../../src/engine/frame.ts';
import { rational } from '../../../../src/engine/rational.ts';
import { watchOverlays } from '../../../../src/engine/restore/between/static-overlay.ts';
import type { GreyPicture } from '../../../../src/engine/restore/inspection/thumbnail.ts';
import { frameOf, grainy, leaves, pieceOf } from '../leaves.ts';

const [width, height] = [320, 180];
const world = leaves(520, 200, 7);
const box = { left: 200, top: 130, width: 90, height: 26 };

/** Letters of a kind: strokes four pixels wide. */
function lettered(picture: GreyPicture): GreyPicture {
  const data = Uint8Array.from(picture.data);
  for (let y = box.top; y < box.top + box.height; y++) {
    for (let x = box.left; x < box.left + box.width; x++) {
      if ((x - box.left) % 12 < 4 || (y - box.top) % 13 < 3) data[y * width + x] = 235;
    }
  }
  return { ...picture, data };
}

const pan = (k: number): GreyPicture => grainy(pieceOf(world, 5 + 5 * k, 5, width, height), 2, k + 1);
const frame = (picture: GreyPicture, k: number): Frame => frameOf(picture, rational(k, 25));

function maskAfter(pictures: readonly GreyPicture[], size = { width, height }): Uint8Array | undefined {
  const watch = watchOverlays(size);
  for (const [k, picture] of pictures.entries()) watch.see(frame(picture, k));
  return watch.mask();
}

/** Share of the letters' strokes that is marked, and of everything farther than four pixels from them. */
function covered(mask: Uint8Array): { letters: number; elsewhere: number } {
  const counts = { letters: [0, 0], elsewhere: [0, 0] };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - box.left, y - box.top];
      const inside = dx >= 0 && dy >= 0 && dx < box.width && dy < box.height;
      const near = dx >= -6 && dy >= -6 && dx < box.width + 6 && dy < box.height + 6;
      if (inside && (dx % 12 < 4 || dy % 13 < 3)) count(counts.letters, mask[y * width + x]!);
      if (!near) count(counts.elsewhere, mask[y * width + x]!);
    }
  }
  return { letters: counts.letters[0]! / counts.letters[1]!, elsewhere: counts.elsewhere[0]! / counts.elsewhere[1]! };
}

function count(into: number[], level: number): void {
  if (level > 0) into[0]!++;
  into[1]!++;
}

const range = (length: number): number[] => Array.from({ length }, (_, k) => k);

describe('static overlays', () => {
  it('are found where letters stand over a moving picture, and nowhere else', () => {
    const { letters, elsewhere } = covered(maskAfter(range(16).map((k) => lettered(pan(k))))!);
    expect(letters).toBeGreaterThan(0.85);
    expect(elsewhere).toBeLessThan(0.01);
  });

  it('are not found in a moving picture without letters', () => {
    const mask = maskAfter(range(16).map(pan));
    expect(mask ? covered(mask).elsewhere : 0).toBeLessThan(0.01);
  });

  it('are let go as soon as they vanish', () => {
    const pictures = range(17).map((k) => (k < 16 ? lettered(pan(k)) : pan(k)));
    const mask = maskAfter(pictures);
    expect(mask ? covered(mask).letters : 0).toBeLessThan(0.2);
  });

  it('are let go where something dim passes over them', () => {
    const pictures = range(17).map((k) => lettered(pan(k)));
    const shaded = pictures.map((picture, k) => ({
      ...picture,
      data: k < 16 ? picture.data : picture.data.map((level) => Math.max(0, level - 20)),
    }));
    const mask = maskAfter(shaded);
    expect(mask ? covered(mask).letters : 0).toBeLessThan(0.2);
  });

  it('are found again some frames after they change', () => {
    const pictures = range(32).map((k) => (k < 10 ? pan(k) : lettered(pan(k))));
    expect(covered(maskAfter(pictures)!).letters).toBeGreaterThan(0.85);
  });

  it('are not looked for in a still picture, which nothing would move', () => {
    expect(
      maskAfter(range(16).map((k) => grainy(lettered(pieceOf(world, 5, 5, width, height)), 2, k))),
    ).toBeUndefined();
  });

  it('come in the size asked for', () => {
    const mask = maskAfter(
      range(16).map((k) => lettered(pan(k))),
      { width: 160, height: 90 },
    );
    expect(mask).toHaveLength(160 * 90);
    expect(mask![Math.floor((box.top + 1) / 2) * 160 + Math.floor((box.left + 30) / 2)]).toBe(255);
  });
});
