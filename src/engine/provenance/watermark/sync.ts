/**
 * How far an evened spectrum agrees with the key's own pattern, and how far the tile is moved in it. In standard deviations: at any
 * one move an unmarked picture's agreement is about normal with deviation 1.
 */
import { emptySpectrum, placeOf, type Spectrum, transform } from './fourier.ts';
import { bands, type Frequency, type Layout } from './layout.ts';

/** A move in sides of the tile. */
export interface Move {
  readonly x: number;
  readonly y: number;
}

export interface Agreement extends Move {
  /** Standard deviations. */
  readonly sync: number;
}

/** Largest agreement over all moves in steps of a sample. `mirrored` looks for the tile left side right. */
export function bestMove({ re, im, side }: Spectrum, layout: Layout, mirrored: boolean): Agreement {
  const surface = emptySpectrum(side);
  let energy = 0;
  for (const { kx, ky, cos, sin } of layout.sync) {
    const at = placeOf(side, mirrored ? -kx : kx, ky);
    const [a, b] = [re[at]!, im[at]!];
    surface.re[at] = a * cos + b * sin;
    surface.im[at] = b * cos - a * sin;
    energy += a * a + b * b;
  }
  transform(surface, true);
  let best = 0;
  for (let i = 1; i < surface.re.length; i++) if (surface.re[i]! > surface.re[best]!) best = i;
  const sync = energy > 0 ? surface.re[best]! / Math.sqrt(energy / 2) : 0;
  return { sync, x: (best % side) / side, y: Math.floor(best / side) / side };
}

/** What each frequency of the pattern gives at a move: its agreement, and the energy it had. */
function agreementAt(
  { re, im, side }: Spectrum,
  layout: Layout,
  { x, y }: Move,
  mirrored: boolean,
  see?: (frequency: Frequency, agreement: number) => void,
): number {
  let sum = 0;
  let energy = 0;
  for (const frequency of layout.sync) {
    const { kx, ky, cos, sin } = frequency;
    const across = mirrored ? -kx : kx;
    const at = placeOf(side, across, ky);
    const [a, b] = [re[at]!, im[at]!];
    const turn = 2 * Math.PI * (across * x + ky * y);
    const agreement = (a * cos + b * sin) * Math.cos(turn) - (b * cos - a * sin) * Math.sin(turn);
    sum += agreement;
    energy += a * a + b * b;
    see?.(frequency, agreement);
  }
  return energy > 0 ? sum / Math.sqrt(energy / 2) : 0;
}

/** The best move near `from`, finer than a sample. */
export function refineMove(spectrum: Spectrum, layout: Layout, from: Agreement, mirrored: boolean): Agreement {
  let best = { ...from, sync: agreementAt(spectrum, layout, from, mirrored) };
  for (let pass = 0, step = 0.5 / spectrum.side; pass < 6; pass++) {
    const { x, y } = best;
    for (const dy of [-step, 0, step]) {
      for (const dx of [-step, 0, step]) {
        if (dx === 0 && dy === 0) continue;
        const move = { x: x + dx, y: y + dy };
        const sync = agreementAt(spectrum, layout, move, mirrored);
        if (sync > best.sync) best = { ...move, sync };
      }
    }
    if (best.x === x && best.y === y) step /= 2;
  }
  return best;
}

/** Mean agreement of each band with its neighbours: how much of the mark is left at each size of wave. At least 0.05. */
export function bandWeights(spectrum: Spectrum, layout: Layout, move: Move, mirrored: boolean): Float64Array {
  const sums = new Float64Array(bands);
  const counts = new Float64Array(bands);
  agreementAt(spectrum, layout, move, mirrored, ({ band }, agreement) => {
    sums[band]! += agreement;
    counts[band]! += 1;
  });
  return sums.map((_, band) => {
    let [sum, count] = [0, 0];
    for (let near = Math.max(0, band - 2); near <= Math.min(bands - 1, band + 2); near++) {
      sum += sums[near]!;
      count += counts[near]!;
    }
    return Math.max(0.05, count > 0 ? sum / count : 0);
  });
}
