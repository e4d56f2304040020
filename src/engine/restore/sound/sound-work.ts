/** What the sound thread is asked for and what it answers: plain data. */
import type { ErrorCode, ErrorParams } from '../../errors.ts';
import type { Fit } from './fit.ts';
import type { AmbienceName } from './request.ts';

export type AddedWork =
  | { readonly kind: 'file'; /** Raw sound, decoded. */ readonly path: string }
  | {
      readonly kind: 'ambience';
      readonly name: AmbienceName;
      readonly seed: number;
      /** Where the ambience may be kept while it is made. */
      readonly path: string;
      /** Pictures a second of the film itself. */
      readonly frameRate: number;
      /** A packed track. */
      readonly motion: Float64Array;
    };

export interface SoundWork {
  /** Length of the result in samples. */
  readonly samples: number;
  /** The clip's own sound, decoded, starting where the picture starts. */
  readonly own?: string;
  readonly added: AddedWork;
  /** Where the result shall stand. */
  readonly output: string;
}

export interface SoundMix {
  /** Integrated loudness of the result, LUFS; -Infinity when all of it is silent. */
  readonly loudness: number;
  /** dBTP. */
  readonly peak: number;
  /** What the clip's own sound was: `silent` below -50 LUFS, in which case what is added is alone. */
  readonly own: 'absent' | 'silent' | 'real';
  /** LU between the clip's own sound and what is added under it, where there is any. */
  readonly below?: number;
  readonly fit?: Fit;
}

export type SoundReply =
  | { readonly kind: 'progress'; /** 0..1. */ readonly done: number }
  | { readonly kind: 'made'; readonly mix: SoundMix }
  | { readonly kind: 'failed'; readonly code?: ErrorCode; readonly params: ErrorParams; readonly reason: string };
