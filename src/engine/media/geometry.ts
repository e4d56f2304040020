/** How stored pictures lie on screen: turns and mirrors of the display matrix, and pixels that are not square. */
import { rational, parseRational, compare, type Rational } from '../rational.ts';
import type { SideData } from './ffprobe-json.ts';

/** First mirrored left to right (when `mirrored`), then turned clockwise by `quarterTurns` times 90 degrees. */
export interface Orientation {
  readonly quarterTurns: 0 | 1 | 2 | 3;
  readonly mirrored: boolean;
}

const upright: Orientation = { quarterTurns: 0, mirrored: false };

/**
 * Reads the display matrix of ISO/IEC 14496-12 (x' = a x + c y, y' = b x + d y) as ffprobe prints it, snapped to the
 * nearest of the eight ways a rectangle can lie. Without one, upright.
 */
export function readOrientation(sideData: readonly SideData[]): Orientation {
  const printed = sideData.find((entry) => entry.displaymatrix !== undefined)?.displaymatrix;
  const numbers = printed
    ?.split('\n')
    .flatMap((row) =>
      row
        .replace(/^\s*[0-9a-f]{8}:/i, '')
        .trim()
        .split(/\s+/),
    )
    .filter((word) => word !== '')
    .map(Number);
  if (numbers?.length !== 9 || numbers.some((n) => !Number.isFinite(n))) return upright;
  const [a, b, c, d] = [numbers[0]!, numbers[1]!, numbers[3]!, numbers[4]!];
  if (a === 0 && b === 0 && c === 0 && d === 0) return upright;
  const mirrored = a * d - b * c < 0;
  // Where the picture's left-to-right direction ends up; a mirror first turns it round.
  const [x, y] = mirrored ? [-a, -b] : [a, b];
  const turns = Math.round(Math.atan2(y, x) / (Math.PI / 2));
  return { quarterTurns: ((turns + 4) % 4) as 0 | 1 | 2 | 3, mirrored };
}

/** FFmpeg filters that carry the orientation out. */
export function orientationFilters({ quarterTurns, mirrored }: Orientation): string[] {
  const turn = [[], ['transpose=clock'], ['hflip', 'vflip'], ['transpose=cclock']][quarterTurns] ?? [];
  return mirrored ? ['hflip', ...turn] : turn;
}

/** `"16:15"` as a fraction; square when absent, malformed, or beyond 8 to 1, where it can only be damage. */
export function readSampleAspectRatio(text: string | undefined): Rational {
  const ratio = text === undefined ? undefined : parseRational(text);
  if (!ratio || compare(ratio, rational(1, 8)) < 0 || compare(ratio, rational(8)) > 0) return rational(1);
  return ratio;
}

/** Size with square pixels before any turn: the shorter direction is stretched, so that no stored sample is thrown away. */
function squareSize(width: number, height: number, ratio: Rational): { width: number; height: number } {
  if (ratio.num >= ratio.den) return { width: Math.round((width * ratio.num) / ratio.den), height };
  return { width, height: Math.round((height * ratio.den) / ratio.num) };
}

/** Size on screen: square pixels, turned. */
export function displayOf(
  width: number,
  height: number,
  ratio: Rational,
  orientation: Orientation,
): { width: number; height: number } {
  const square = squareSize(width, height, ratio);
  return orientation.quarterTurns % 2 === 0 ? square : { width: square.height, height: square.width };
}
