/** Synthetic pictures whose motion is known, for the tests of what sound makes of it. */
import type { Frame } from '../../../../src/engine/frame.ts';
import { rational } from '../../../../src/engine/rational.ts';
import { type MotionTrack, motionMeter } from '../../../../src/engine/restore/sound/motion-track.ts';
import type { MotionEnvelope, MotionSample } from '../../../../src/engine/restore/sound/motion-envelope.ts';

const width = 160;
const height = 120;

/** Levels of a picture: `level(x, y)` for each pixel. */
export function picture(index: number, rate: number, level: (x: number, y: number) => number): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.fill(level(x, y), 3 * (y * width + x), 3 * (y * width + x) + 3);
  }
  return { format: 'rgb24', data, width, height, time: rational(index, rate) };
}

/** A dappled square of side `side` about (x, y) on a still, uneven ground. */
export function square(index: number, rate: number, x: number, y: number, side: number): Frame {
  return picture(index, rate, (px, py) => {
    const [u, v] = [(px - x) / side, (py - y) / side];
    if (Math.abs(u) > 0.5 || Math.abs(v) > 0.5) return 70 + 12 * Math.sin(px / 9) + 12 * Math.cos(py / 7);
    // Waves that do not repeat within the square, so that its parts cannot be mistaken for one another.
    return 128 + 60 * Math.sin(9 * u + 7 * v * v) + 60 * Math.cos(11 * v - 8 * u * u + 3 * u);
  });
}

export function trackOf(frames: Iterable<Frame>): MotionTrack {
  const meter = motionMeter();
  for (const frame of frames) meter.see(frame);
  return meter.track;
}

export function* range(count: number): Generator<number> {
  for (let i = 0; i < count; i++) yield i;
}

export const still: MotionSample = { amount: 0, approach: 0, nearness: 0, pan: 0, flow: 0 };

/** An envelope given by a formula. */
export function envelope(at: (seconds: number) => Partial<MotionSample>, cuts: readonly number[] = []): MotionEnvelope {
  return { at: (seconds) => ({ ...still, ...at(seconds) }), cuts };
}
