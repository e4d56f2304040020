/**
 * The stage that makes pictures larger and motion smoother: every real frame is enlarged once, and the frames between two
 * are warped from the enlarged ones by the motion between the originals. Which frames, the timeline says.
 */
import { LumiereError } from '../../errors.ts';
import type { Frame, Stage } from '../../frame.ts';
import type { Rational } from '../../rational.ts';
import type { Interpolator } from './interpolator.ts';
import { readAhead } from '../read-ahead.ts';
import type { OverlayWatch } from './static-overlay.ts';
import { createTimeline, type TimelineOptions, type TimelineStep } from './timeline.ts';
import type { Upscaler } from '../enlarge/upscaler.ts';

/** Counts of output frames so far: their sum is the frames yielded. */
export interface FrameCounts {
  /** Source frames at their moment. */
  real: number;
  /** Made between two source frames. */
  between: number;
  /** Source frames shown longer: before cuts, through long gaps, at the end. */
  held: number;
  /** Source frames that were enlarged; a frame equal to the one before it is not enlarged again. */
  enlarged: number;
}

export interface FrameRateOptions extends TimelineOptions {
  readonly upscaler: Upscaler;
  /**
   * Makes the frames between. Without it the nearer source frame is shown, at the target rate all the same.
   * Opened for the size of the source frames (`motionFrom: 'source'`) or of the enlarged ones (`'enlarged'`).
   */
  readonly interpolator?: Interpolator;
  /** Where motion is estimated: `enlarged` runs the network on `scale²` times the pixels. `source` when left out. */
  readonly motionFrom?: 'source' | 'enlarged';
  /** Finds burnt-in overlays, opened for the size of the interpolator's planes; nothing moves under them. */
  readonly overlays?: OverlayWatch;
  /** Of the source, in seconds; where it is left out the last frame lasts as long as the one before. */
  readonly duration?: Rational;
  /** Called after each output frame, and with the same object at the end. */
  readonly onCounts?: (counts: Readonly<FrameCounts>) => void;
}

/** Output frames in the making while the one before is encoded, as long as they are small. */
const mostAhead = 3;
const aheadBytes = 48 << 20;

interface Source {
  readonly number: number;
  readonly frame: Frame;
  readonly enlarged: Promise<Frame>;
  /** Where nothing moves between the frame before and this one. */
  readonly still: Uint8Array | undefined;
}

/** An output frame in the making. */
interface Started {
  readonly kind: 'real' | 'between' | 'held';
  readonly making: Promise<Frame>;
}

/** A promise that may be left behind when the job ends early must not count as an unhandled rejection. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function samePixels(a: Frame, b: Frame): boolean {
  return a.width === b.width && a.height === b.height && Buffer.compare(a.data, b.data) === 0;
}

/**
 * Makes the stage. It holds two source frames and their enlargements, and up to three output frames in the making.
 * Frames come out with exact times at the target rate; a frame that is the first shown of a new shot carries the mark.
 */
export function changeFrameRate(options: FrameRateOptions): Stage {
  const { upscaler, interpolator, motionFrom = 'source', overlays, duration, onCounts } = options;
  const outputBytes = upscaler.width * upscaler.height * 3;
  const depth = Math.max(1, Math.min(mostAhead, Math.floor(aheadBytes / outputBytes)));

  return async function* (frames, { signal }) {
    const counts: FrameCounts = { real: 0, between: 0, held: 0, enlarged: 0 };
    const timeline = createTimeline(options);
    let pushed = 0;
    let left: Source | undefined;
    let shotShown = -1;

    function take(frame: Frame): Source {
      const number = pushed;
      pushed += 1;
      if (left !== undefined && samePixels(left.frame, frame)) return { ...left, number, frame };
      overlays?.see(frame);
      counts.enlarged += 1;
      return { number, frame, enlarged: settled(upscaler.upscale(frame, signal)), still: overlays?.mask() };
    }

    async function make(from: Source, to: Source, phase: number, maker: Interpolator): Promise<Uint8Array> {
      const [a, b] = motionFrom === 'source' ? [from.frame, to.frame] : await Promise.all([from.enlarged, to.enlarged]);
      const still = to.still === undefined ? {} : { still: to.still };
      const motion = await maker.motion(a, b, phase, { signal, ...still });
      return maker.render(await from.enlarged, await to.enlarged, motion, signal);
    }

    /** Starts on one output frame between `from` and `to`, which are the same for one that is shown as it is. */
    function begin(step: TimelineStep, from: Source, to: Source): Started {
      const { time, phase } = step;
      const { width, height } = upscaler;
      const finish = (data: Uint8Array): Frame => ({ format: 'rgb24', data, width, height, time });
      const moves = step.kind === 'between' && from.enlarged !== to.enlarged;
      if (moves && interpolator !== undefined) {
        return { kind: 'between', making: settled(make(from, to, phase, interpolator).then(finish)) };
      }
      const shown = phase < 0.5 ? from : to;
      const opens = shown.frame.startsShot === true && shown.number !== shotShown;
      if (opens) shotShown = shown.number;
      const mark = opens ? { startsShot: true } : {};
      const making = settled(shown.enlarged.then(({ data }) => ({ ...finish(data), ...mark })));
      return { kind: step.kind === 'real' ? 'real' : 'held', making };
    }

    /** Output frames in the making, in order. */
    async function* started(): AsyncGenerator<Started> {
      const neighbours = new Map<number, Source>();
      const of = (number: number): Source => neighbours.get(number)!;
      const begun = function* (steps: readonly TimelineStep[]) {
        for (const step of steps) yield begin(step, of(step.left), of(step.right));
      };
      for await (const frame of frames) {
        if (signal.aborted) throw new LumiereError('job.cancelled');
        const next = take(frame);
        neighbours.set(next.number, next);
        const steps = timeline.push(frame.time, frame.startsShot ?? false);
        yield* begun(steps);
        // A frame whose time did not advance is passed over by the timeline: it is nobody's neighbour.
        if (left !== undefined && timeline.last === left.number) neighbours.delete(next.number);
        else {
          if (left !== undefined) neighbours.delete(left.number);
          left = next;
        }
      }
      yield* begun(timeline.end(duration));
    }

    for await (const { kind, making } of readAhead(started(), depth)) {
      const frame = await making;
      counts[kind] += 1;
      onCounts?.(counts);
      yield frame;
    }
  };
}
