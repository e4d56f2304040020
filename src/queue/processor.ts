/**
 * What does the work of a job. A processor knows files and folders, nothing of Redis, the database or Discord: the worker
 * gives it the files, keeps what it made and tells everybody.
 */
import type { Reply, Request } from '../store/rows.ts';
import type { Marks } from '../engine/provenance/read-marks.ts';
import type { GivenRole } from './given-roles.ts';
import type { InputMarks } from './input-marks.ts';
import type { ProgressMeter } from './progress-meter.ts';

export interface Work {
  readonly request: Request;
  readonly reply: Reply;
  readonly signal: AbortSignal;
  /** An empty folder of this job's own, removed with all it holds when the job has ended. */
  readonly folder: string;
  readonly progress: ProgressMeter;
}

export interface RestoreWork extends Work {
  /** The clip or photograph that was given. */
  readonly input: string;
  /** Files of the work that were made here, by their hash. */
  readonly madeHere: readonly GivenRole[];
  /**
   * Keeps on record what marks the files came with, and says whether the clip is an animation that was made here, or was made
   * from one. Rejects where that one may not be used.
   */
  readonly keepMarks: (marks: InputMarks) => Promise<{ readonly isAnimation: boolean }>;
}

/** The photograph, and the clip or the sound that moves it. */
export interface AnimateWork extends RestoreWork {
  readonly driver?: string | undefined;
  readonly speech?: string | undefined;
}

export interface RefitWork extends Work {
  /** What the request came to. */
  readonly result: string;
  readonly maxBytes: number;
}

export interface PictureWork extends Work {
  readonly result: string;
}

export interface VerifyWork {
  /** A file of anybody's. */
  readonly file: string;
  readonly signal: AbortSignal;
}

export interface CompareWork extends Work {
  readonly input: string;
  readonly result: string;
  readonly maxBytes: number;
  /** Words over the two sides. */
  readonly labels: readonly [string, string];
}

/** A file in the job's folder, and what there is to say about it, as JSON. */
export interface Made {
  readonly path: string;
  readonly mediaType: string;
  readonly outcome?: object | undefined;
  /** Of some of its pictures, by which it is known again; absent for what is nobody's result. */
  readonly perceptualHashes?: readonly string[];
}

/**
 * One for each kind of job. Rejects with a LumiereError that a member can be told, `job.cancelled` once the signal is
 * aborted; anything else is a fault of ours.
 */
export interface Processors {
  readonly restore: (work: RestoreWork) => Promise<Made>;
  readonly animate: (work: AnimateWork) => Promise<Made>;
  /** Makes a preview of the photograph with its faces numbered; its outcome are the `Findings`. */
  readonly look: (work: Omit<AnimateWork, 'madeHere' | 'keepMarks'>) => Promise<Made>;
  readonly refit: (work: RefitWork) => Promise<Made>;
  readonly compare: (work: CompareWork) => Promise<Made>;
  /** One frame of the result, small. */
  readonly picture: (work: PictureWork) => Promise<Made>;
  /** What the file carries and is known by. */
  readonly verify: (work: VerifyWork) => Promise<Marks>;
}
