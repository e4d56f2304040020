/** Animates a prepared photograph into a file. */
import type { Frame } from '../frame.ts';
import { encodeWithin } from '../media/fit.ts';
import type { SessionPool } from '../model/session.ts';
import { divide, multiply, rational } from '../rational.ts';
import type { PreparedAnimation } from './prepare.ts';
import type { AnimationReport } from './report.ts';

/** What the work is busy with; sentences stand in the locale under `stage.<name>`. */
export type AnimationStage = 'follow' | 'listen' | 'enlarge' | 'animate' | 'fit';

export interface AnimateOptions {
  readonly signal: AbortSignal;
  /** `done` of `total` frames, or of 100 where frames are not what is counted (`listen`, `enlarge`, `fit`). */
  readonly onProgress?: (stage: AnimationStage, done: number, total: number) => void;
  /** Where files lie that only last as long as the work; the system's temporary folder when left out. */
  readonly scratchFolder?: string;
  /** Runs the networks; that of `prepared` when left out. A pool that is given stays open. */
  readonly pool?: SessionPool;
  /** Where a picture grid of frames by time is written (PNG); nowhere when left out. */
  readonly contactSheet?: string;
}

/**
 * Writes the animation to `output`, which appears whole or not at all; its ending does not matter, `request.format` does.
 * Rejects with `output.unwritable`, `output.disk-full`, `output.size-unreachable`, `request.invalid` when `output` is one of
 * the inputs, the codes of the driving clip and the speech, `model.not-installed`, `device.failed` or `job.cancelled`; then
 * nothing is left behind.
 */
export async function animatePhoto(
  prepared: PreparedAnimation,
  output: string,
  { signal, onProgress }: AnimateOptions,
): Promise<AnimationReport> {
  const started = performance.now();
  const { photo, frames, rate, request } = prepared;
  async function* stills(): AsyncGenerator<Frame> {
    for (let index = 0; index < frames; index++) {
      const time = multiply(rational(index), divide(rational(1), rate));
      yield await Promise.resolve({ format: 'rgb24', ...photo, time });
      onProgress?.('animate', index + 1, frames);
    }
  }
  const { maxBytes } = request;
  const fitted = await encodeWithin(stills(), {
    path: output,
    rate,
    width: photo.width,
    height: photo.height,
    signal,
    ...(maxBytes !== undefined && { maxBytes }),
  });
  const { path, bytes, width, height, duration } = fitted;
  return {
    output: {
      path,
      format: 'mp4',
      bytes,
      width,
      height,
      rate: fitted.rate,
      frames: fitted.frames,
      duration,
      loops: true,
    },
    motion: 'none',
    faces: [],
    limits: [],
    warnings: prepared.warnings,
    givenUp: fitted.givenUp,
    seconds: (performance.now() - started) / 1000,
    modelSeconds: 0,
  };
}
