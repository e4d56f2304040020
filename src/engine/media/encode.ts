/** Writes frames and a sound track as an MP4: H.264 High in BT.709, AAC, index first, exact rate, whole or not at all. */
import { LumiereError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { add, compare, divide, rational, subtract, type Rational } from '../rational.ts';
import * as words from './encode-options.ts';
import { startFfmpeg, type Input, type ToolProcess } from './ffmpeg.ts';
import { defaultLimits } from './limits.ts';
import type { LumaLayer } from './luma-layer.ts';
import { beginPartialFile } from './partial-file.ts';
import type { SoundSource } from './sound-source.ts';
import { toolWriter } from './tool-writer.ts';

export interface EncodeOptions {
  /** Where the result shall stand. */
  readonly path: string;
  /** Frames a second, exact. */
  readonly rate: Rational;
  /** Size of the frames given. Odd sizes come out one pixel larger. */
  readonly width: number;
  readonly height: number;
  /** Default: constant quality 18. */
  readonly quality?: words.Quality;
  /** x264's trade of time for size; default `fast`. */
  readonly preset?: words.Preset;
  readonly sound?: SoundSource;
  readonly overlay?: words.Overlay;
  /** Filter graph for the picture before the overlay: one input and one output, both yuv420p. */
  readonly filter?: string;
  /** Added to the luma after the filter, before the overlay. */
  readonly luma?: LumaLayer;
  readonly signal?: AbortSignal;
}

export interface Encoded {
  readonly path: string;
  readonly bytes: number;
  readonly frames: number;
  /** Size of the picture as written. */
  readonly width: number;
  readonly height: number;
  readonly duration: Rational;
}

/** A frame at the largest sizes and slowest presets takes some seconds; this long means that nothing moves any more. */
export const stallMs = 120_000;
/** Bytes an encoder may hold; x264 at 3840x2160 and preset slow holds 1.9 GB. */
export const maxMemory = 6 * 2 ** 30;

/**
 * Encodes `frames`, which lie at exact multiples of `1 / rate` from the first one's time. Pulls a frame while the one before
 * is being written and holds no more.
 *
 * Rejects with `output.unwritable`, `output.disk-full`, `output.encoder-failed`, `tool.missing`, `job.cancelled`, or
 * whatever the frames throw; then no file is left. A RangeError says that a frame has the wrong size or time.
 */
export async function encodeFrames(frames: AsyncIterable<Frame>, options: EncodeOptions): Promise<Encoded> {
  const file = await beginPartialFile(options.path);
  try {
    const written = await encodeTo(file.path, frames, options);
    const bytes = await file.commit();
    const { width, height } = words.evenSize(options);
    return {
      path: options.path,
      bytes,
      frames: written,
      width,
      height,
      duration: divide(rational(written), options.rate),
    };
  } finally {
    await file.discard();
  }
}

/** Encodes into `path` as it is, without the care for what stands there. Resolves to the number of frames. */
export async function encodeTo(path: string, frames: AsyncIterable<Frame>, options: EncodeOptions): Promise<number> {
  const tool = await startFfmpeg(...command(path, options));
  try {
    const written = await feed(tool, onTheBeat(frames, options), options.luma);
    tool.stdin.end();
    tool.second?.end();
    await tool.ended;
    return written;
  } catch (error) {
    tool.stop(new LumiereError('job.cancelled'));
    await tool.ended.catch(() => undefined);
    throw error;
  }
}

function command(path: string, options: EncodeOptions): Parameters<typeof startFfmpeg> {
  const { rate, sound, overlay, luma, quality = { crf: 18 }, preset = 'fast' } = options;
  const inputs: Input[] = [{ kind: 'pipe', options: words.rawInputOptions(options, rate) }];
  if (sound) inputs.push({ kind: 'file', path: sound.path, options: words.soundInputOptions(sound) });
  if (luma)
    inputs.push({
      kind: 'second-pipe',
      options: words.rawInputOptions(luma, divide(rate, rational(luma.every)), 'gray'),
    });
  const finish = { ...options, lumaInput: luma && inputs.length - 1 };
  if (overlay) inputs.push({ kind: 'still', path: overlay.png });
  const output = [
    ...['-filter_complex', words.videoGraph(options, finish, inputs.length - 1), '-map', '[v]'],
    ...words.videoOptions(quality, preset, rate, words.evenSize(options)),
    ...(sound ? ['-map', `1:${sound.stream}`, ...words.soundOptions(sound)] : []),
    ...words.containerOptions(rate),
  ];
  const limits = { ...defaultLimits, maxMemory };
  return [inputs, [{ target: { file: path }, options: output }], { limits, signal: options.signal, side: 'output' }];
}

async function* onTheBeat(frames: AsyncIterable<Frame>, options: EncodeOptions): AsyncGenerator<Frame> {
  const { width, height, rate } = options;
  const step = divide(rational(1), rate);
  let expected: Rational | undefined;
  for await (const frame of frames) {
    if (frame.width !== width || frame.height !== height || frame.data.length !== width * height * 3) {
      throw new RangeError(`expected frames of ${width}x${height} but received ${frame.width}x${frame.height}`);
    }
    expected ??= frame.time;
    if (compare(frame.time, expected) !== 0) {
      const off = subtract(frame.time, expected);
      throw new RangeError(
        `expected the next frame ${step.num}/${step.den} s on but received it ${off.num}/${off.den} s off`,
      );
    }
    expected = add(expected, step);
    yield frame;
  }
}

/** Writes each picture while the next is being made. Resolves to how many there were. */
async function feed(tool: ToolProcess, frames: AsyncIterable<Frame>, luma: LumaLayer | undefined): Promise<number> {
  const write = toolWriter(tool, stallMs);
  let count = 0;
  let writing: Promise<unknown> = Promise.resolve();
  for await (const frame of frames) {
    const added = await luma?.next(frame);
    await writing;
    const picture = write(tool.stdin, frame.data);
    writing = added && tool.second ? Promise.all([picture, write(tool.second, added)]) : picture;
    // Awaited one picture later; a failure in between is not unhandled.
    writing.catch(() => undefined);
    count += 1;
  }
  await writing;
  if (count === 0) throw new LumiereError('input.zero-duration');
  return count;
}
