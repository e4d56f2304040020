/**
 * Writes an animation as a GIF or an animated WebP that begins again for ever. The frames first become a film without visible
 * loss: a palette wants to see all of them before the first is written, and a smaller try needs them again.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { LumiereError } from '../../errors.ts';
import type { Frame } from '../../frame.ts';
import { encodeTo, type EncodeOptions } from '../../media/encode.ts';
import { evenSize } from '../../media/encode-options.ts';
import { startFfmpeg, type Input } from '../../media/ffmpeg.ts';
import type { Fitted, GivenUp } from '../../media/fit.ts';
import { beginPartialFile } from '../../media/partial-file.ts';
import { divide, rational, toNumber, type Rational } from '../../rational.ts';
import type { Size } from '../../size.ts';

export interface LoopingOptions extends Omit<EncodeOptions, 'sound' | 'quality' | 'preset'> {
  readonly format: 'gif' | 'webp';
  readonly maxBytes?: number;
  /** A smaller picture has at least this share of the width and height: letters in it stay readable. */
  readonly leastScale?: number;
  /** For the film and the palette. */
  readonly folder: string;
  /** 0 to 1, from when the last frame has come. */
  readonly onWriting?: (done: number) => void;
}

/** One way to write it. */
interface Attempt {
  readonly size: Size;
  readonly keepOneIn: number;
  /** WebP's own scale, 0 to 100; a GIF knows no such thing. */
  readonly quality: number;
}

/**
 * GIFs count in hundredths of a second and browsers slow down what lies under two of them, so that 50 frames a second are the
 * most; a WebP counts in thousandths.
 */
export const fastestRate = { gif: 50, webp: 60 } as const;

const mostAttempts = 8;
const firstQuality = 82;
const lowestQuality = 35;
const shortestSide = 48;
const slowestRate = 8;

/**
 * Rejects as `encodeTo` does, and with `output.size-unreachable` when no smaller picture or rate is small enough; then no file
 * is left.
 */
export async function writeLooping(frames: AsyncIterable<Frame>, options: LoopingOptions): Promise<Fitted> {
  const { folder, rate, path, format, maxBytes } = options;
  // A place that cannot be written to is found before all the work.
  await (await beginPartialFile(path)).discard();
  const film = join(folder, 'film.mp4');
  const count = await encodeTo(film, frames, { ...options, path: film, quality: { crf: 4 }, preset: 'veryfast' });
  const whole: Attempt = {
    size: { width: options.width, height: options.height },
    keepOneIn: Math.max(1, Math.ceil(toNumber(rate) / fastestRate[format] - 0.001)),
    quality: firstQuality,
  };
  let attempt = whole;
  for (let tried = 1; tried <= mostAttempts; tried += 1) {
    const file = await beginPartialFile(path);
    try {
      await write(film, file.path, attempt, options);
      options.onWriting?.(tried / mostAttempts);
      const { size: bytes } = await stat(file.path);
      if (maxBytes === undefined || bytes <= maxBytes) {
        await file.commit();
        const kept = Math.ceil(count / attempt.keepOneIn);
        return {
          path,
          bytes,
          frames: kept,
          ...attempt.size,
          rate: divide(rate, rational(attempt.keepOneIn)),
          duration: divide(rational(count), rate),
          givenUp: givenUp(whole, attempt, rate),
        };
      }
      const next = smaller(attempt, (maxBytes / bytes) * 0.94, options);
      if (next === undefined) break;
      attempt = next;
    } finally {
      await file.discard();
    }
  }
  throw new LumiereError('output.size-unreachable', { limit: maxBytes ?? 0 });
}

