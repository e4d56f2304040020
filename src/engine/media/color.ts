/** What the numbers of a picture mean: range, matrix, primaries and transfer, said by the file or assumed as players do. */
import type { FfprobeFrame, FfprobeStream } from './ffprobe-json.ts';

export interface ColorInfo {
  readonly range: 'limited' | 'full';
  /** FFmpeg's name of the matrix that turns it into RGB; `rgb` when it is already. */
  readonly matrix: 'bt709' | 'bt601' | 'bt2020' | 'smpte240m' | 'fcc' | 'rgb';
  /** FFmpeg's name, or `unknown`. */
  readonly primaries: string;
  /** FFmpeg's name, or `unknown`. */
  readonly transfer: string;
  /** High dynamic range by its transfer: SMPTE ST 2084, or ARIB STD-B67. */
  readonly hdr?: 'pq' | 'hlg';
  /** True when the file does not say its matrix, and the size of the picture decided. */
  readonly assumed: boolean;
}

/** The first frame knows better than the container, and the container better than a guess. */
export function readColor(
  frame: FfprobeFrame,
  stream: FfprobeStream,
  pixelFormat: string,
  width: number,
  height: number,
): ColorInfo {
  const said = (key: 'color_range' | 'color_space' | 'color_primaries' | 'color_transfer') =>
    [frame[key], stream[key]].find((value) => value !== undefined && value !== 'unknown' && value !== 'unspecified');
  const rgb = /^(rgb|bgr|gbr|argb|abgr|pal8|0rgb|0bgr|monow|monob)/.test(pixelFormat);
  const matrix = rgb ? 'rgb' : matrixOf(said('color_space'));
  const range = said('color_range');
  const transfer = said('color_transfer') ?? 'unknown';
  const full = rgb || pixelFormat.startsWith('yuvj') || range === 'pc' || range === 'full' || range === 'jpeg';
  return {
    range: full ? 'full' : 'limited',
    matrix: matrix ?? (width >= 1280 || height >= 720 ? 'bt709' : 'bt601'),
    primaries: said('color_primaries') ?? 'unknown',
    transfer,
    ...(transfer === 'smpte2084' && { hdr: 'pq' as const }),
    ...(transfer === 'arib-std-b67' && { hdr: 'hlg' as const }),
    assumed: matrix === undefined,
  };
}

const matrices: Readonly<Record<string, ColorInfo['matrix']>> = {
  bt709: 'bt709',
  bt470bg: 'bt601',
  smpte170m: 'bt601',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
  smpte240m: 'smpte240m',
  fcc: 'fcc',
  gbr: 'rgb',
};

function matrixOf(name: string | undefined): ColorInfo['matrix'] | undefined {
  return name === undefined ? undefined : matrices[name];
}
