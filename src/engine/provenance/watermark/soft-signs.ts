/** The code's signs as a found tile's evened spectrum shows them. */
import { placeOf, type Spectrum } from './fourier.ts';
import type { Layout } from './layout.ts';
import { codeLength, encodePayload } from './payload-code.ts';
import type { Move } from './sync.ts';

/** `codeLength` soft values, positive where a sign is rather 1. */
export function softSigns(
  { re, im, side }: Spectrum,
  layout: Layout,
  weights: Float64Array,
  { x, y }: Move,
  mirrored: boolean,
): Float64Array {
  const soft = new Float64Array(codeLength);
  for (const { kx, ky, band, cos, sin, signs } of layout.data) {
    const across = mirrored ? -kx : kx;
    const at = placeOf(side, across, ky);
    const turn = 2 * Math.PI * (across * x + ky * y);
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    // Back to where the tile began, then by the key's phase.
    const a = re[at]! * c - im[at]! * s;
    const b = re[at]! * s + im[at]! * c;
    soft[signs[0]]! += (a * cos + b * sin) * weights[band]!;
    soft[signs[1]]! += (b * cos - a * sin) * weights[band]!;
  }
  return soft;
}

/** How far soft values agree with those of a payload, in standard deviations of values that know nothing of it. */
export function payloadCorrelation(soft: Float64Array, payload: string): number {
  const signs = encodePayload(payload);
  let sum = 0;
  let energy = 0;
  for (const [i, value] of soft.entries()) {
    sum += value * signs[i]!;
    energy += value * value;
  }
  return energy > 0 ? sum / Math.sqrt(energy) : 0;
}
