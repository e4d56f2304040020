/**
 * How strongly each part of a picture may be marked without being seen: in proportion to the detail of the mark's own size
 * that is there, hardly at all where it is flat, least where it is flat and dark. Looked at on a picture of some 120 lines.
 */
import type { Frame } from '../../frame.ts';
import type { Size } from '../../size.ts';
import { boxMean } from './box-mean.ts';

/** Luma of a reduced picture, 0 to 255. */
export interface SmallLuma extends Size {
  readonly data: Float32Array;
}

/** Deviation of the mark for each part of the picture, in levels of luma. */
export interface Strength extends Size {
  readonly data: Float32Array;
}

/** Lines of the picture that is looked at: the mark's waves are 2 to 7 of its pixels long. */
const lines = 120;
/** Samples along each side of a pixel of it. */
const samplesAcross = 2;

/** Levels for one level of the picture's own detail. */
const share = 0.5;
const most = 3.2;
/** Where it is flat: in proportion to the light, for the eye sees shares. Looked at on gradients; twice as much shows as mottling. */
const flat = { share: 0.003, least: 0.12, most: 0.55 } as const;
/** Pixels by which a flat part reaches into its neighbours: the mark's waves must not run over an edge. */
const reach = 2;
/** Radius over which levels and detail are then evened out. */
const evenness = 1;

/** The picture at about 120 lines; it costs as much at any size: half a millisecond. */
export function smallLuma({
  data: pixels,
  width: across,
  height: down,
}: Pick<Frame, 'data' | 'width' | 'height'>): SmallLuma {
  const scale = Math.max(1, Math.min(across, down) / lines);
  const width = Math.max(2, Math.round(across / scale));
  const height = Math.max(2, Math.round(down / scale));
  const columns = samplePlaces(across, width).map((x) => x * 3);
  const rows = samplePlaces(down, height).map((y) => y * across * 3);
  const data = new Float32Array(width * height);
  const weight = 1 / (256 * samplesAcross ** 2);
  for (let y = 0, out = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out++) {
      let sum = 0;
      for (let j = y * samplesAcross; j < (y + 1) * samplesAcross; j++) {
        for (let i = x * samplesAcross; i < (x + 1) * samplesAcross; i++) {
          const at = rows[j]! + columns[i]!;
          // BT.709 luma in 1/256.
          sum += 54 * pixels[at]! + 183 * pixels[at + 1]! + 19 * pixels[at + 2]!;
        }
      }
      data[out] = sum * weight;
    }
  }
  return { data, width, height };
}

function samplePlaces(from: number, to: number): number[] {
  const count = to * samplesAcross;
  return Array.from({ length: count }, (_, k) => Math.min(from - 1, Math.floor(((k + 0.5) * from) / count)));
}

/** Detail that is sure to be there: the least deviation around each pixel. */
export function detailOf({ data, width, height }: SmallLuma): Float32Array {
  const mean = boxMean(data, width, height, 1);
  const squares = data.map((value, i) => (value - mean[i]!) ** 2);
  const variance = boxMean(squares, width, height, 1);
  for (let i = 0; i < variance.length; i++) variance[i] = Math.sqrt(Math.max(0, variance[i]!));
  return leastAround(variance, width, height);
}

/** The strength for a picture whose detail was `detail`. */
export function strengthOf({ data, width, height }: SmallLuma, detail: Float32Array): Strength {
  const level = boxMean(data, width, height, evenness);
  const smooth = boxMean(detail, width, height, evenness);
  const strength = smooth.map((value, i) => {
    const floor = Math.max(flat.least, Math.min(flat.most, flat.share * level[i]!));
    return Math.min(most, floor + share * value);
  });
  return { data: strength, width, height };
}

/** The least value within `reach` pixels in each direction. */
function leastAround(values: Float32Array, width: number, height: number): Float32Array {
  const across = values.slice();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      for (let i = Math.max(0, x - reach); i <= Math.min(width - 1, x + reach); i++) {
        if (values[row + i]! < across[row + x]!) across[row + x] = values[row + i]!;
      }
    }
  }
  const out = across.slice();
  for (let y = 0; y < height; y++) {
    for (let j = Math.max(0, y - reach); j <= Math.min(height - 1, y + reach); j++) {
      for (let x = 0; x < width; x++) {
        if (across[j * width + x]! < out[y * width + x]!) out[y * width + x] = across[j * width + x]!;
      }
    }
  }
  return out;
}
