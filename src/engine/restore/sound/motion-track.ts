/**
 * Collects how the picture moves while frames pass by on their way through the pipeline, so that sound needs no decode of
 * its own. A few numbers a frame are kept: 10 minutes at 25 fps hold 0.8 MB.
 */
import { type Frame, type Stage } from '../../frame.ts';
import { toNumber } from '../../rational.ts';
import { type BlockMotion, blockMotion, type Luma } from './block-motion.ts';

/** Motion up to one frame. Rates are per second: they do not depend on the frame rate. */
export interface MotionReading {
  /** Presentation time in seconds. */
  readonly time: number;
  readonly cut: boolean;
  /** Widths of the picture a second, root mean square over the picture. */
  readonly speed: number;
  /** Share of the picture that moves, 0..1. */
  readonly moving: number;
  /** -1 left .. 1 right. */
  readonly centre: number;
  /** Widths a second to the right. */
  readonly flow: number;
  /** Relative growth a second of what moves. */
  readonly expansion: number;
  /** Levels a second. */
  readonly change: number;
}

/** Readings in order of time. */
export type MotionTrack = readonly MotionReading[];

export interface MotionMeter {
  /** The next frame, in order of presentation. */
  see(frame: Frame): void;
  readonly track: MotionTrack;
}

const widest = 80;
const highest = 60;
/** Samples along each axis that make one pixel of a thumbnail: enough to average grain away, few enough to take 1 ms. */
const taps = 4;

/** Luma (bt.709) of a frame, averaged down to at most 80x60 and at least 16x16. */
export function motionThumbnail({ data, width, height }: Frame): Luma {
  const scale = Math.min(widest / width, highest / height, 1);
  const w = Math.max(16, Math.round(width * scale));
  const h = Math.max(16, Math.round(height * scale));
  const luma = new Float32Array(w * h);
  const columns = Int32Array.from({ length: w * taps }, (_, i) => 3 * Math.floor(((i + 0.5) * width) / (w * taps)));
  for (let row = 0; row < h * taps; row++) {
    const start = 3 * width * Math.floor(((row + 0.5) * height) / (h * taps));
    const to = Math.floor(row / taps) * w;
    for (let i = 0; i < columns.length; i++) {
      const at = start + columns[i]!;
      luma[to + ((i / taps) | 0)]! += 0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!;
    }
  }
  for (let i = 0; i < luma.length; i++) luma[i]! /= taps * taps;
  return { width: w, height: h, data: luma };
}

/** Share of pixels that would have to change level for one histogram to become the other, brightness matched, 0..1. */
function histogramDistance(before: Luma, after: Luma): number {
  const bins = 16;
  const count = ({ data }: Luma): Float64Array => {
    const histogram = new Float64Array(bins);
    for (const value of data) histogram[Math.min(bins - 1, Math.floor(value / 16))]! += 1 / data.length;
    return histogram;
  };
  const [a, b] = [count(before), count(after)];
  return a.reduce((sum, share, i) => sum + Math.abs(share - b[i]!) / 2, 0);
}

/** Differences usual in this shot, to tell a cut from a lively picture. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/**
 * True when the picture changed much more than it has been changing, and no displacement of its parts explains it. For
 * frames that no scene-cut stage has marked; it is a sound's ducking that hangs on it, not the joining of pictures.
 */
function looksLikeCut(motion: BlockMotion, before: Luma, after: Luma, recent: readonly number[]): boolean {
  const other = motion.change > 10 && motion.unexplained > 0.45 * motion.change;
  // Just after a cut there is nothing usual yet: then only another picture altogether counts.
  if (recent.length < 4) return other && motion.change > 30 && histogramDistance(before, after) > 0.35;
  return other && motion.change > 3 * median(recent) && (motion.change > 25 || histogramDistance(before, after) > 0.15);
}

/** Starts a meter. Frames may change size from shot to shot; a change of size counts as a cut. */
export function motionMeter(): MotionMeter {
  const track: MotionReading[] = [];
  let before: Luma | undefined;
  let recent: number[] = [];
  let seen = 0;

  function see(frame: Frame): void {
    const time = toNumber(frame.time);
    const luma = motionThumbnail(frame);
    const rest = { speed: 0, moving: 0, centre: 0, flow: 0, expansion: 0, change: 0 };
    if (before?.width !== luma.width || before.height !== luma.height) {
      track.push({ time, cut: before !== undefined, ...rest });
      [before, seen] = [luma, time];
      return;
    }
    const motion = blockMotion(before, luma);
    const elapsed = Math.max(1e-3, time - seen);
    const cut = frame.startsShot ?? looksLikeCut(motion, before, luma, recent);
    // A held frame repeats the last one: its motion belongs to the next that differs. A picture that rests does rest.
    if (!cut && motion.change < 0.05 && elapsed < 0.25) return;
    track.push(
      cut
        ? { time, cut, ...rest }
        : {
            time,
            cut,
            speed: motion.speed / elapsed,
            moving: motion.moving,
            centre: motion.centre,
            flow: motion.flow / elapsed,
            expansion: motion.expansion / elapsed,
            change: motion.change / elapsed,
          },
    );
    recent = cut ? [] : [...recent.slice(-11), motion.change];
    [before, seen] = [luma, time];
  }

  return { see, track };
}

/** A stage that lets every frame through as it is and shows it to the meter. */
export function motionTap(meter: MotionMeter): Stage {
  return async function* (frames) {
    for await (const frame of frames) {
      meter.see(frame);
      yield frame;
    }
  };
}

const figures = 8;

/** A track as numbers, to be handed to a thread without a copy of every reading as an object (36,000 would block for 20 ms). */
export function packTrack(track: MotionTrack): Float64Array {
  const packed = new Float64Array(track.length * figures);
  track.forEach(({ time, cut, speed, moving, centre, flow, expansion, change }, i) => {
    packed.set([time, cut ? 1 : 0, speed, moving, centre, flow, expansion, change], i * figures);
  });
  return packed;
}

export function unpackTrack(packed: Float64Array): MotionTrack {
  return Array.from({ length: packed.length / figures }, (_, i) => {
    const [time, cut, speed, moving, centre, flow, expansion, change] = packed.subarray(i * figures, (i + 1) * figures);
    return {
      time: time!,
      cut: cut === 1,
      speed: speed!,
      moving: moving!,
      centre: centre!,
      flow: flow!,
      expansion: expansion!,
      change: change!,
    };
  });
}

/** The same motion stretched in time: `factor` 4 for four times slow motion. */
export function retimed(track: MotionTrack, factor: number): MotionTrack {
  return track.map((reading) => ({
    ...reading,
    time: reading.time * factor,
    speed: reading.speed / factor,
    flow: reading.flow / factor,
    expansion: reading.expansion / factor,
    change: reading.change / factor,
  }));
}
