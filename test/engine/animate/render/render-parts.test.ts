import { describe, expect, test } from 'vitest';

import type { Picture } from '../../../../src/engine/picture.ts';
import { colourAt, cutOut } from '../../../../src/engine/animate/render/cutting.ts';
import { fillByMirror, fillSmoothly } from '../../../../src/engine/animate/render/fill.ts';
import { partLayers } from '../../../../src/engine/animate/render/matte.ts';
import { depthIn, openingBetween } from '../../../../src/engine/animate/render/opening.ts';
import { boxBlur, distanceToZero } from '../../../../src/engine/animate/render/planes.ts';
import { drawTriangles, type Region } from '../../../../src/engine/animate/render/raster.ts';
import { measureStretch, visibleFolds } from '../../../../src/engine/animate/render/stretch.ts';
import { makeTexture } from '../../../../src/engine/animate/render/texture.ts';

/** Random pixels, the same every time. */
function noisePicture(width: number, height: number): Picture {
  let state = 7;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width, height, data };
}

/** Something with fine and coarse detail: waves and grain, as a photograph has them. */
function wavyPicture(width: number, height: number): Picture {
  const noise = noisePicture(width, height);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const grain = noise.data[(y * width + x) * 3]! / 12;
      const value = 110 + 40 * Math.sin(0.9 * x + 0.4 * y) + 30 * Math.sin(0.3 * x - 1.3 * y) + grain;
      data.fill(Math.round(value), (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return { width, height, data };
}

/** Variance of the Laplacian of the green channel, away from the border. */
function sharpness({ width, height, data }: Picture): number {
  const values: number[] = [];
  for (let y = 8; y < height - 8; y++) {
    for (let x = 8; x < width - 8; x++) {
      const at = (dx: number, dy: number): number => data[((y + dy) * width + x + dx) * 3 + 1]!;
      values.push(4 * at(0, 0) - at(1, 0) - at(-1, 0) - at(0, 1) - at(0, -1));
    }
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

describe('texture and rasteriser', () => {
  const size = { width: 64, height: 48 };
  const box = { x: 0, y: 0, ...size };
  /** Two triangles over the whole picture, moved by an affine map. */
  function drawn(picture: Picture, move: (x: number, y: number) => readonly [number, number], alpha = 1): Picture {
    const texture = makeTexture(picture, new Float32Array(size.width * size.height).fill(alpha), box);
    const corners = [
      [-1, -1],
      [size.width, -1],
      [-1, size.height],
      [size.width, size.height],
    ] as const;
    const from = Float64Array.from(corners.flatMap(([x, y]) => [x, y, 0]));
    const to = Float64Array.from(corners.flatMap(([x, y]) => [...move(x, y), 0]));
    const rgb = new Uint8ClampedArray(picture.data.length).fill(99);
    const plate = { ...size, data: new Uint8Array(picture.data.length).fill(50) };
    const region: Region = { box, plate, layers: new Uint8Array(size.width * size.height) };
    const shade = new Float32Array(4).fill(1);
    drawTriangles({ ...size, rgb }, region, { texture, from, to, shade }, Uint16Array.of(0, 1, 2, 2, 1, 3), {
      side: 'both',
      layer: 1,
      skipStill: false,
    });
    return { ...size, data: new Uint8Array(rgb) };
  }

  test('every second sample of the texture is the photograph', () => {
    const picture = noisePicture(64, 48);
    const { rgba, width } = makeTexture(picture, new Float32Array(64 * 48).fill(1), box);
    for (let y = 0; y < 48; y++) {
      for (let x = 0; x < 64; x++) {
        const at = (2 * y * width + 2 * x) * 4;
        expect([...rgba.subarray(at, at + 3)]).toEqual([
          ...picture.data.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3),
        ]);
      }
    }
  });

  test('what has not moved is the photograph to the bit', () => {
    const picture = noisePicture(64, 48);
    expect(drawn(picture, (x, y) => [x, y]).data).toEqual(picture.data);
  });

  test('whole pixels are moved to the bit', () => {
    const picture = noisePicture(64, 48);
    const moved = drawn(picture, (x, y) => [x + 3, y + 2]);
    for (let y = 2; y < 47; y++) {
      const [to, from] = [(y * 64 + 3) * 3, (y - 2) * 64 * 3];
      expect(moved.data.subarray(to, to + 60 * 3)).toEqual(picture.data.subarray(from, from + 60 * 3));
    }
  });

  test.each([0.25, 0.5, 0.75])(
    'a shift by %s pixels keeps 80 percent of the sharpness and adds none to speak of',
    (shift) => {
      const picture = wavyPicture(64, 48);
      const kept = sharpness(drawn(picture, (x, y) => [x + shift, y + shift])) / sharpness(picture);
      expect(kept).toBeGreaterThan(0.85);
      expect(kept).toBeLessThan(1.15);
    },
  );

  test('a ramp that is moved is the ramp, moved', () => {
    const data = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => 20 + 3 * (Math.floor(i / 3) % 64));
    const moved = drawn({ ...size, data }, (x, y) => [x + 0.4, y]);
    for (let x = 8; x < 56; x++)
      expect(Math.abs(moved.data[(20 * 64 + x) * 3]! - (20 + 3 * (x - 0.4)))).toBeLessThan(1.2);
  });

  test('where the person is not, the plate shows', () => {
    expect(new Set(drawn(noisePicture(64, 48), (x, y) => [x + 1, y], 0).data)).toEqual(new Set([50]));
  });

  test('triangles that are turned over are the back, and only drawn as that', () => {
    const picture = noisePicture(64, 48);
    const texture = makeTexture(picture, new Float32Array(64 * 48).fill(1), box);
    const from = Float64Array.of(10, 10, 0, 30, 10, 0, 10, 30, 0);
    const to = Float64Array.of(10, 10, 0, 10, 30, 0, 30, 10, 0);
    const drawing = { texture, from, to, shade: new Float32Array(3).fill(1) };
    const drawn = (side: 'front' | 'back'): boolean => {
      const canvas = { ...size, rgb: new Uint8ClampedArray(64 * 48 * 3) };
      const region: Region = { box, plate: picture, layers: new Uint8Array(64 * 48) };
      drawTriangles(canvas, region, drawing, Uint16Array.of(0, 1, 2), { side, layer: 1, skipStill: true });
      return canvas.rgb.some((value) => value > 0);
    };
    expect([drawn('front'), drawn('back')]).toEqual([false, true]);
  });
});

describe('stretch and folds', () => {
  /** Ten by ten squares of ten pixels, each of two triangles. */
  const points = Float64Array.from({ length: 121 }, (_, i) => i).reduce<number[]>((list, i) => {
    list.push(10 * (i % 11), 10 * Math.floor(i / 11), 0);
    return list;
  }, []);
  const skin = Uint16Array.from({ length: 100 }, (_, i) => i).reduce<number[]>((list, i) => {
    // Numbered so that no corner is one of a lid's.
    const a = Math.floor(i / 10) * 11 + (i % 10);
    list.push(a, a + 1, a + 11, a + 1, a + 12, a + 11);
    return list;
  }, []);
  const rig = { rest: Float64Array.from(points), skin: Uint16Array.from(skin) };
  const open = [false, false] as const;

  test('nothing moved: 1 and no fold; all twice as wide: 2', () => {
    expect(measureStretch(rig, rig.rest, open)).toEqual({ stretch: 1, turned: [] });
    const wide = rig.rest.map((value, i) => (i % 3 === 0 ? 2 * value : value));
    expect(measureStretch(rig, wide, open).stretch).toBeCloseTo(2, 9);
  });

  test('a part that is pulled counts by its area: two percent are seen, a hair is not', () => {
    const pulled = (fromRow: number, times: number): number => {
      const now = rig.rest.map((value, i) => {
        if (i % 3 !== 1) return value;
        return value <= fromRow ? value : fromRow + (value - fromRow) * times;
      });
      return measureStretch(rig, now, open).stretch;
    };
    expect(pulled(90, 3)).toBeCloseTo(3, 6);
    expect(pulled(100, 3)).toBe(1);
  });

  test('a corner pulled over its neighbours turns triangles over, and they show unless something lies on them', () => {
    const now = Float64Array.from(rig.rest);
    const corner = 3 * (5 * 11 + 5);
    now[corner] = now[corner]! - 25;
    const pulled = measureStretch(rig, now, open);
    expect(pulled.turned.length).toBeGreaterThan(0);
    const box = { x: 0, y: 0, width: 101, height: 101 };
    const plate = { width: 101, height: 101, data: new Uint8Array(0) };
    const region = (layer: number): Region => ({ box, plate, layers: new Uint8Array(101 * 101).fill(layer) });
    expect(visibleFolds(pulled, region(3), 3)).toBe(pulled.turned.length);
    expect(visibleFolds(pulled, region(2), 3)).toBe(0);
  });
});

describe('filling', () => {
  const hole = (width: number, height: number): Uint8Array =>
    Uint8Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return x > 12 && x < 26 && y > 10 && y < 22 ? 0 : 1;
    });

  test('a hole in one colour is that colour, and nothing known is touched', () => {
    const plain: Picture = { width: 40, height: 32, data: new Uint8Array(40 * 32 * 3).fill(140) };
    const known = hole(40, 32);
    expect(fillSmoothly(plain, known).data).toEqual(plain.data);
    const picture = noisePicture(40, 32);
    for (const filled of [fillSmoothly(picture, known), fillByMirror(picture, known, 8)]) {
      known.forEach((value, i) => {
        if (value === 1) {
          expect(filled.data.subarray(3 * i, 3 * i + 3)).toEqual(picture.data.subarray(3 * i, 3 * i + 3));
        }
      });
    }
  });

  test('the mirrored fill has as much texture near its edge as what it mirrors; the smooth one has none', () => {
    const picture = noisePicture(40, 32);
    const known = hole(40, 32);
    const roughness = ({ data }: Picture): number => {
      let sum = 0;
      for (let x = 15; x < 24; x++) sum += Math.abs(data[(12 * 40 + x) * 3]! - data[(12 * 40 + x - 1) * 3]!);
      return sum;
    };
    expect(roughness(fillByMirror(picture, known, 12))).toBeGreaterThan(3 * roughness(fillSmoothly(picture, known)));
  });
});

