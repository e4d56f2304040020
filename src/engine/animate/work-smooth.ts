/**
 * Frames between frames by the restore engine's interpolator. Every rendered frame stays as it is and the rate grows by a
 * whole factor; where the animation loops, the gap from its last frame back to the first is filled like any other.
 */
import type { SessionPool } from '../model/session.ts';
import { rational, type Rational, toNumber } from '../rational.ts';
import { createInterpolator } from '../restore/between/interpolator.ts';
import { findNetwork } from '../restore/networks.ts';
import type { Frame } from '../frame.ts';
import type { Size } from '../size.ts';
import type { Picture } from '../picture.ts';

const smoothestRate = 60;
const network = 'rife-v4.6';

/** The largest whole multiple that does not exceed `fastest` frames a second; 1 for what is faster already. */
export function smoothingFactor(rate: Rational, fastest = smoothestRate): number {
  return Math.max(1, Math.floor(fastest / toNumber(rate) + 0.001));
}

export interface SmoothOptions {
  readonly size: Size;
  readonly factor: number;
  readonly loops: boolean;
  readonly modelsDir: string;
  readonly signal: AbortSignal;
  readonly onModelMs: (ms: number) => void;
}

/** `factor` pictures for each one that comes: itself, then those on the way to the next; after the last of a clip that does not loop it stands still. */
export async function* smoothed(
  pictures: AsyncIterable<Picture>,
  pool: SessionPool,
  { size, factor, loops, modelsDir, signal, onModelMs }: SmoothOptions,
): AsyncGenerator<Picture> {
  const interpolator = await createInterpolator(pool, await findNetwork(network, modelsDir), size);
  const frame = ({ data, width, height }: Picture): Frame => ({
    format: 'rgb24',
    data,
    width,
    height,
    time: rational(0),
  });
  async function* between(left: Frame, right: Frame): AsyncGenerator<Picture> {
    for (let step = 1; step < factor; step += 1) {
      const motion = await interpolator.motion(left, right, step / factor, { signal });
      yield { ...size, data: await interpolator.render(left, right, motion, signal) };
    }
    onModelMs(interpolator.modelMs);
  }
  try {
    let first: Frame | undefined;
    let left: Frame | undefined;
    for await (const picture of pictures) {
      const right = frame(picture);
      if (left !== undefined) yield* between(left, right);
      first ??= right;
      left = right;
      yield picture;
    }
    if (first === undefined || left === undefined) return;
    if (loops) yield* between(left, first);
    else for (let step = 1; step < factor; step += 1) yield { ...size, data: left.data };
  } finally {
    await interpolator.close();
  }
}
