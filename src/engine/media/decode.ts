/**
 * Turns a probed clip into RGB frames with exact presentation times. Pictures come as raw video on ffmpeg's standard
 * output; their times come from a `showinfo` filter at the very end of the chain, in the exact time base it works in, so
 * they hold for variable rates and for filters that drop or add frames. Nothing is read ahead of the consumer but the pipe.
 */
import { randomBytes } from 'node:crypto';

import { LumiereError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { add, compare, divide, multiply, rational, subtract, toNumber, type Rational } from '../rational.ts';
import { startFfmpeg, type ToolProcess } from './ffmpeg.ts';
import { explainNothing } from './ffmpeg-errors.ts';
import { orientationFilters } from './geometry.ts';
import { defaultLimits, type MediaLimits } from './limits.ts';
import { afterWaiting } from './patience.ts';
import type { Probe } from './probe-result.ts';
import { rgbFilters } from './rgb-filters.ts';
import { onTheBeat } from './timing.ts';
import type { MediaWarning } from './warnings.ts';
import { decodeWebp } from './webp.ts';

export interface DecodeOptions {
  /**
   * FFmpeg filters applied to the stored picture, before it is turned and made RGB: `bwdif=mode=send_field`, `mpdecimate`.
   * Not for an animated WebP, which sharp decodes.
   */
  readonly filters?: readonly string[];
  /** Size of the frames given; the size on screen when left out. */
  readonly scale?: { readonly width: number; readonly height: number };
  /** Only frames shown at or after this time, in seconds from the first frame. */
  readonly from?: Rational;
  /** Only frames shown before this time. */
  readonly to?: Rational;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<MediaLimits>;
  /** Told once, at the end, what was damaged. */
  readonly onWarning?: (warning: MediaWarning) => void;
}

/** Seeking lands this much before what is wanted, because ffmpeg rounds the place to microseconds. */
const seekMargin = rational(1, 1000);

/**
 * The frames of a clip in order of presentation. Each frame has its own buffer; its time counts from the clip's first
 * frame and keeps doing so when `from` is given. Damage inside the clip is concealed and told to `onWarning`.
 *
 * Throws `input.corrupt` when nothing at all can be decoded, `input.timeout` when no frame comes for `limits.stallMs`
 * while one is waited for, `input.too-many-frames`, `input.hdr-refused` when a wide-range clip meets an ffmpeg without
 * zscale, and `job.cancelled`. Leaving the loop early stops ffmpeg.
 */
export async function* decodeFrames(probe: Probe, options: DecodeOptions = {}): AsyncGenerator<Frame> {
  const limits = { ...defaultLimits, ...options.limits };
  const size = options.scale ?? { width: probe.video.width, height: probe.video.height };
  if (probe.container === 'webp') {
    if (options.filters?.length)
      throw new RangeError('expected no filters for an animated WebP, which ffmpeg does not decode');
    yield* decodeWebp(probe, { from: options.from, to: options.to, ...size }, options.signal);
    return;
  }
  const times = createTimeReader();
  const damage = createDamageCount();
  const tool = await startFfmpeg(
    [{ kind: 'file', path: probe.path, options: readingOptions(probe, options) }],
    [{ target: 'pipe', options: writingOptions(probe, options, size, times.filter) }],
    {
      limits,
      signal: options.signal,
      side: 'input',
      verbosity: 'info',
      onLine: (line) => {
        if (!times.take(line)) damage.take(line);
      },
    },
  );

  let frames = 0;
  let last: Rational | undefined;
  try {
    for await (const data of readFrames(tool, size.width * size.height * 3, limits.stallMs)) {
      const stamp = await within(tool, limits.stallMs, times.next());
      let time = stamp && onTheBeat(subtract(stamp, probe.video.start), probe.video);
      time ??= last ? add(last, divide(rational(1), probe.video.rate)) : rational(0);
      frames += 1;
      if (frames > limits.maxFrames)
        throw new LumiereError('input.too-many-frames', { frames, limit: limits.maxFrames });
      if (options.to && compare(time, options.to) >= 0) return;
      // Two frames cannot be shown at once, and none before the first: what claims so is left over from damage.
      if (compare(time, last ?? rational(-1, 1_000_000)) <= 0 || (options.from && compare(time, options.from) < 0))
        continue;
      last = time;
      yield { format: 'rgb24', data, width: size.width, height: size.height, time };
    }
    await settle(tool, frames);
    const warning = damage.warning(last);
    if (warning) options.onWarning?.(warning);
  } finally {
    tool.stop(new LumiereError('job.cancelled'));
    await tool.ended.catch(() => undefined);
  }
}

async function settle(tool: ToolProcess, frames: number): Promise<void> {
  try {
    await tool.ended;
  } catch (error) {
    const damaged = error instanceof LumiereError && ['input.corrupt', 'input.not-media'].includes(error.code);
    // Newer versions end with an error after damage that they did get past.
    if (!damaged || frames === 0) throw error;
  }
  if (frames === 0) throw explainNothing(tool.lines());
}

function readingOptions(probe: Probe, { from }: DecodeOptions): string[] {
  const options = ['-copyts', '-noautorotate', '-max_error_rate', '1'];
  if (!from || from.num <= 0) return options;
  // `-ss` counts from the file's own time zero, which may lie before the first frame.
  const place = subtract(add(subtract(probe.video.start, probe.start), from), seekMargin);
  return [...options, '-ss', Math.max(0, toNumber(place)).toFixed(6)];
}

function writingOptions(
  probe: Probe,
  options: DecodeOptions,
  size: { width: number; height: number },
  timeFilter: string,
): string[] {
  const chain = [
    ...(options.filters ?? []),
    ...rgbFilters(probe.video, orientationFilters(probe.video.orientation), size),
    timeFilter,
  ];
  return [
    ...['-map', `0:${probe.video.index}`, '-an', '-sn', '-dn', '-filter:v', chain.join(',')],
    // A fine encoder clock: rounded to the nominal rate, two close frames would be one moment and be complained about.
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1/1000000', '-f', 'rawvideo', '-pix_fmt', 'rgb24'],
  ];
}

/** Cuts the pipe into pictures; each chunk is copied once, into the picture it belongs to. */
async function* readFrames(tool: ToolProcess, size: number, stallMs: number): AsyncGenerator<Uint8Array> {
  const chunks = tool.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  let picture = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for (;;) {
    const { value: chunk } = await within(tool, stallMs, chunks.next());
    if (chunk === undefined) return;
    let taken = 0;
    while (taken < chunk.length) {
      const copied = chunk.copy(picture, filled, taken);
      taken += copied;
      filled += copied;
      if (filled === size) {
        yield picture;
        picture = Buffer.allocUnsafeSlow(size);
        filled = 0;
      }
    }
  }
}

/** Waits for `work`, and stops the tool when that takes longer than `ms`: only the time we really wait counts. */
async function within<T>(tool: ToolProcess, ms: number, work: Promise<T>): Promise<T> {
  const end = afterWaiting(ms, () => {
    tool.stop(new LumiereError('input.timeout', { seconds: ms / 1000 }));
  });
  try {
    return await work;
  } finally {
    end();
  }
}

/**
 * Reads presentation times out of what `showinfo` writes. The filter carries a random name, so that text inside a file
 * which ffmpeg repeats on standard error cannot pass for a time.
 */
function createTimeReader() {
  const name = `showinfo@${randomBytes(8).toString('hex')}`;
  const ready: (Rational | undefined)[] = [];
  const waiting: ((time: Rational | undefined) => void)[] = [];
  let timeBase = rational(1);
  return {
    filter: `${name}=checksum=0`,
    /** Takes a line of standard error; false when it is not from the filter. */
    take(line: string): boolean {
      if (!line.startsWith(`[${name} `)) return false;
      const base = /config in time_base: (\d+)\/(\d+)/.exec(line);
      if (base) timeBase = rational(Number(base[1]), Number(base[2]));
      const stamp = /\] n: *\d+ pts: *(-?\d+|NOPTS) /.exec(line)?.[1];
      if (stamp === undefined) return true;
      const time = stamp === 'NOPTS' ? undefined : multiply(rational(Number(stamp)), timeBase);
      const waiter = waiting.shift();
      if (waiter) waiter(time);
      else ready.push(time);
      return true;
    },
    /** The time of the next picture; undefined when it has none. */
    next(): Promise<Rational | undefined> {
      if (ready.length > 0) return Promise.resolve(ready.shift());
      return new Promise((resolve) => {
        waiting.push(resolve);
      });
    },
  };
}

function createDamageCount() {
  let count = 0;
  let early = false;
  return {
    take(line: string): void {
      if (line.includes('partial file')) early = true;
      else if (/\[error\]|corrupt|concealing|damaged/i.test(line)) count += 1;
    },
    warning(last: Rational | undefined): MediaWarning | undefined {
      if (early)
        return { code: 'input.ends-early', params: { seconds: last ? Math.round(toNumber(last) * 10) / 10 : 0 } };
      return count > 0 ? { code: 'input.damage-concealed', params: { count } } : undefined;
    },
  };
}
