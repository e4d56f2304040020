/** Fourier transform of small square pictures whose side is a power of two (Cooley and Tukey, 1965), in place. */

export interface Spectrum {
  /** `side * side` values each, rows by vertical frequency; negative frequencies from the end. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly side: number;
}

export function emptySpectrum(side: number): Spectrum {
  return { re: new Float64Array(side * side), im: new Float64Array(side * side), side };
}

/** Place of the frequency (`kx`, `ky`), in cycles a side, each from `-side / 2` up. */
export function placeOf(side: number, kx: number, ky: number): number {
  return (ky < 0 ? ky + side : ky) * side + (kx < 0 ? kx + side : kx);
}

interface Tables {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  readonly reversed: Uint32Array;
}

const tables = new Map<number, Tables>();

function tablesFor(side: number): Tables {
  const known = tables.get(side);
  if (known !== undefined) return known;
  const bits = Math.log2(side);
  if (!Number.isInteger(bits)) throw new RangeError(`expected a power of two but received ${side}`);
  const made = {
    cos: Float64Array.from({ length: side / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / side)),
    sin: Float64Array.from({ length: side / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / side)),
    reversed: Uint32Array.from({ length: side }, (_, index) => {
      let turned = 0;
      for (let bit = 0; bit < bits; bit++) if (((index >> bit) & 1) === 1) turned |= 1 << (bits - 1 - bit);
      return turned;
    }),
  };
  tables.set(side, made);
  return made;
}

/** Transforms `spectrum`; `backward` goes from frequencies to samples, without the division by `side * side`. */
export function transform({ re, im, side }: Spectrum, backward = false): void {
  const table = tablesFor(side);
  const sign = backward ? 1 : -1;
  for (let y = 0; y < side; y++) line(re, im, y * side, side, table, sign);
  const [columnRe, columnIm] = [new Float64Array(side), new Float64Array(side)];
  for (let x = 0; x < side; x++) {
    for (let y = 0; y < side; y++) {
      columnRe[y] = re[y * side + x]!;
      columnIm[y] = im[y * side + x]!;
    }
    line(columnRe, columnIm, 0, side, table, sign);
    for (let y = 0; y < side; y++) {
      re[y * side + x] = columnRe[y]!;
      im[y * side + x] = columnIm[y]!;
    }
  }
}

function line(re: Float64Array, im: Float64Array, from: number, length: number, table: Tables, sign: number): void {
  const { cos, sin, reversed } = table;
  for (let i = 0; i < length; i++) {
    const j = reversed[i]!;
    if (j <= i) continue;
    [re[from + i], re[from + j]] = [re[from + j]!, re[from + i]!];
    [im[from + i], im[from + j]] = [im[from + j]!, im[from + i]!];
  }
  for (let span = 2; span <= length; span *= 2) {
    const half = span / 2;
    const stride = length / span;
    for (let start = from; start < from + length; start += span) {
      for (let k = 0, w = 0; k < half; k++, w += stride) {
        const [c, s] = [cos[w]!, sign * sin[w]!];
        const a = start + k;
        const b = a + half;
        const xr = re[b]! * c - im[b]! * s;
        const xi = re[b]! * s + im[b]! * c;
        re[b] = re[a]! - xr;
        im[b] = im[a]! - xi;
        re[a]! += xr;
        im[a]! += xi;
      }
    }
  }
}