/** What should come to `share` of the bytes of `attempt`: worse quality first, then a smaller picture, then fewer frames. */
function smaller(attempt: Attempt, share: number, options: LoopingOptions): Attempt | undefined {
  const { format, rate, leastScale = 0 } = options;
  if (format === 'webp' && attempt.quality > lowestQuality) {
    // From 82 to 35 a WebP loses about two thirds of its bytes.
    return { ...attempt, quality: Math.max(lowestQuality, Math.floor(attempt.quality + 48 * Math.log2(share) * 0.7)) };
  }
  const { width, height } = attempt.size;
  const least = Math.max(leastScale, shortestSide / Math.min(options.width, options.height)) * options.width;
  const scale = Math.max(0.5, Math.sqrt(share), least / width);
  const size = { width: even(width * scale), height: even(height * scale) };
  if (scale <= 0.97 && size.width < width) return { ...attempt, size };
  const keepOneIn = attempt.keepOneIn * 2;
  return toNumber(rate) / keepOneIn < slowestRate ? undefined : { ...attempt, keepOneIn };
}

const even = (length: number): number => Math.max(2, Math.round(length / 2) * 2);

function givenUp(whole: Attempt, attempt: Attempt, rate: Rational): GivenUp[] {
  const list: GivenUp[] = [];
  if (attempt.quality !== whole.quality) list.push({ what: 'quality', from: whole.quality, to: attempt.quality });
  if (attempt.size !== whole.size) list.push({ what: 'size', from: whole.size, to: attempt.size });
  if (attempt.keepOneIn !== 1) {
    list.push({ what: 'rate', from: rate, to: divide(rate, rational(attempt.keepOneIn)) });
  }
  return list;
}

async function write(film: string, path: string, attempt: Attempt, options: LoopingOptions): Promise<void> {
  const shown = picture(attempt, options);
  if (options.format === 'webp') {
    const words = ['-c:v', 'libwebp_anim', '-lossless', '0', '-quality', String(attempt.quality)];
    const graph = `[0:v]${shown}[v]`;
    await run([film], graph, [...words, '-compression_level', '4', '-loop', '0', '-f', 'webp'], path, options);
    return;
  }
  const palette = join(options.folder, 'palette.png');
  const all = `[0:v]${shown},palettegen=stats_mode=full[v]`;
  await run([film], all, ['-frames:v', '1', '-c:v', 'png', '-f', 'image2', '-update', '1'], palette, options);
  // An ordered dither: error diffusion would boil over what stands still, and no frame could leave out what did not change.
  const use = `[0:v]${shown}[picture];[picture][1:v]paletteuse=dither=bayer:bayer_scale=3:diff_mode=rectangle[v]`;
  await run([film, palette], use, ['-c:v', 'gif', '-loop', '0', '-f', 'gif'], path, options);
}

/** Filters that bring the film to what an attempt shows; the row or column that made an odd size even is cut off again. */
function picture({ size, keepOneIn }: Attempt, options: LoopingOptions): string {
  const made = evenSize(options);
  const steps = [
    ...(keepOneIn > 1 ? [`framestep=${keepOneIn}`] : []),
    ...(made.width !== options.width || made.height !== options.height
      ? [`format=yuv444p,crop=${options.width}:${options.height}:0:0`]
      : []),
    ...(size.width !== options.width || size.height !== options.height
      ? [`scale=${size.width}:${size.height}:flags=lanczos+accurate_rnd+full_chroma_inp`]
      : []),
  ];
  return steps.length > 0 ? steps.join(',') : 'null';
}

async function run(
  inputs: readonly string[],
  graph: string,
  words: readonly string[],
  path: string,
  { signal }: LoopingOptions,
): Promise<void> {
  const [film, palette] = inputs;
  const given: Input[] = [
    { kind: 'file', path: film! },
    ...(palette === undefined ? [] : [{ kind: 'still', path: palette } as const]),
  ];
  const options = ['-filter_complex', graph, '-map', '[v]', '-an', '-fps_mode', 'passthrough', ...words];
  const tool = await startFfmpeg(given, [{ target: { file: path }, options }], { signal, side: 'output' });
  await tool.ended;
}
