/** What a look at a clip tells: the contract between the probe and everything that plans or decodes. */
import type { Rational } from '../rational.ts';
import type { ColorInfo } from './color.ts';
import type { Orientation } from './geometry.ts';
import type { MediaWarning } from './warnings.ts';

export interface VideoStream {
  /** Position among all streams of the file. */
  readonly index: number;
  readonly codec: string;
  /** Size as stored. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** Size as shown, and as `decodeFrames` gives it: square pixels, rotation applied. */
  readonly width: number;
  readonly height: number;
  readonly sampleAspectRatio: Rational;
  readonly orientation: Orientation;
  /** Nominal frames a second; exact when `variableRate` is false. */
  readonly rate: Rational;
  readonly variableRate: boolean;
  readonly frameCount: { readonly count: number; readonly exact: boolean };
  /** Presentation times of all frames from the first, in seconds, where the file is short enough to read them all. */
  readonly times?: readonly Rational[];
  /** Seconds from the start of the first frame to the end of the last. */
  readonly duration: Rational;
  /** When the first frame is shown on the file's own clock, in seconds. */
  readonly start: Rational;
  /** Seconds a tick of the file's clock lasts: times in the file are rounded to it. */
  readonly timeBase: Rational;
  readonly pixelFormat: string;
  readonly bitDepth: number;
  readonly alpha: boolean;
  readonly color: ColorInfo;
  readonly fieldOrder: 'progressive' | 'top-first' | 'bottom-first' | 'unknown';
}

export interface AudioStream {
  /** Position among all streams of the file. */
  readonly index: number;
  readonly codec: string;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bitRate?: number;
  /** ISO 639 code, as the file gives it. */
  readonly language?: string;
  readonly isDefault: boolean;
  /** Seconds from the first frame to the first sample; negative when the sound begins before the picture. */
  readonly offset: Rational;
  readonly duration?: Rational;
}

export interface Probe {
  readonly path: string;
  readonly bytes: number;
  /** FFmpeg's names of the container, such as `mov,mp4,m4a,3gp,3g2,mj2`; `webp` for an animated WebP. */
  readonly container: string;
  readonly video: VideoStream;
  readonly audio: readonly AudioStream[];
  /** The file's own time zero: the earliest moment of any stream, in seconds on the file's clock. */
  readonly start: Rational;
  readonly warnings: readonly MediaWarning[];
}
