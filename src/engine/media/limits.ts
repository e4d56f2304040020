/** What a file from a stranger may ask of this machine before it is refused. Every number is a default that a caller may change. */

export interface MediaLimits {
  /** Longest side of a picture, in pixels. */
  readonly maxSide: number;
  /** Width times height. */
  readonly maxPixels: number;
  /** Shortest side of a picture, in pixels: below it there is nothing to restore. */
  readonly minSide: number;
  /** Seconds. */
  readonly maxDuration: number;
  readonly maxFrames: number;
  /** Frames a second; cameras for slow motion reach 960. */
  readonly maxRate: number;
  readonly maxStreams: number;
  /** Milliseconds a whole probe may take. */
  readonly probeMs: number;
  /** Milliseconds a decoder may keep a waiting reader without a frame, or an encoder a waiting writer. */
  readonly stallMs: number;
  /** Bytes of memory one decoder process may hold (private, writable), where the system can enforce it. */
  readonly maxMemory: number;
}

export const defaultLimits: MediaLimits = {
  maxSide: 8192,
  maxPixels: 8192 * 4608,
  minSide: 16,
  maxDuration: 6 * 3600,
  maxFrames: 2_000_000,
  maxRate: 1000,
  maxStreams: 64,
  probeMs: 4500,
  stallMs: 4500,
  maxMemory: 3 * 2 ** 30,
};

/** For a file that was made here: nobody tries to hold this machine up with it, and hours of work may be in it. */
export const ownLimits: MediaLimits = { ...defaultLimits, probeMs: 120_000 };
