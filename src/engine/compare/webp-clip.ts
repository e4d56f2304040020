/** An animated WebP as a clip that ffmpeg reads: it cannot decode one itself before version 8. */
import type { Frame } from '../frame.ts';
import { decodeFrames } from '../media/decode.ts';
import { encodeTo } from '../media/encode.ts';
import type { Probe } from '../media/probe.ts';
import { add, compare, divide, rational, type Rational } from '../rational.ts';
import type { Size } from '../size.ts';

export interface WebpClipOptions {
  /** Size of the clip made, even. */
  readonly size: Size;
  readonly rate: Rational;
  readonly signal?: AbortSignal | undefined;
}

/** Writes `probe`'s frames to `path` as an MP4 without visible loss. Rejects as `decodeFrames` and `encodeTo` do. */
export async function webpAsClip(probe: Probe, path: string, { size, rate, signal }: WebpClipOptions): Promise<void> {
  const cancel = signal === undefined ? {} : { signal };
  const frames = evenly(decodeFrames(probe, { scale: size, ...cancel }), rate, probe.video.duration);
  await encodeTo(path, frames, { path, rate, ...size, quality: { crf: 6 }, preset: 'veryfast', ...cancel });
}

/** Each frame as often as it is shown at `rate`, until `end`. */
async function* evenly(frames: AsyncIterable<Frame>, rate: Rational, end: Rational): AsyncGenerator<Frame> {
  const step = divide(rational(1), rate);
  let time = rational(0);
  let shown: Frame | undefined;
  for await (const frame of frames) {
    for (; shown !== undefined && compare(time, frame.time) < 0; time = add(time, step)) yield { ...shown, time };
    shown = frame;
  }
  for (; shown !== undefined && compare(time, end) < 0; time = add(time, step)) yield { ...shown, time };
}
