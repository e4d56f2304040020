/**
 * Looks at a clip before any work is done on it: what it holds, how its pictures lie in time and on screen, and whether
 * this machine should touch it at all. Two or three short ffprobe runs, 0.1 to 0.3 s together.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';

import { LumiereError } from '../errors.ts';
import { compare, divide, rational, subtract, toNumber, type Rational } from '../rational.ts';
import { readColor } from './color.ts';
import { explainNothing } from './ffmpeg-errors.ts';
import {
  ffprobeJson,
  type FfprobeFrame,
  type FfprobePacket,
  type FfprobeResult,
  type FfprobeStream,
  type Look,
} from './ffprobe-json.ts';
import { displayOf, readOrientation, readSampleAspectRatio } from './geometry.ts';
import { defaultLimits, type MediaLimits } from './limits.ts';
import type { AudioStream, Probe, VideoStream } from './probe-result.ts';
import { readTiming, type Timing } from './timing.ts';
import type { MediaWarning } from './warnings.ts';
import { isAnimatedWebp, probeWebp } from './webp.ts';

export type { AudioStream, Probe, VideoStream } from './probe-result.ts';

export interface ProbeOptions {
  readonly limits?: Partial<MediaLimits>;
  readonly signal?: AbortSignal;
}

/** Packets decoded to see what the pictures really are. */
const framesLookedAt = 8;
/** Packets read to learn the rhythm: two and a half minutes at 25 frames a second, read in some 50 ms. */
const packetsLookedAt = 4000;

/**
 * Probes `path`. Rejects with a LumiereError of an `input.…` code when the file is none of ours to work on,
 * `tool.missing`, `tool.memory` or `job.cancelled`.
 */
export async function probe(path: string, options: ProbeOptions = {}): Promise<Probe> {
  const limits = { ...defaultLimits, ...options.limits };
  const file = resolve(path);
  const { bytes, head } = await readHead(file);
  if (isAnimatedWebp(head)) return await probeWebp(file, bytes, limits, options.signal);

  const look = { limits, signal: options.signal };
  // The stream is not known yet: `V:0` is the first that is no cover picture, nearly always the one. All three at once
  // take half the time of one after another.
  const [description, rhythm, sight] = await Promise.all([
    settled(describe(file, head, look)),
    settled(readPackets(file, 'V:0', look)),
    settled(readFirstFrame(file, 'V:0', look)),
  ]);
  const { streams = [], format = {} } = description();
  const pictures = streams.filter((s) => s.codec_type === 'video' && s.disposition?.['attached_pic'] !== 1);
  const stream = pictures.find((s) => s.disposition?.['default'] === 1) ?? pictures[0];
  if (!stream) throw new LumiereError('input.no-video');
  checkStream(stream, limits);

  const right = stream === pictures[0];
  const packets = right ? rhythm() : await readPackets(file, String(stream.index), look);
  if (packets.length === 0) throw new LumiereError('input.zero-duration');
  let first = right ? sight() : await readFirstFrame(file, String(stream.index), look);
  // A picture decoded late may be shown first. Looking as far as it lies tells it from one that cannot be decoded.
  const earliest = earliestShown(packets);
  if (earliest && first.best_effort_timestamp !== undefined && first.best_effort_timestamp > earliest.tick) {
    first = await readFirstFrame(file, String(stream.index), look, earliest.position + framesLookedAt);
  }
  const timing = readTiming(stream, packets, packets.length < packetsLookedAt, format, first);
  checkTiming(timing, limits);
  const video = describeVideo(stream, first, timing, limits);
  const audio = streams.filter((s) => s.codec_type === 'audio').map((s) => describeAudio(s, timing.start));
  const start = seconds(format.start_time) ?? timing.start;
  return { path: file, bytes, container: format.format_name ?? '', video, audio, start, warnings: warningsOf(video) };
}