describe('planes and openings', () => {
  test('a blur keeps the sum of what is inside and a constant as it is', () => {
    expect(new Set(boxBlur(new Float32Array(200).fill(3), 20, 10, 2, 2))).toEqual(new Set([3]));
    const point = new Float32Array(21 * 21);
    point[10 * 21 + 10] = 1;
    const blurred = boxBlur(point, 21, 21, 2);
    expect(blurred[10 * 21 + 12]).toBeCloseTo(1 / 25, 6);
    expect(blurred[10 * 21 + 13]).toBeCloseTo(0, 6);
    expect(blurred.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  test('distances to one point are those of the plane, within the eight percent of a chamfer', () => {
    const mask = new Uint8Array(41 * 41).fill(1);
    mask[20 * 41 + 20] = 0;
    const distance = distanceToZero(mask, 41, 41);
    for (const [x, y] of [
      [20, 20],
      [30, 20],
      [5, 33],
      [40, 40],
    ] as const) {
      const true_ = Math.hypot(x - 20, y - 20);
      expect(Math.abs(distance[y * 41 + x]! - true_)).toBeLessThanOrEqual(0.085 * true_ + 1e-6);
    }
  });

  test('depth in an opening: half its height in the middle, 0 at the edges, below 0 outside and beyond the ends', () => {
    const opening = openingBetween(
      [
        [-2, 0],
        [-1, -0.5],
        [0, -0.5],
        [1, -0.5],
        [2, 0],
      ],
      [
        [-2, 0],
        [-1, 0.5],
        [0, 0.5],
        [1, 0.5],
        [2, 0],
      ],
    );
    expect(depthIn(opening, 0, 0)).toBeCloseTo(0.5, 2);
    expect(depthIn(opening, 0, 0.5)).toBeCloseTo(0, 2);
    expect(depthIn(opening, 0, -0.8)).toBeCloseTo(-0.3, 2);
    expect(depthIn(opening, 2.5, 0)).toBeLessThan(-0.4);
  });

  test('colours between pixels are means, and beyond the border the border', () => {
    const picture: Picture = {
      width: 2,
      height: 2,
      data: Uint8Array.of(0, 0, 0, 100, 100, 100, 200, 200, 200, 40, 40, 40),
    };
    expect(colourAt(picture, 0.5, 0, [0, 0, 0])).toEqual([50, 50, 50]);
    expect(colourAt(picture, 0.5, 0.5, [0, 0, 0])).toEqual([85, 85, 85]);
    expect(colourAt(picture, -4, -4, [0, 0, 0])).toEqual([0, 0, 0]);
    const cut = cutOut(picture, { x: -1, y: 0, width: 4, height: 2 });
    expect([0, 3, 6, 9].map((i) => cut.data[i])).toEqual([0, 0, 100, 100]);
  });
});

test('the matte keeps the person, drops specks that hang on nobody, and leaves the background as it is', () => {
  const [width, height] = [120, 100];
  const data = new Uint8Array(width * height * 3).fill(200);
  const mask = new Float32Array(width * height);
  const face = new Uint8Array(width * height);
  const paint = (x0: number, y0: number, x1: number, y1: number): void => {
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        mask[y * width + x] = 1;
        data.fill(60, (y * width + x) * 3, (y * width + x) * 3 + 3);
      }
    }
  };
  paint(40, 30, 80, 90);
  paint(4, 4, 14, 14);
  for (let y = 45; y < 60; y++) face.fill(1, y * width + 50, y * width + 70);
  const { alpha, plate } = partLayers({ width, height, data }, mask, face, { grow: 3, feather: 4 });
  expect(alpha[60 * width + 60]).toBeCloseTo(1, 3);
  expect(alpha[60 * width + 100]).toBe(0);
  expect(alpha[9 * width + 9]).toBe(0);
  // Behind the edge of the person lies the background's colour, not the person's.
  expect(plate.data[(60 * width + 42) * 3]).toBeGreaterThan(180);
  for (const [x, y] of [
    [100, 60],
    [9, 9],
  ] as const) {
    expect(plate.data[(y * width + x) * 3]).toBe(data[(y * width + x) * 3]);
  }
});
