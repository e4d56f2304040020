import { describe, expect, it } from 'vitest';
import { tilePicture } from '../../../../src/engine/restore/enlarge/tiles.ts';

const sizes = [
  [640, 480],
  [641, 479],
  [1, 1],
  [7, 3],
  [192, 144],
  [3840, 90],
  [90, 3840],
  [1920, 1080],
] as const;
const budgets = [4_000, 40_000, 160_000];

describe('tiles', () => {
  it.each(sizes.flatMap(([width, height]) => budgets.map((pixels) => [width, height, pixels] as const)))(
    'cover %ix%i exactly once in windows of one size inside the picture, at %i pixels',
    (width, height, pixels) => {
      const margin = 12;
      const tiling = tilePicture(width, height, pixels, margin);
      const covered = new Uint8Array(width * height);
      for (const tile of tiling.tiles) {
        expect(tile.x).toBeGreaterThanOrEqual(0);
        expect(tile.y).toBeGreaterThanOrEqual(0);
        expect(tile.x + tiling.width).toBeLessThanOrEqual(width);
        expect(tile.y + tiling.height).toBeLessThanOrEqual(height);
        // A margin on every side, but for the picture's own borders.
        expect(tile.left === 0 || tile.left - tile.x >= margin).toBe(true);
        expect(tile.top === 0 || tile.top - tile.y >= margin).toBe(true);
        expect(tile.right === width || tile.x + tiling.width - tile.right >= margin).toBe(true);
        expect(tile.bottom === height || tile.y + tiling.height - tile.bottom >= margin).toBe(true);
        for (let y = tile.top; y < tile.bottom; y += 1) {
          for (let x = tile.left; x < tile.right; x += 1) covered[y * width + x]! += 1;
        }
      }
      expect(covered.every((times) => times === 1)).toBe(true);
      expect(tiling.width * tiling.height).toBeLessThanOrEqual(Math.max(pixels, (4 * margin) ** 2));
    },
  );

  it('leaves a picture whole that fits', () => {
    expect(tilePicture(320, 240, 80_000, 16)).toEqual({
      width: 320,
      height: 240,
      tiles: [{ x: 0, y: 0, left: 0, right: 320, top: 0, bottom: 240 }],
    });
  });

  it('spends little on overlap', () => {
    const { width, height, tiles } = tilePicture(640, 480, 80_000, 16);
    expect((width * height * tiles.length) / (640 * 480)).toBeLessThan(1.35);
  });
});
