/** What the reader gives weight to: parts that a mark was made strong in, and no frequency that the picture itself fills. */
import { expect, it } from 'vitest';

import { evenSpectrum } from '../../../../src/engine/provenance/watermark/even-spectrum.ts';
import { emptySpectrum, placeOf } from '../../../../src/engine/provenance/watermark/fourier.ts';
import { whitenedSum } from '../../../../src/engine/provenance/watermark/grey-map.ts';
import { openKeyStream } from '../../../../src/engine/provenance/watermark/key-stream.ts';
import { bands, layoutOf } from '../../../../src/engine/provenance/watermark/layout.ts';
import { smallerLuma, smallLuma } from '../../../../src/engine/provenance/watermark/strength.ts';
import { stretched } from '../../../../src/engine/provenance/watermark/stretch.ts';

const size = { width: 320, height: 240 };
const stream = openKeyStream(Buffer.alloc(32, 3), 'test');
const noise = Float32Array.from({ length: size.width * size.height }, () => 2 * stream.unit() - 1);
const power = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0) / values.length;

it('sees the same reduced picture as the marking did', () => {
  const grey = noise.map((value) => Math.round(128 + 100 * value));
  const data = new Uint8Array(grey.length * 3).map((_, i) => grey[Math.floor(i / 3)]!);
  const marked = smallLuma({ data, ...size });
  const read = smallerLuma({ data: grey, ...size });
  expect([read.width, read.height]).toEqual([marked.width, marked.height]);
  expect(Math.max(...read.data.map((value, i) => Math.abs(value - marked.data[i]!)))).toBeLessThan(0.001);
});

it('gives the same noise more weight where it is bright, and a mark stronger, than where it is dark', () => {
  const [dark, bright] = [20, 200].map((level) =>
    whitenedSum([{ data: noise.map((value) => level + value), ...size }]),
  );
  // Roots of 0.12 and 0.55 levels, and a little of the noise itself.
  expect(Math.sqrt(power(bright!.data) / power(dark!.data))).toBeCloseTo(Math.sqrt(0.55 / 0.12), 0);
});

it('knows the strength between the parts it was set for', () => {
  const strength = { data: Float32Array.of(0, 2, 0, 2), width: 2, height: 2 };
  const across = stretched(strength, { width: 8, height: 4 });
  expect([...across.subarray(8, 16)]).toEqual([0, 0, 0.25, 0.75, 1.25, 1.75, 2, 2]);
  const down = stretched({ ...strength, data: Float32Array.of(0, 0, 2, 2) }, { width: 4, height: 8 });
  expect(Array.from({ length: 8 }, (_, y) => down[4 * y]!)).toEqual([0, 0, 0.25, 0.75, 1.25, 1.75, 2, 2]);
});

it('makes the bands equally strong and lets no frequency stand out, both halves of the spectrum alike', () => {
  const layout = layoutOf(Buffer.alloc(32, 5));
  const spectrum = emptySpectrum(64);
  for (const { kx, ky, band } of layout.all) {
    const at = placeOf(64, kx, ky);
    spectrum.re[at] = 100 * 0.7 ** band * (stream.unit() - 0.5);
    spectrum.im[at] = 100 * 0.7 ** band * (stream.unit() - 0.5);
  }
  const { kx, ky } = layout.all.find(({ band }) => band === 8)!;
  spectrum.re[placeOf(64, kx, ky)] = 1e4;
  evenSpectrum(spectrum, layout);
  const sums = new Float64Array(bands);
  const counts = new Float64Array(bands);
  let [strongest, apart] = [0, 0];
  for (const frequency of layout.all) {
    const at = placeOf(64, frequency.kx, frequency.ky);
    const opposite = placeOf(64, -frequency.kx, -frequency.ky);
    const strength = Math.hypot(spectrum.re[at]!, spectrum.im[at]!);
    strongest = Math.max(strongest, strength);
    apart = Math.max(
      apart,
      Math.abs(spectrum.re[at]! - spectrum.re[opposite]!),
      Math.abs(spectrum.im[at]! + spectrum.im[opposite]!),
    );
    sums[frequency.band]! += strength ** 2;
    counts[frequency.band]! += 1;
  }
  expect(strongest).toBeCloseTo(1.3, 6);
  expect(apart).toBe(0);
  // Those beside the one that stood out are weaker for it.
  for (const band of [2, 4, 12, 14]) expect(sums[band]! / counts[band]!).toBeGreaterThan(0.3);
});

it('leaves a spectrum without anything in it empty', () => {
  const spectrum = emptySpectrum(64);
  evenSpectrum(spectrum, layoutOf(Buffer.alloc(32, 5)));
  expect(spectrum.re.every((value) => value === 0) && spectrum.im.every((value) => value === 0)).toBe(true);
});
