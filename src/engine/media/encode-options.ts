/** The words that tell ffmpeg how the result is to be made: H.264 High and AAC in an MP4 that any chat can play. Pure. */
import { availableParallelism } from 'node:os';

import { compare, formatRational, rational, toNumber, type Rational } from '../rational.ts';
import type { SoundSource } from './sound-source.ts';
import type { Size } from '../size.ts';

export type Preset =
  'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium' | 'slow' | 'slower' | 'veryslow';

/** Constant quality (0 best, 51 worst; 18 looks like the source), or an average in bits a second. */
export type Quality = { readonly crf: number } | { readonly bitRate: number };

/** A picture laid over every frame. */
export interface Overlay {
  /** Path of a PNG, with or without transparency. */
  readonly png: string;
  /** Place of its left upper corner in the result; negative numbers count from the right and bottom edge. */
  readonly x: number;
  readonly y: number;
}

const tags = 'setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709';
const exact = 'flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp';

/** What goes out is even in both directions: 4:2:0 has one chroma sample for two pixels. */
export function evenSize({ width, height }: Size): Size {
  return { width: width + (width % 2), height: height + (height % 2) };
}

/** What is done to the picture on its way into the encoder, in this order. */
export interface Finish {
  /** Filter graph with one input and one output, both yuv420p. */
  readonly filter?: string;
  /** Number of the input whose grey pictures are enlarged and added to the luma, 128 being nothing. */
  readonly lumaInput?: number | undefined;
  readonly overlay?: Overlay;
}

/**
 * Filter graph from input 0 (our RGB frames) and, with a label, input `overlayInput`, to `[v]`. An odd size gains one column
 * or row that repeats the last one: nothing of the picture is cropped.
 */
export function videoGraph(size: Size, { filter, lumaInput, overlay }: Finish, overlayInput: number): string {
  const even = evenSize(size);
  const odd = even.width !== size.width || even.height !== size.height;
  const convert = `scale=${exact}:out_color_matrix=bt709:out_range=tv`;
  const border = `fillborders=right=${even.width - size.width}:bottom=${even.height - size.height}:mode=smear`;
  const toVideo = odd
    ? [`${convert},format=yuv444p`, `pad=${even.width}:${even.height}`, border, `scale=${exact}`, 'format=yuv420p']
    : [convert, 'format=yuv420p'];
  const plain = toVideo.join(',');
  const filtered = filter === undefined ? plain : `${plain}[plain];[plain]${filter}`;
  const main = lumaInput === undefined ? filtered : `${filtered}[unmarked];${addLuma(even, lumaInput)}`;
  if (!overlay) return `[0:v]${main},${tags}[v]`;
  const x = overlay.x < 0 ? `W-w${overlay.x}` : String(overlay.x);
  const y = overlay.y < 0 ? `H-h${overlay.y}` : String(overlay.y);
  return [
    `[0:v]${main}[picture]`,
    `[${overlayInput}:v]${convert},format=yuva420p[label]`,
    `[picture][label]overlay=x=${x}:y=${y}:format=yuv420,format=yuv420p,${tags}[v]`,
  ].join(';');
}

/** From `[unmarked]` and the grey input. The ranges are said to be equal, or 128 would become another level. */
function addLuma({ width, height }: Size, input: number): string {
  const enlarge = `scale=${width}:${height}:flags=fast_bilinear:in_range=tv:out_range=tv,format=yuv420p`;
  return `[${input}:v]${enlarge}[pattern];[unmarked][pattern]blend=c0_mode=grainmerge`;
}

/**
 * Ticks a second of the video track: a multiple of the rate's numerator, so that every frame lasts a whole number of ticks.
 * Rates beyond what 32 bits hold get the nearest microsecond.
 */
function timescale(rate: Rational): number {
  if (rate.num > 2 ** 31 / 2) return 1_000_000;
  let ticks = rate.num;
  while (ticks < 10_000) ticks *= 2;
  return ticks;
}

/** Options of the x264 encoder. Its look-ahead is what holds memory: at 2560x1920, 680 MB with 12 frames, 630 MB with 8. */
export function videoOptions(quality: Quality, preset: Preset, rate: Rational, { width, height }: Size): string[] {
  const large = width * height > 1920 * 1200;
  return [
    ...['-c:v', 'libx264', '-profile:v', 'high', '-preset', preset, '-pix_fmt', 'yuv420p'],
    // What makes it High; the fastest presets would leave it out.
    ...['-coder', '1', '-8x8dct', '1'],
    ...('crf' in quality ? ['-crf', String(quality.crf)] : ['-b:v', String(Math.floor(quality.bitRate))]),
    ...['-threads', String(Math.min(large ? 6 : 12, availableParallelism()))],
    ...(large ? ['-rc-lookahead', '8'] : []),
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-fps_mode', 'passthrough', '-video_track_timescale', String(timescale(rate))],
  ];
}

/** Filter graph from input 0, an earlier result of ours, to `[v]`: fewer frames, a smaller picture. */
export function reencodeGraph(from: Size, to: Size, keepOneIn: number): string {
  const steps = [
    ...(keepOneIn > 1 ? [`framestep=${keepOneIn}`] : []),
    ...(to.width !== from.width || to.height !== from.height ? [`scale=${to.width}:${to.height}:flags=lanczos`] : []),
    ...['format=yuv420p', tags],
  ];
  return `[0:v]${steps.join(',')}[v]`;
}

/** Options for the sound. `bitRate` in bits a second, or left out for what suits the number of channels. */
export function soundOptions(sound: SoundSource, bitRate?: number): string[] {
  if (sound.copy && bitRate === undefined) return ['-c:a', 'copy'];
  const channels = Math.min(6, Math.max(1, sound.channels));
  // Lays samples on the clock of the picture: what is missing becomes silence, what comes before zero is cut.
  const chain = ['aresample=async=1:min_hard_comp=0.01:first_pts=0'];
  if (sound.end) chain.push(`atrim=end=${toNumber(sound.end).toFixed(6)}`);
  const rate = bitRate ?? (channels === 1 ? 96_000 : 80_000 * channels);
  return ['-c:a', 'aac', '-b:a', String(Math.floor(rate)), '-ac', String(channels), '-filter:a', chain.join(',')];
}

/** Options before the `-i` of the sound's file. */
export function soundInputOptions(sound: SoundSource): string[] {
  return compare(sound.shift, rational(0)) === 0 ? [] : ['-itsoffset', toNumber(sound.shift).toFixed(6)];
}

/** Options of the container: index first, nothing told about where the clip came from. */
export function containerOptions(rate: Rational): string[] {
  return [
    ...['-map_metadata', '-1', '-map_metadata:s:v', '-1', '-map_chapters', '-1', '-dn', '-sn'],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
    ...['-movflags', '+faststart', '-movie_timescale', String(timescale(rate)), '-f', 'mp4'],
  ];
}

/** Options before the `-i` of a pipe of raw frames. Two waiting frames are enough, and 15 MB each at 2560x1920. */
export function rawInputOptions(
  { width, height }: Size,
  rate: Rational,
  pixelFormat: 'rgb24' | 'gray' = 'rgb24',
): string[] {
  return [
    ...['-f', 'rawvideo', '-pixel_format', pixelFormat, '-video_size', `${width}x${height}`],
    ...['-framerate', formatRational(rate), '-thread_queue_size', '2'],
  ];
}
