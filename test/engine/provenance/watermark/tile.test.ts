/** The tile and what it is made with, against sums done the long way. */
import { expect, it } from 'vitest';

import { boxMean } from '../../../../src/engine/provenance/watermark/box-mean.ts';
import { emptySpectrum, placeOf, transform } from '../../../../src/engine/provenance/watermark/fourier.ts';
import { bands, layoutOf, ring } from '../../../../src/engine/provenance/watermark/layout.ts';
import { makeTile, shotMove, tileSide } from '../../../../src/engine/provenance/watermark/tile.ts';

const key = Buffer.alloc(32, 3);
const payload = '00112233aabb';

it('a wave becomes the two frequencies that it is, and back', () => {
  const spectrum = emptySpectrum(16);
  for (let y = 0; y < 16; y++) {
    for (let x = 0; x < 16; x++) spectrum.re[y * 16 + x] = Math.cos((2 * Math.PI * (3 * x - 2 * y)) / 16);
  }
  const wave = spectrum.re.slice();
  transform(spectrum);
  const found = [...spectrum.re.keys()].filter((i) => Math.hypot(spectrum.re[i]!, spectrum.im[i]!) > 1e-9);
  expect(found.toSorted((a, b) => a - b)).toEqual([placeOf(16, 3, -2), placeOf(16, -3, 2)].toSorted((a, b) => a - b));
  expect(spectrum.re[placeOf(16, 3, -2)]).toBeCloseTo(128, 9);
  transform(spectrum, true);
  for (const [i, value] of wave.entries()) expect(spectrum.re[i]! / 256).toBeCloseTo(value, 9);
});

it('a box mean is the mean of what lies in the box', () => {
  const [width, height, radius] = [7, 5, 2];
  const values = Float32Array.from({ length: width * height }, (_, i) => (i * 37) % 19);
  const means = boxMean(values, width, height, radius);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const near = [...values].filter(
        (_, i) => Math.abs((i % width) - x) <= radius && Math.abs(Math.floor(i / width) - y) <= radius,
      );
      expect(means[y * width + x]).toBeCloseTo(near.reduce((sum, value) => sum + value, 0) / near.length, 4);
    }
  }
});

it('every frequency of the ring has one use, a quarter of them to be found by', () => {
  const { sync, data, all } = layoutOf(key);
  const places = new Set(all.map(({ kx, ky }) => `${kx} ${ky}`));
  expect(places.size).toBe(all.length);
  expect(sync.length / all.length).toBeCloseTo(0.25, 2);
  expect(sync.length + data.length).toBe(all.length);
  for (const { kx, ky, band } of all) {
    expect(Math.hypot(kx, ky)).toBeGreaterThanOrEqual(ring.from);
    expect(Math.hypot(kx, ky)).toBeLessThanOrEqual(ring.to);
    expect(places.has(`${-kx} ${-ky}`)).toBe(false);
    expect(band).toBeGreaterThanOrEqual(0);
    expect(band).toBeLessThan(bands);
  }
});

it('has mean 0, deviation 1, and its energy in the ring', () => {
  const tile = makeTile({ key, payload });
  expect(tile.reduce((sum, value) => sum + value, 0) / tile.length).toBeCloseTo(0, 1);
  expect(tile.reduce((sum, value) => sum + value * value, 0) / tile.length).toBeCloseTo(1, 6);
  const spectrum = { re: tile.slice(), im: new Float64Array(tile.length), side: 256 };
  transform(spectrum);
  let inside = 0;
  for (const { kx, ky } of layoutOf(key).all) {
    const at = placeOf(256, kx, ky);
    inside += 2 * (spectrum.re[at]! ** 2 + spectrum.im[at]! ** 2);
  }
  expect(inside / tile.length ** 2).toBeGreaterThan(0.95);
});

it('another payload shares the frequencies to be found by, another key shares nothing', () => {
  const spectrumOf = (watermark: { key: Uint8Array; payload: string }) => {
    const tile = makeTile(watermark);
    const spectrum = { re: tile, im: new Float64Array(tile.length), side: 256 };
    transform(spectrum);
    return spectrum;
  };
  const agreement = (a: ReturnType<typeof spectrumOf>, b: ReturnType<typeof spectrumOf>): number => {
    let [sum, first, second] = [0, 0, 0];
    for (const { kx, ky } of layoutOf(key).sync) {
      const at = placeOf(256, kx, ky);
      sum += a.re[at]! * b.re[at]! + a.im[at]! * b.im[at]!;
      first += a.re[at]! ** 2 + a.im[at]! ** 2;
      second += b.re[at]! ** 2 + b.im[at]! ** 2;
    }
    return sum / Math.sqrt(first * second);
  };
  const [one, same, other] = [
    { key, payload },
    { key, payload: 'ffffffff0000' },
    { key: Buffer.alloc(32, 4), payload },
  ].map(spectrumOf) as [ReturnType<typeof spectrumOf>, ReturnType<typeof spectrumOf>, ReturnType<typeof spectrumOf>];
  expect(agreement(one, same)).toBeGreaterThan(0.9);
  expect(Math.abs(agreement(one, other))).toBeLessThan(0.3);
});

it('every shot and every result has a move of its own', () => {
  const moves = [0, 1, 2].flatMap((shot) =>
    [payload, 'ffffffff0000'].map((of) => shotMove({ key, payload: of }, shot)),
  );
  expect(new Set(moves.map(({ x, y }) => `${x} ${y}`)).size).toBe(6);
  expect(shotMove({ key, payload }, 1)).toEqual(shotMove({ key, payload }, 1));
});

it('is even and grows with the root of the shorter side', () => {
  expect(tileSide({ width: 1280, height: 720 })).toBe(322);
  expect(tileSide({ width: 720, height: 1280 })).toBe(322);
  expect(tileSide({ width: 3840, height: 2880 })).toBe(644);
});
