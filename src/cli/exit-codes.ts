/** Exit statuses of `lumiere`, by what went wrong; the table in the README is checked against this one. */
import type { ErrorCode } from '../engine/errors.ts';

export const exitCodes = {
  /** Done. */
  ok: 0,
  /** A fault in Lumière itself. */
  bug: 1,
  /** The command line or a setting was not understood, or names what is not there. */
  usage: 2,
  /** The file that was given cannot be used. */
  input: 3,
  /** The result cannot be written. */
  output: 4,
  /** Weights are missing, damaged or cannot be fetched. */
  model: 5,
  /** The device cannot run a network. */
  device: 6,
  /** The machine lacks a program or memory. */
  tool: 7,
  /** The usage log was changed by somebody else. */
  altered: 8,
  /** Nothing proves that the file was made here. */
  unproven: 9,
  /** Stopped by Ctrl-C or a termination signal. */
  cancelled: 130,
} as const;

/** The exit status for an error's code: decided by the part before the dot. */
export function exitCodeOf(code: ErrorCode): number {
  const [subject] = code.split('.') as [string];
  switch (subject) {
    case 'request':
    case 'provenance':
      return exitCodes.usage;
    case 'job':
      return exitCodes.cancelled;
    case 'photo':
    case 'face':
    case 'speech':
    case 'driver':
    case 'track':
      return exitCodes.input;
    case 'audit':
      return exitCodes.tool;
    case 'input':
    case 'output':
    case 'model':
    case 'device':
    case 'tool':
      return exitCodes[subject];
    default:
      return exitCodes.bug;
  }
}
