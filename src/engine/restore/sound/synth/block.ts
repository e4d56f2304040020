/**
 * The shape of synthesised sound: 48 kHz stereo, made a fixed quantum at a time, so that what is heard never depends on
 * how large the blocks are that a caller asks for, and memory never on how long the clip is.
 */
import type { MotionSample } from '../motion-envelope.ts';

/** Samples a second of everything in this folder: what AAC in MP4 is normally given. */
export const sampleRate = 48_000;

/** Samples made at once: 2.7 ms, short enough for control values (gain, pitch, pan) to change once a quantum and be ramped. */
export const quantum = 128;

/** Seconds in one quantum. */
export const quantumSeconds = quantum / sampleRate;

/** Two channels of the same length, nominally within -1..1. */
export interface Stereo {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

export function stereo(length = quantum): Stereo {
  return { left: new Float32Array(length), right: new Float32Array(length) };
}

/** Fills `out`, whatever its length, with the next samples; silence after the end. */
export type Read = (out: Stereo) => void;

/** What a voice is told before it starts. */
export interface Score {
  readonly seed: number;
  /** Length of the clip in seconds. */
  readonly seconds: number;
  /** Pictures a second of the film as it was shot or transferred (not of the restored clip). */
  readonly frameRate: number;
  /** Steps a second and the time of one step, when the picture moves periodically as walking people do. */
  readonly cadence?: { readonly hz: number; readonly phaseSeconds: number };
  /** Moments of the cuts, in seconds, ascending. */
  readonly cuts: readonly number[];
}

/** Fills one quantum of `out`, overwriting it; called with times that advance by exactly one quantum. */
export type Voice = (out: Stereo, seconds: number, motion: MotionSample) => void;

export type VoiceMaker = (score: Score) => Voice;
