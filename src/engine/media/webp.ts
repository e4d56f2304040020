/**
 * Animated WebP, which FFmpeg cannot decode before version 8. sharp can; it is given bytes, never a name, a bound on
 * pixels and on time, and decodes a handful of frames at once because each request starts again from the first frame.
 */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

import { LumiereError } from '../errors.ts';
import type { Frame } from '../frame.ts';
import { add, compare, divide, rational, type Rational } from '../rational.ts';
import type { MediaLimits } from './limits.ts';
import type { Probe } from './probe-result.ts';
import { standardRateNear } from './timing.ts';

/** Bytes of a file that is read whole. */
const maxBytes = 128 * 2 ** 20;
/** Bytes of decoded RGBA wanted at once. */
const batchBytes = 64 * 2 ** 20;
/** Browsers show a frame that asks for less than 11 ms for 100 ms: files made by careless tools rely on it. */
const shownDelay = (delay: number): number => (delay < 11 ? 100 : delay);

/** True for the first bytes of a WebP with the animation flag of its VP8X chunk set. */
export function isAnimatedWebp(head: Buffer): boolean {
  if (head.length < 30 || head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 16) !== 'WEBPVP8X')
    return false;
  return (head[20]! & 0x02) !== 0;
}

async function read(path: string, bytes: number): Promise<Buffer> {
  if (bytes > maxBytes) throw new LumiereError('input.file-too-large', { bytes, limit: maxBytes });
  return await readFile(path);
}

/** What `probe` answers for an animated WebP of `bytes` bytes at `path`. */
export async function probeWebp(
  path: string,
  bytes: number,
  limits: MediaLimits,
  signal: AbortSignal | undefined,
): Promise<Probe> {
  const data = await read(path, bytes);
  const width = data.readUIntLE(24, 3) + 1;
  const height = data.readUIntLE(27, 3) + 1;
  if (width > limits.maxSide || height > limits.maxSide || width * height > limits.maxPixels) {
    throw new LumiereError('input.too-large', { width, height, limit: limits.maxSide });
  }
  if (width < limits.minSide || height < limits.minSide) {
    throw new LumiereError('input.too-small', { width, height, limit: limits.minSide });
  }
  const delays = await decoding(async () => {
    const metadata = await sharp(data, { pages: -1, limitInputPixels: false }).metadata();
    if (metadata.format !== 'webp') throw new LumiereError('input.not-media');
    return (metadata.delay ?? []).map(shownDelay);
  });
  if (signal?.aborted) throw new LumiereError('job.cancelled');
  if (delays.length === 0) throw new LumiereError('input.zero-duration');
  if (delays.length > limits.maxFrames) {
    throw new LumiereError('input.too-many-frames', { frames: delays.length, limit: limits.maxFrames });
  }
  await decodeBatch(data, 0, 1);

  const times: Rational[] = [];
  let end = rational(0);
  for (const delay of delays) {
    times.push(end);
    end = add(end, rational(delay, 1000));
  }
  const alpha = (data[20]! & 0x10) !== 0;
  const mean = divide(rational(delays.length), end);
  return {
    path,
    bytes,
    container: 'webp',
    start: rational(0),
    audio: [],
    warnings: alpha ? [{ code: 'input.alpha-flattened', params: {} }] : [],
    video: {
      index: 0,
      codec: 'webp',
      codedWidth: width,
      codedHeight: height,
      width,
      height,
      sampleAspectRatio: rational(1),
      orientation: { quarterTurns: 0, mirrored: false },
      rate: standardRateNear(mean),
      variableRate: delays.some((delay) => Math.abs(delay - delays[0]!) > 1),
      frameCount: { count: delays.length, exact: true },
      times,
      duration: end,
      start: rational(0),
      timeBase: rational(1, 1000),
      pixelFormat: alpha ? 'rgba' : 'rgb24',
      bitDepth: 8,
      alpha,
      color: { range: 'full', matrix: 'rgb', primaries: 'bt709', transfer: 'iec61966-2-1', assumed: false },
      fieldOrder: 'progressive',
    },
  };
}

/** Frames `first` to `first + count - 1`, one under another, put on white. */
async function decodeBatch(data: Buffer, first: number, count: number): Promise<Buffer> {
  return await decoding(async () =>
    sharp(data, { page: first, pages: count, limitInputPixels: false })
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .timeout({ seconds: 60 })
      .raw()
      .toBuffer(),
  );
}

async function decoding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LumiereError) throw error;
    const message = error instanceof Error ? error.message : '';
    const detail = message.split('\n', 1)[0]!.slice(0, 200);
    if (message.includes('timeout')) throw new LumiereError('input.timeout', { seconds: 60 }, { cause: error });
    throw new LumiereError('input.corrupt', { detail }, { cause: error });
  }
}

export interface WebpRange {
  readonly from: Rational | undefined;
  readonly to: Rational | undefined;
  /** Size of the frames given. */
  readonly width: number;
  readonly height: number;
}

/** The frames of a probed animated WebP shown from `from` (inclusive) to `to` (exclusive). */
export async function* decodeWebp(
  probe: Probe,
  range: WebpRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Frame> {
  const { width, height, times = [] } = probe.video;
  const wanted = times
    .map((time, index) => ({ time, index }))
    .filter(
      ({ time }) => (!range.from || compare(time, range.from) >= 0) && (!range.to || compare(time, range.to) < 0),
    );
  if (wanted.length === 0) return;
  const data = await read(probe.path, probe.bytes);
  const size = width * height * 3;
  const batch = Math.max(1, Math.floor(batchBytes / (width * height * 4)));
  for (let begin = 0; begin < wanted.length; begin += batch) {
    const part = wanted.slice(begin, begin + batch);
    const pixels = await decodeBatch(data, part[0]!.index, part.length);
    if (pixels.length !== size * part.length)
      throw new LumiereError('input.corrupt', { detail: 'frames of another size' });
    for (const [position, { time }] of part.entries()) {
      if (signal?.aborted) throw new LumiereError('job.cancelled');
      const whole = pixels.subarray(position * size, (position + 1) * size);
      const data =
        range.width === width && range.height === height ? whole : await resized(whole, width, height, range);
      yield { format: 'rgb24', width: range.width, height: range.height, time, data };
    }
  }
}

async function resized(data: Buffer, width: number, height: number, size: WebpRange): Promise<Buffer> {
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}
