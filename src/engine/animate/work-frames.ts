/** The frames of an animation as they go into the encoder: drawn, measured, smoothed and seen through the camera, in threads. */
import { LumiereError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { divide, multiply, rational, type Rational } from '../rational.ts';
import type { Camera } from './camera/camera.ts';
import type { CameraPath } from './camera/camera-path.ts';
import type { MotionTrack } from './motion/track.ts';
import type { Picture } from '../picture.ts';
import type { MotionLimit } from './motion/motion-limit.ts';
import type { Portrait, RenderedFrame } from './render/portrait.ts';
import type { ReportedLimit } from './report.ts';
import { workAhead } from './work-ahead.ts';

/** Counts how many frames were held to which bound. */
export interface LimitCount {
  see(limits: readonly MotionLimit[]): void;
  report(): ReportedLimit[];
}

export function countLimits(): LimitCount {
  const counts = new Map<MotionLimit['code'], ReportedLimit>();
  return {
    see(limits) {
      for (const code of new Set(limits.map((limit) => limit.code))) {
        const values = limits.filter((limit) => limit.code === code).map(({ value }) => value);
        const before = counts.get(code);
        counts.set(code, {
          code,
          value: Math.min(...values, before?.value ?? Infinity),
          frames: (before?.frames ?? 0) + 1,
        });
      }
    },
    report: () => [...counts.values()],
  };
}

export interface DrawOptions {
  readonly portrait: Portrait;
  readonly tracks: readonly MotionTrack[];
  readonly frames: number;
  readonly signal: AbortSignal;
  /** Told of each frame in order; the next ones wait for it. */
  readonly onDrawn: (index: number, rendered: RenderedFrame) => Promise<void>;
}

/** Every frame of the tracks, `portrait.parallel` of them under way. */
export async function* drawnPictures({
  portrait,
  tracks,
  frames,
  signal,
  onDrawn,
}: DrawOptions): AsyncGenerator<Picture> {
  const draw = (index: number): Promise<RenderedFrame> =>
    portrait.render(
      tracks.map((track) => track.frames[index]),
      signal,
    );
  let index = 0;
  let seen: Promise<void> = Promise.resolve();
  for await (const rendered of workAhead(Array(frames).keys(), portrait.parallel, draw)) {
    if (signal.aborted) throw new LumiereError('job.cancelled');
    await seen;
    seen = onDrawn(index, rendered);
    // Awaited one frame later; a failure in between is not unhandled.
    seen.catch(() => undefined);
    yield rendered.picture;
    index += 1;
  }
  await seen;
}

export interface ShootOptions {
  readonly camera: Camera;
  readonly path: CameraPath;
  /** Pictures that will come. */
  readonly count: number;
  readonly loops: boolean;
  /** How many are looked at side by side. */
  readonly depth: number;
  readonly signal: AbortSignal;
}

/** Each picture as the camera sees it at its moment. */
export async function* shotPictures(
  pictures: AsyncIterable<Picture>,
  { camera, path, count, loops, depth, signal }: ShootOptions,
): AsyncGenerator<Picture> {
  let index = 0;
  yield* workAhead(pictures, depth, (picture) => {
    const share = loops ? index / count : index / Math.max(1, count - 1);
    index += 1;
    return camera.shoot(picture, path(share), signal);
  });
}

/** Pictures with the times that an encoder wants, at exact multiples of a frame. */
export async function* timed(pictures: AsyncIterable<Picture>, rate: Rational): AsyncGenerator<Frame> {
  const step = divide(rational(1), rate);
  let index = 0;
  for await (const { data, width, height } of pictures) {
    yield { format: 'rgb24', data, width, height, time: multiply(rational(index), step) };
    index += 1;
  }
}
