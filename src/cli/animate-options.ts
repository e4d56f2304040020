/** The words of `lumiere animate` as what the engine is asked for. */
import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';

import type { FaceChoice } from '../engine/animate/face/face.ts';
import { presetNames } from '../engine/animate/motion/preset-names.ts';
import {
  type AnimateRequest,
  defaultAnimation,
  type MotionSource,
  type OutputFormat,
  outputFormats,
  type Region,
} from '../engine/animate/request.ts';
import { LumiereError } from '../engine/errors.ts';
import { parseByteSize } from '../engine/media/byte-size.ts';
import { parseRational, type Rational, rational, toNumber } from '../engine/rational.ts';
import type { Translate } from '../locale.ts';
import type { SharedOptions } from './run.ts';

export const motionChoices = [...presetNames, 'none'] as const;
type MotionChoice = (typeof motionChoices)[number];

export interface AnimateOptions extends SharedOptions {
  readonly motion?: MotionChoice;
  readonly drive?: string;
  readonly speech?: string;
  readonly sing?: string;
  readonly track?: string;
  readonly camera?: AnimateRequest['camera'];
  readonly face: FaceChoice;
  readonly caption?: string;
  readonly captionBelow?: string;
  readonly strength?: number;
  readonly speed?: number;
  readonly seconds?: number;
  readonly region?: Region;
  readonly fps?: Rational;
  readonly smooth?: boolean;
  readonly upscale: 1 | 2 | 4;
  readonly format?: OutputFormat;
  readonly crop: AnimateRequest['crop'];
  readonly size: number;
  readonly also: readonly string[];
  readonly sound?: AnimateRequest['sound'];
  readonly maxSize?: number;
  readonly seed: number;
  readonly backEnd: AnimateRequest['backEnd'];
  readonly contactSheet?: boolean;
  readonly dryRun?: boolean;
}

/**
 * `output` is the file to write, where one was named: its ending says the format. Throws `request.idle-option` or `.idle-beside`
 * for an option that would do nothing.
 */
export function toRequest(options: AnimateOptions, output: string | undefined, t: Translate): AnimateRequest {
  const format = options.format ?? formatOf(output);
  refuseIdle(options, format);
  const { smooth = false, caption, captionBelow, seconds, maxSize, speed = defaultAnimation.speed } = options;
  const motion = motionOf(options);
  // Twice 30 is the 60 that smooth stands for; twice 25 would be 50.
  const rate = options.fps ?? (smooth ? rational(30) : defaultAnimation.rate);
  return {
    motion,
    // Something has to move.
    camera: options.camera ?? (motion.kind === 'none' ? 'push-in' : defaultAnimation.camera),
    face: options.face,
    strength: options.strength ?? defaultAnimation.strength,
    speed,
    ...(seconds !== undefined && { seconds }),
    crop: options.crop,
    longestSide: options.size,
    rate,
    smooth,
    upscale: options.upscale,
    format,
    caption: {
      ...(caption !== undefined && { above: caption }),
      ...(captionBelow !== undefined && { below: captionBelow }),
    },
    sound: options.sound ?? defaultAnimation.sound,
    morePhotos: options.also,
    backEnd: options.backEnd,
    seed: options.seed,
    ...(maxSize !== undefined && { maxBytes: maxSize }),
    label: t('animate.label'),
  };
}

function motionOf({ motion = 'painting', drive, speech, sing, track, region = 'all' }: AnimateOptions): MotionSource {
  if (drive !== undefined) return { kind: 'clip', path: drive, region };
  if (speech !== undefined) return { kind: 'speech', path: speech, style: 'speak' };
  if (sing !== undefined) return { kind: 'speech', path: sing, style: 'sing' };
  if (track !== undefined) return { kind: 'track', path: track };
  return motion === 'none' ? { kind: 'none' } : { kind: 'preset', name: motion };
}

/** Options that only some motions know, and the options that say such a motion. */
const partners = {
  region: ['drive'],
  sound: ['drive', 'speech', 'sing'],
  strength: ['motion', 'drive', 'speech', 'sing', 'track'],
  seconds: ['motion'],
  speed: ['motion'],
  fps: ['motion', 'speech', 'sing'],
} as const;

/** Those that a face which stands still has no use for. */
const ofFaces: readonly string[] = ['strength', 'speed'];

/** From which rate on there is no room for a frame between two: half of what the format may have. */
const fastestToSmooth = { mp4: 30, webp: 30, gif: 25 } as const;

/** A length that is asked for and not given would look like a fault. */
function refuseIdle(options: AnimateOptions, format: OutputFormat): void {
  const source =
    (['drive', 'speech', 'sing', 'track'] as const).find((name) => options[name] !== undefined) ?? 'motion';
  for (const [option, known] of Object.entries(partners) as [keyof typeof partners, readonly string[]][]) {
    if (options[option] === undefined) continue;
    const partner = known.map((name) => `--${name}`).join(', ');
    if (!known.includes(source)) throw new LumiereError('request.idle-option', { option, partner });
    if (ofFaces.includes(option) && options.motion === 'none') {
      throw new LumiereError('request.idle-beside', { option, other: '--motion none' });
    }
  }
  const fastest = fastestToSmooth[format];
  if (options.smooth === true && options.fps !== undefined && toNumber(options.fps) > fastest)
    throw new LumiereError('request.idle-option', { option: 'smooth', partner: `--fps ${fastest}` });
}

/** By the ending of the file to write; MP4 where that says nothing, which is then refused for its ending. */
function formatOf(output: string | undefined): OutputFormat {
  const ending = extname(output ?? '').toLowerCase();
  return outputFormats.find((format) => ending === `.${format}`) ?? 'mp4';
}

export function parseFace(text: string): FaceChoice {
  if (text === 'largest' || text === 'left' || text === 'right' || text === 'all') return text;
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected largest, left, right, all, or a number from the left.');
}

export function parseNumber(text: string): number {
  if (!/^\d{1,4}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('Expected a number such as 1 or 0.5.');
  return Number(text);
}

export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

export function parseUpscale(text: string): 1 | 2 | 4 {
  const times = Number(text.replace(/^x/, ''));
  if (times !== 1 && times !== 2 && times !== 4) throw new InvalidArgumentError('Expected 1, 2 or 4.');
  return times;
}

export function parseFps(text: string): Rational {
  const fps = parseRational(text);
  if (fps === undefined || toNumber(fps) < 10 || toNumber(fps) > 60) {
    throw new InvalidArgumentError('Expected a rate from 10 to 60, such as 25 or 30000/1001.');
  }
  return fps;
}

export function parseSize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('Expected a size such as 10MiB, 8MB or 500000.');
  return bytes;
}