async function readHead(file: string): Promise<{ bytes: number; head: Buffer }> {
  let handle: FileHandle | undefined;
  try {
    const { size, isFile } = await stat(file).then((s) => ({ size: s.size, isFile: s.isFile() }));
    if (!isFile) throw new LumiereError('input.unreadable', { path: file });
    if (size === 0) throw new LumiereError('input.empty', { path: file });
    handle = await open(file, 'r');
    const head = Buffer.alloc(64);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    return { bytes: size, head: head.subarray(0, bytesRead) };
  } catch (error) {
    if (error instanceof LumiereError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const missing = code === 'ENOENT' || code === 'ENOTDIR';
    throw new LumiereError(missing ? 'input.not-found' : 'input.unreadable', { path: file }, { cause: error });
  } finally {
    await handle?.close();
  }
}

/** Waits for `work` either way; what it came to, value or error, is had by calling. */
async function settled<T>(work: Promise<T>): Promise<() => T> {
  try {
    const value = await work;
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

async function describe(file: string, head: Buffer, look: Look): Promise<FfprobeResult> {
  try {
    return await ffprobeJson(file, ['-show_format', '-show_streams'], look);
  } catch (error) {
    throw isTruncated(error) && !beginsLikeMov(head)
      ? new LumiereError('input.not-media', {}, { cause: error })
      : error;
  }
}

function isTruncated(error: unknown): boolean {
  return error instanceof LumiereError && error.code === 'input.truncated';
}

/** FFmpeg takes anything named .mp4 for a film without an index; a real one begins with one of these boxes. */
function beginsLikeMov(head: Buffer): boolean {
  return ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'moof', 'styp'].includes(
    head.toString('latin1', 4, 8),
  );
}

async function readPackets(file: string, stream: string, look: Look): Promise<readonly FfprobePacket[]> {
  const entries = ['-select_streams', stream, '-read_intervals', `%+#${packetsLookedAt}`];
  const result = await ffprobeJson(file, [...entries, '-show_entries', 'packet=pts,dts,duration,flags'], look);
  return result.packets ?? [];
}

/** The packet shown first, by its presentation time and its position in decoding order; what an edit list hides is not shown. */
function earliestShown(packets: readonly FfprobePacket[]): { tick: number; position: number } | undefined {
  let earliest: { tick: number; position: number } | undefined;
  for (const [position, { pts, flags }] of packets.entries()) {
    if (pts === undefined || flags?.includes('D')) continue;
    if (!earliest || pts < earliest.tick) earliest = { tick: pts, position };
  }
  return earliest;
}

async function readFirstFrame(
  file: string,
  stream: string,
  look: Look,
  packets = framesLookedAt,
): Promise<FfprobeFrame> {
  const entries = ['-select_streams', stream, '-read_intervals', `%+#${packets}`, '-show_frames'];
  const { frames = [], said } = await ffprobeJson(file, entries, look);
  const first = frames.find((frame) => frame.media_type === 'video');
  if (!first) throw explainNothing(said);
  return first;
}

function checkStream(stream: FfprobeStream, limits: MediaLimits): void {
  const { width = 0, height = 0 } = stream;
  if (width > limits.maxSide || height > limits.maxSide || width * height > limits.maxPixels) {
    throw new LumiereError('input.too-large', { width, height, limit: limits.maxSide });
  }
  if (stream.codec_name === undefined || stream.codec_name === 'unknown') {
    throw new LumiereError('input.codec-unknown', { codec: stream.codec_tag_string ?? '' });
  }
  if (width > 0 && height > 0 && (width < limits.minSide || height < limits.minSide)) {
    throw new LumiereError('input.too-small', { width, height, limit: limits.minSide });
  }
}

function checkTiming(timing: Timing, limits: MediaLimits): void {
  const rate = toNumber(timing.rate);
  if (!(rate > 0) || rate > limits.maxRate)
    throw new LumiereError('input.rate-absurd', { rate: Math.round(rate), limit: limits.maxRate });
  if (compare(timing.duration, rational(0)) <= 0) throw new LumiereError('input.zero-duration');
  const length = toNumber(timing.duration);
  if (length > limits.maxDuration)
    throw new LumiereError('input.too-long', { seconds: Math.round(length), limit: limits.maxDuration });
  if (timing.frameCount.count > limits.maxFrames) {
    throw new LumiereError('input.too-many-frames', { frames: timing.frameCount.count, limit: limits.maxFrames });
  }
}

function describeVideo(stream: FfprobeStream, first: FfprobeFrame, timing: Timing, limits: MediaLimits): VideoStream {
  const codedWidth = first.width ?? stream.width ?? 0;
  const codedHeight = first.height ?? stream.height ?? 0;
  checkStream({ ...stream, width: codedWidth, height: codedHeight }, limits);
  const pixelFormat = first.pix_fmt ?? stream.pix_fmt ?? '';
  const orientation = readOrientation([...(stream.side_data_list ?? []), ...(first.side_data_list ?? [])]);
  const sampleAspectRatio = readSampleAspectRatio(first.sample_aspect_ratio ?? stream.sample_aspect_ratio);
  const { width, height } = displayOf(codedWidth, codedHeight, sampleAspectRatio, orientation);
  checkStream({ ...stream, width, height }, limits);
  return {
    index: stream.index,
    codec: stream.codec_name ?? '',
    codedWidth,
    codedHeight,
    width,
    height,
    sampleAspectRatio,
    orientation,
    ...timing,
    pixelFormat,
    bitDepth: bitDepthOf(pixelFormat, stream),
    alpha: hasAlpha(pixelFormat),
    color: readColor(first, stream, pixelFormat, codedWidth, codedHeight),
    fieldOrder: fieldOrderOf(stream, first),
  };
}

function warningsOf(video: VideoStream): MediaWarning[] {
  const warnings: MediaWarning[] = [];
  if (video.color.hdr) warnings.push({ code: 'input.tone-mapped', params: { transfer: video.color.hdr } });
  // A GIF decodes to pictures with transparency whether it has any or not.
  if (video.alpha && video.codec !== 'gif') warnings.push({ code: 'input.alpha-flattened', params: {} });
  return warnings;
}

function describeAudio(stream: FfprobeStream, videoStart: Rational): AudioStream {
  const duration = seconds(stream.duration);
  const language = stream.tags?.['language'];
  const bitRate = Number(stream.bit_rate);
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    channels: stream.channels ?? 0,
    sampleRate: Number(stream.sample_rate ?? 0),
    ...(bitRate > 0 && { bitRate }),
    ...(language !== undefined && language !== 'und' && { language }),
    isDefault: stream.disposition?.['default'] === 1,
    offset: subtract(seconds(stream.start_time) ?? videoStart, videoStart),
    ...(duration && { duration }),
  };
}

/** FFmpeg's decimal seconds, which have six digits. */
function seconds(text: string | undefined): Rational | undefined {
  const value = Number(text);
  if (text === undefined || !Number.isFinite(value)) return undefined;
  return divide(rational(Math.round(value * 1e6)), rational(1_000_000));
}

function bitDepthOf(pixelFormat: string, stream: FfprobeStream): number {
  const named =
    /(?:p|gray|gbrp|gbrap)(9|10|12|14|16)(?:le|be)?$/.exec(pixelFormat) ?? /^p0(10|12|16)/.exec(pixelFormat);
  if (named) return Number(named[1]);
  if (/^(rgb|bgr)48|^(rgba|bgra)64/.test(pixelFormat)) return 16;
  const said = Number(stream.bits_per_raw_sample);
  return said > 8 && said <= 16 ? said : 8;
}

function hasAlpha(pixelFormat: string): boolean {
  return /^(yuva|gbrap|rgba|bgra|argb|abgr|ya8|ya16|pal8)/.test(pixelFormat);
}

function fieldOrderOf(stream: FfprobeStream, first: FfprobeFrame): VideoStream['fieldOrder'] {
  if (first.interlaced_frame === 1) return first.top_field_first === 1 ? 'top-first' : 'bottom-first';
  return fieldOrders[stream.field_order ?? ''] ?? 'unknown';
}

/** Two letters: which field is stored first, which is shown first. */
const fieldOrders: Readonly<Record<string, VideoStream['fieldOrder']>> = {
  tt: 'top-first',
  bt: 'top-first',
  bb: 'bottom-first',
  tb: 'bottom-first',
  progressive: 'progressive',
};
