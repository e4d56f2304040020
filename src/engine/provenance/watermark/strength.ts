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
  const { width, height } = smallSize(across, down);
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

/** The same of a picture that is luma already. */
export function smallerLuma({ data: levels, width: across, height: down }: SmallLuma): SmallLuma {
  const { width, height } = smallSize(across, down);
  const columns = samplePlaces(across, width);
  const rows = samplePlaces(down, height).map((y) => y * across);
  const data = new Float32Array(width * height);
  for (const [j, row] of rows.entries()) {
    const out = Math.floor(j / samplesAcross) * width;
    for (const [i, column] of columns.entries()) {
      data[out + Math.floor(i / samplesAcross)]! += levels[row + column]! / samplesAcross ** 2;
    }
  }
  return { data, width, height };
}

function smallSize(across: number, down: number): Size {
  const scale = Math.max(1, Math.min(across, down) / lines);
  return { width: Math.max(2, Math.round(across / scale)), height: Math.max(2, Math.round(down / scale)) };
}

function samplePlaces(from: number, to: number): number[] {
  const count = to * samplesAcross;
  return Array.from({ length: count }, (_, k) => Math.min(from - 1, Math.floor(((k + 0.5) * from) / count)));
}

/** Detail that is sure to be there: the least deviation around each pixel. */
export function detailOf({ data, width, height }: SmallLuma): Float32Array {
  const squares = boxMean(data, width, height, 1);
  for (let i = 0; i < squares.length; i++) squares[i] = (data[i]! - squares[i]!) ** 2;
  const deviation = boxMean(squares, width, height, 1);
  for (let i = 0; i < deviation.length; i++) deviation[i] = Math.sqrt(Math.max(0, deviation[i]!));
  return leastBelowAndAbove(leastAside(deviation, width), width);
}

/** The strength for a picture whose detail was `detail`. */
export function strengthOf({ data, width, height }: SmallLuma, detail: Float32Array): Strength {
  const level = boxMean(data, width, height, evenness);
  const smooth = boxMean(detail, width, height, evenness);
  for (let i = 0; i < smooth.length; i++) {
    const floor = Math.max(flat.least, Math.min(flat.most, flat.share * level[i]!));
    smooth[i] = Math.min(most, floor + share * smooth[i]!);
  }
  return { data: smooth, width, height };
}

/** The least value within `reach` pixels to the left and right. */
function leastAside(values: Float32Array, width: number): Float32Array {
  const least = values.slice();
  for (let by = 1; by <= reach; by++) {
    for (let row = 0; row < values.length; row += width) {
      for (let i = row; i < row + width - by; i++) {
        if (values[i + by]! < least[i]!) least[i] = values[i + by]!;
        if (values[i]! < least[i + by]!) least[i + by] = values[i]!;
      }
    }
  }
  return least;
}

/** The least value within `reach` pixels above and below. */
function leastBelowAndAbove(values: Float32Array, width: number): Float32Array {
  const least = values.slice();
  for (let by = width; by <= reach * width; by += width) {
    for (let i = 0; i < values.length - by; i++) {
      if (values[i + by]! < least[i]!) least[i] = values[i + by]!;
      if (values[i]! < least[i + by]!) least[i + by] = values[i]!;
    }
  }
  return least;
}
