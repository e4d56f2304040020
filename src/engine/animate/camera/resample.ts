/**
 * Looks at a picture through a camera: moved, zoomed and turned by any fraction of a pixel, so that slow moves do not jitter
 * as whole-pixel crops do. Two passes of a windowed sinc of six taps, along rows and then along columns (Catmull and Smith
 * 1980). 14 ms for 512x512, 95 ms for 1920x1280 on one core.
 */
import type { Size } from '../../size.ts';
import type { Picture } from '../../picture.ts';

/** Where a camera looks, in pixels of the picture it looks at. */
export interface View {
  /** The point seen in the middle of what comes out. */
  readonly x: number;
  readonly y: number;
  /** Pixels out for a pixel in; 1 or more, or fine detail would flicker. */
  readonly zoom: number;
  /** Degrees, under 45: the camera turns, so that the picture turns the other way. */
  readonly roll: number;
  /** Pixels that the lower edge is moved to the right against the upper one, as near ground against far sky. */
  readonly lean?: number;
}

const taps = 6;
const phases = 512;

/** Lanczos of three lobes at `phases` places between two pixels, each set of weights with the sum 1. */
const kernel = makeKernel();

function makeKernel(): Float32Array {
  const weights = new Float32Array((phases + 1) * taps);
  const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  for (let phase = 0; phase <= phases; phase += 1) {
    const around = Array.from({ length: taps }, (_, tap) => tap - 2 - phase / phases);
    const raw = around.map((x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0));
    const sum = raw.reduce((a, b) => a + b);
    raw.forEach((weight, tap) => (weights[phase * taps + tap] = weight / sum));
  }
  return weights;
}

/** Share of the way from far to near at a row, 0 at the top of a picture to 1 at its foot. */
function nearness(row: number, height: number): number {
  const t = Math.min(1, Math.max(0, (row / height - 0.35) / 0.65));
  return t * t * (3 - 2 * t);
}

/**
 * What is seen of `picture` through `view`, `size` large. Values beyond black and white are cut off; beyond the edges the
 * outermost pixels go on, but a view that shows them is a mistake of whoever made it.
 */
export function look(picture: Picture, view: View, size: Size): Uint8Array {
  const out = new Uint8Array(size.width * size.height * 3);
  const { first, rows, columns } = alongRows(picture, view, size);
  alongColumns(columns, first, rows, picture.height, view, size, out);
  return out;
}

interface Turned {
  readonly cos: number;
  readonly sin: number;
}

function turnOf({ roll, zoom }: View): Turned {
  const angle = (roll * Math.PI) / 180;
  return { cos: Math.cos(angle) / zoom, sin: Math.sin(angle) / zoom };
}

/** Every row that will be needed, resampled to the columns of the result. */
function alongRows(
  picture: Picture,
  view: View,
  { width, height }: Size,
): { first: number; rows: number; columns: Float32Array } {
  const { data, width: w, height: h } = picture;
  const { cos, sin } = turnOf(view);
  const reach = (height / 2) * cos + (width / 2) * Math.abs(sin) + taps;
  const first = Math.max(0, Math.floor(view.y - reach));
  const rows = Math.min(h, Math.ceil(view.y + reach)) - first;
  const columns = new Float32Array(rows * width * 3);
  const step = cos + (sin * sin) / cos;
  for (let row = 0; row < rows; row += 1) {
    const y = first + row + 0.5 - view.y;
    const lean = view.lean === undefined ? 0 : view.lean * (nearness(first + row, h) - 0.5);
    let x = view.x - 0.5 - lean - (sin / cos) * y + step * (0.5 - width / 2);
    const begin = (first + row) * w * 3;
    let to = row * width * 3;
    for (let u = 0; u < width; u += 1, x += step, to += 3) {
      const whole = Math.floor(x);
      const k = Math.round((x - whole) * phases) * taps;
      let r = 0;
      let g = 0;
      let b = 0;
      if (whole >= 2 && whole < w - 3) {
        let from = begin + (whole - 2) * 3;
        for (let tap = 0; tap < taps; tap += 1, from += 3) {
          const weight = kernel[k + tap]!;
          r += weight * data[from]!;
          g += weight * data[from + 1]!;
          b += weight * data[from + 2]!;
        }
      } else {
        for (let tap = 0; tap < taps; tap += 1) {
          const from = begin + Math.min(w - 1, Math.max(0, whole - 2 + tap)) * 3;
          const weight = kernel[k + tap]!;
          r += weight * data[from]!;
          g += weight * data[from + 1]!;
          b += weight * data[from + 2]!;
        }
      }
      columns[to] = r;
      columns[to + 1] = g;
      columns[to + 2] = b;
    }
  }
  return { first, rows, columns };
}

function alongColumns(
  columns: Float32Array,
  first: number,
  rows: number,
  pictureHeight: number,
  view: View,
  { width, height }: Size,
  out: Uint8Array,
): void {
  const { cos, sin } = turnOf(view);
  const line = width * 3;
  const last = Math.min(pictureHeight, first + rows) - 1;
  const places = new Int32Array(taps);
  for (let v = 0; v < height; v += 1) {
    let y = view.y - 0.5 + cos * (v + 0.5 - height / 2) + sin * (0.5 - width / 2);
    let to = v * line;
    let known = Number.NaN;
    for (let u = 0; u < width; u += 1, y += sin, to += 3) {
      const whole = Math.floor(y);
      const k = Math.round((y - whole) * phases) * taps;
      if (whole !== known) {
        known = whole;
        for (let tap = 0; tap < taps; tap += 1) {
          places[tap] = (Math.min(last, Math.max(first, whole - 2 + tap)) - first) * line;
        }
      }
      const at = u * 3;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let tap = 0; tap < taps; tap += 1) {
        const weight = kernel[k + tap]!;
        const from = places[tap]! + at;
        r += weight * columns[from]!;
        g += weight * columns[from + 1]!;
        b += weight * columns[from + 2]!;
      }
      out[to] = r <= 0 ? 0 : r >= 255 ? 255 : r + 0.5;
      out[to + 1] = g <= 0 ? 0 : g >= 255 ? 255 : g + 0.5;
      out[to + 2] = b <= 0 ? 0 : b >= 255 ? 255 : b + 0.5;
    }
  }
}
