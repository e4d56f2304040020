/**
 * Makes a folded picture's frequencies comparable: those of each band equally strong whatever the picture was, and none by far
 * the strongest. A mark has the same strength in all of them; what stands out is the picture.
 */
import { placeOf, type Spectrum } from './fourier.ts';
import { bands, type Layout } from './layout.ts';

/** Where a frequency is cut, for a mean power of 1 in its band and the two beside it. */
const most = 1.3;

/** Changes the frequencies of the ring, in place. */
export function evenSpectrum({ re, im, side }: Spectrum, { all }: Layout): void {
  const power = new Float64Array(bands);
  const count = new Float64Array(bands);
  for (const { kx, ky, band } of all) {
    const at = placeOf(side, kx, ky);
    power[band]! += re[at]! ** 2 + im[at]! ** 2;
    count[band]! += 1;
  }
  const means = power.map((_, band) => {
    const near = [band - 1, band, band + 1].filter((other) => other >= 0 && other < bands);
    const total = near.reduce((sum, other) => sum + power[other]!, 0);
    return Math.sqrt(total / near.reduce((sum, other) => sum + count[other]!, 0));
  });
  for (const { kx, ky, band } of all) {
    const at = placeOf(side, kx, ky);
    const opposite = placeOf(side, -kx, -ky);
    const divisor = Math.max(means[band]!, Math.hypot(re[at]!, im[at]!) / most);
    const gain = divisor > 0 ? 1 / divisor : 0;
    re[at] = re[opposite] = re[at]! * gain;
    im[at]! *= gain;
    im[opposite] = -im[at]!;
  }
}
